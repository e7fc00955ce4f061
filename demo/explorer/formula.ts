/** Formulas in a small part of TeX's notation as MathML, which all engines show. Knows no loss. */
const MATHML = 'http://www.w3.org/1998/Math/MathML';

const SYMBOLS: Readonly<Record<string, string>> = {
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  epsilon: 'ε',
  sigma: 'σ',
  tau: 'τ',
  pi: 'π',
  rho: 'ρ',
  ell: 'ℓ',
};
const OPERATORS: Readonly<Record<string, string>> = {
  cdot: '·',
  le: '≤',
  ge: '≥',
  ne: '≠',
  in: '∈',
  notin: '∉',
  to: '→',
  pm: '±',
  '-': '−',
};
const LARGE: Readonly<Record<string, string>> = { sum: '∑', prod: '∏' };
const FUNCTIONS = new Set(['log', 'exp', 'max', 'min', 'cos', 'cosh', 'tanh']);

function element(tag: string, ...children: (Node | string)[]): Element {
  const made = document.createElementNS(MATHML, tag);
  made.append(...children);
  return made;
}

const row = (nodes: readonly Element[]): Element =>
  nodes.length === 1 ? nodes[0]! : element('mrow', ...nodes);

function operator(text: string, attributes: Readonly<Record<string, string>> = {}): Element {
  const made = element('mo', text);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function space(width: string): Element {
  const made = element('mspace');
  made.setAttribute('width', width);
  return made;
}

/** \name, a number, a capitalised abbreviation (TP, KL), or one character. */
const TOKENS = /\\[a-zA-Z]+|\\\\|\d+(?:\.\d+)?|[A-Z]{2,}|\S/g;

class Reader {
  private at = 0;
  constructor(private readonly tokens: readonly string[]) {}

  /** Up to one of these tokens, which is taken. */
  until(...ends: string[]): { nodes: Element[]; end: string | undefined } {
    const nodes: Element[] = [];
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at]!;
      if (ends.includes(token)) {
        this.at++;
        return { nodes, end: token };
      }
      nodes.push(this.scripted());
    }
    return { nodes, end: undefined };
  }

  private group(): Element {
    if (this.tokens[this.at] !== '{') return this.atom();
    this.at++;
    return row(this.until('}').nodes);
  }

  private scripted(): Element {
    const large = (this.tokens[this.at] ?? '').slice(1) in LARGE;
    const base = this.atom();
    let under: Element | undefined;
    let over: Element | undefined;
    for (;;) {
      const token = this.tokens[this.at];
      if (token !== '_' && token !== '^') break;
      this.at++;
      if (token === '_') under = this.group();
      else over = this.group();
    }
    if (under && over) return element('msubsup', base, under, over);
    if (under) return element(large ? 'munder' : 'msub', base, under);
    return over ? element('msup', base, over) : base;
  }

  private atom(): Element {
    const token = this.tokens[this.at++] ?? '';
    if (token === '{') {
      this.at--;
      return this.group();
    }
    if (token === '\\quad') return space('1em');
    if (token === '(') return this.brackets();
    if (!token.startsWith('\\')) {
      if (/^\d/.test(token)) return element('mn', token);
      if (/^[a-zA-Z]/.test(token)) return element('mi', token);
      // Bars and brackets as high as a line: what they hold is.
      return operator(
        OPERATORS[token] ?? token,
        token === '|' ? { stretchy: 'false', form: 'infix', lspace: '0', rspace: '0' } : {},
      );
    }
    const name = token.slice(1);
    switch (name) {
      case 'frac':
        return element('mfrac', this.group(), this.group());
      case 'text':
        return this.text();
      case 'cases':
        return this.cases();
    }
    if (name in SYMBOLS) return element('mi', SYMBOLS[name]!);
    if (name in LARGE) return operator(LARGE[name]!, { largeop: 'true', movablelimits: 'false' });
    // A function's name stands off its argument, but for a bracket.
    if (FUNCTIONS.has(name))
      return /^[({_^]/.test(this.tokens[this.at] ?? '')
        ? element('mi', name)
        : element('mrow', element('mi', name), space('0.17em'));
    return operator(OPERATORS[name] ?? name);
  }

  /** A group of its own, so that a power is the whole's; as high as a line, unless it holds a fraction. */
  private brackets(): Element {
    const { nodes } = this.until(')');
    const stretchy = String(nodes.some((node) => node.localName === 'mfrac' || node.querySelector('mfrac')));
    return element('mrow', operator('(', { stretchy }), ...nodes, operator(')', { stretchy }));
  }

  private text(): Element {
    this.at++;
    let words = '';
    while (this.tokens[this.at] !== '}' && this.at < this.tokens.length) words += this.tokens[this.at++];
    this.at++;
    return element('mtext', words);
  }

  private cases(): Element {
    this.at++;
    const rows: Element[] = [];
    let cells: Element[] = [];
    for (;;) {
      const { nodes, end } = this.until('&', '\\\\', '}');
      cells.push(element('mtd', row(nodes)));
      if (end === '&') continue;
      rows.push(element('mtr', ...cells));
      cells = [];
      if (end !== '\\\\') break;
    }
    const table = element('mtable', ...rows);
    table.setAttribute('class', 'cases');
    return element('mrow', operator('{', { stretchy: 'true', form: 'prefix' }), table);
  }
}

export function formula(tex: string): Element {
  const { nodes } = new Reader(tex.match(TOKENS) ?? []).until();
  const math = element('math', row(nodes));
  math.setAttribute('display', 'block');
  return math;
}
