// A small SVG writer: one panel a task, in it one curve an experiment.
export interface Series {
  label: string;
  values: number[];
}

export interface Panel {
  title: string;
  epochs: number;
  series: Series[];
}

/** Okabe and Ito's colours without yellow, told apart with every kind of colour vision: one a loss, one dash a parameter. */
const COLOURS = ['#000000', '#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'];
const DASHES = ['none', '7 3', '2 2', '9 3 2 3', '1 4'];
const FONT = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"';
const INK = '#1f2328';
const PALE = '#d8dee4';

const PANEL = { width: 610, height: 330, left: 76, top: 44, right: 252, bottom: 50 };
const COLUMNS = 2;
const HEAD = 44;

/** The loss in a label such as `hinge, margin 3`. */
const family = (label: string): string => label.split(',')[0];

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const fixed = (value: number): string => String(Math.round(value * 10) / 10);

function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${more}>${escape(content)}</text>`;
}

/** 0.01, 0.02, 0.05, 0.1, …, 1: the marks of a logarithmic axis that lie at or above `low`. */
function ticksDownTo(low: number): number[] {
  const ticks: number[] = [];
  for (let decade = 0; decade >= -4; decade--) {
    for (const digit of [5, 2, 1])
      if (digit * 10 ** decade <= 1) ticks.push(Number((digit * 10 ** decade).toPrecision(1)));
    if (10 ** decade <= low) break;
  }
  const below = ticks.filter((tick) => tick < low);
  return ticks.filter((tick) => tick >= low || tick === below[0]);
}

function panel({ title, epochs, series }: Panel): string {
  const { left, top } = PANEL;
  const width = PANEL.width - left - PANEL.right;
  const height = PANEL.height - top - PANEL.bottom;
  const values = series.flatMap((one) => one.values);
  const ticks = ticksDownTo(Math.min(...values));
  const [low, high] = [Math.log(ticks[ticks.length - 1]), Math.log(Math.max(1, ...values))];
  const last = series[0].values.length - 1;
  const x = (i: number): number => left + (width * i) / last;
  const y = (value: number): number => top + (height * (high - Math.log(value))) / (high - low);

  const parts = [text(left, top - 14, title, 'font-size="16" font-weight="600"')];
  for (const tick of ticks) {
    parts.push(`<path d="M${left} ${fixed(y(tick))}h${width}" stroke="${PALE}"/>`);
    parts.push(text(left - 7, y(tick) + 4, String(tick), 'text-anchor="end"'));
  }
  const stride = Math.ceil(epochs / 6);
  for (let epoch = 0; epoch <= epochs; epoch += stride) {
    const at = x((epoch / epochs) * last);
    parts.push(`<path d="M${fixed(at)} ${top + height}v4" stroke="${INK}"/>`);
    parts.push(text(at, top + height + 18, String(epoch), 'text-anchor="middle"'));
  }
  parts.push(`<path d="M${left} ${top}v${height}h${width}" fill="none" stroke="${INK}"/>`);
  parts.push(text(left + width / 2, top + height + 37, 'epoch', 'text-anchor="middle"'));
  const middle = top + height / 2;
  parts.push(
    text(
      13,
      middle,
      'loss ÷ loss before',
      `text-anchor="middle" transform="rotate(-90 13 ${fixed(middle)})"`,
    ),
  );

  const families = [...new Set(series.map(({ label }) => family(label)))];
  const drawn = new Map<string, number>();
  series.forEach(({ label, values: curve }, s) => {
    const variant = drawn.get(family(label)) ?? 0;
    drawn.set(family(label), variant + 1);
    const colour = COLOURS[families.indexOf(family(label)) % COLOURS.length];
    const stroke = `stroke="${colour}" stroke-width="2" stroke-dasharray="${DASHES[variant % DASHES.length]}"`;
    const points = curve.map((value, i) => `${fixed(x(i))},${fixed(y(value))}`).join(' ');
    parts.push(`<polyline points="${points}" fill="none" stroke-linejoin="round" ${stroke}/>`);
    const row = top + 6 + s * 20;
    parts.push(`<path d="M${left + width + 16} ${row}h30" ${stroke}/>`);
    parts.push(text(left + width + 54, row + 4, label));
  });
  return parts.join('\n');
}

/** The panels two by two on an explicit white ground, so that the picture reads on dark pages as well. */
export function lossChart(title: string, panels: Panel[]): string {
  const width = COLUMNS * PANEL.width;
  const height = HEAD + Math.ceil(panels.length / COLUMNS) * PANEL.height;
  const groups = panels.map((one, i) => {
    const [x, y] = [(i % COLUMNS) * PANEL.width, HEAD + Math.floor(i / COLUMNS) * PANEL.height];
    return `<g transform="translate(${x} ${y})">\n${panel(one)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escape(title)}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<g ${FONT} font-size="14" fill="${INK}">
${text(20, 28, title, 'font-size="18" font-weight="600"')}
${groups.join('\n')}
</g>
</svg>
`;
}
