/** Sliders, toggles, choices and copying, labelled and for keys and fingers as well. Knows no loss. */
import { h, newId } from './dom.js';

export interface Control<T> {
  readonly element: HTMLElement;
  /** Shows a value without telling anyone. */
  set(value: T): void;
}

interface Base {
  readonly label: string;
  readonly description?: string;
  /** For tests and styles: the row's data-name. */
  readonly name?: string;
}

/** A number as one reads it: at most four significant digits, a true minus. */
export function format(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size >= 1e5 || size < 1e-3
      ? value.toExponential(Math.max(0, digits - 2))
      : String(Number(value.toPrecision(digits)));
  return text.replace('-', '−');
}

const row = ({ name, description }: Base, head: HTMLElement, ...rest: HTMLElement[]): HTMLElement =>
  h(
    'div',
    { class: 'control', 'data-name': name },
    head,
    ...rest,
    description ? h('p', { class: 'hint' }, description) : null,
  );

export interface SliderOptions extends Base {
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly value: number;
  /** What the reset button goes back to; no button without it. */
  readonly initial?: number;
  /** Bounds of the number beside the slider, where it may leave the slider's range. */
  readonly allowed?: (value: number) => boolean;
  readonly onInput: (value: number) => void;
  /** A drag begins. */
  readonly onStart?: () => void;
}

/** A slider, a number beside it, and a button back to the default. */
export function slider(options: SliderOptions): Control<number> {
  const { label, min, max, value, initial, onInput, onStart, allowed } = options;
  const step = options.step ?? niceStep(max - min);
  const id = newId('slider');
  const range = h('input', { type: 'range', id, min, max, step });
  const number = h('input', {
    type: 'number',
    class: 'number',
    step: fineStep(step),
    'aria-label': `${label}, number`,
  });
  // The slider itself knows it only to the nearest of its steps.
  let now = value;
  const reset =
    initial === undefined
      ? null
      : h(
          'button',
          { type: 'button', class: 'reset', title: `Back to ${initial}`, 'aria-label': `Reset ${label}` },
          '↺',
        );
  const show = (to: number, but?: HTMLInputElement): void => {
    now = to;
    if (but !== range) range.value = String(to);
    if (but !== number) number.value = String(Number(to.toPrecision(6)));
    fill(range);
    reset?.toggleAttribute('disabled', to === initial);
  };
  const take = (to: number, from?: HTMLInputElement): void => {
    show(to, from);
    onInput(to);
  };
  if (onStart) range.addEventListener('pointerdown', onStart);
  range.addEventListener('input', () => take(range.valueAsNumber, range));
  number.addEventListener('input', () => {
    const to = number.valueAsNumber;
    const fits = Number.isFinite(to) && (allowed ? allowed(to) : to >= min && to <= max);
    number.setAttribute('aria-invalid', String(!fits));
    if (fits) take(to, number);
  });
  number.addEventListener('change', () => {
    if (number.getAttribute('aria-invalid') !== 'true') return;
    number.removeAttribute('aria-invalid');
    show(now);
  });
  reset?.addEventListener('click', () => {
    onStart?.();
    take(initial!);
    range.focus();
  });
  show(value);
  const head = h('div', { class: 'control-head' }, h('label', { for: id }, label), reset, number);
  return { element: row(options, head, range), set: (to) => show(to) };
}

/** Where a range's bar begins (at 0, or at its low end) and ends, for the style. */
export function fill(range: HTMLInputElement): void {
  const [min, max] = [Number(range.min), Number(range.max)];
  const part = (value: number): number => (Math.min(max, Math.max(min, value)) - min) / (max - min);
  const [from, to] = [part(0), part(range.valueAsNumber)];
  range.style.setProperty('--from', String(Math.min(from, to)));
  range.style.setProperty('--to', String(Math.max(from, to)));
}

/** 1, 2 or 5 times a power of ten, about a hundredth of the range: what a key press moves is seen. */
export function niceStep(range: number): number {
  const rough = range / 100;
  const power = 10 ** Math.floor(Math.log10(rough));
  // Between two of them the ratio decides, not the difference.
  const step = [1, 2, 5].find((factor) => rough < 1.45 * factor * power) ?? 10;
  return Number((step * power).toPrecision(1));
}

/** That of the number beside a slider: a tenth, where whole numbers are not all there is. */
export const fineStep = (step: number): number => (step >= 1 ? step : Number((step / 10).toPrecision(2)));

export interface ToggleOptions extends Base {
  readonly value: boolean;
  readonly onInput: (value: boolean) => void;
}

export function toggle(options: ToggleOptions): Control<boolean> {
  const box = h('input', { type: 'checkbox', class: 'switch' });
  box.checked = options.value;
  box.addEventListener('change', () => options.onInput(box.checked));
  const head = h('label', { class: 'control-head toggle' }, h('span', {}, options.label), box);
  return { element: row(options, head), set: (value) => void (box.checked = value) };
}

export interface ChoiceOptions<T extends string> extends Base {
  readonly choices: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onInput: (value: T) => void;
}

/** Radio buttons as one segmented bar. */
export function choice<T extends string>(options: ChoiceOptions<T>): Control<T> {
  const name = newId('choice');
  const inputs = options.choices.map(({ value, label }) => {
    const input = h('input', { type: 'radio', name, value });
    input.checked = value === options.value;
    input.addEventListener('change', () => options.onInput(value));
    return { input, element: h('label', {}, input, h('span', {}, label)) };
  });
  const group = h(
    'div',
    { class: 'segments', role: 'radiogroup', 'aria-label': options.label },
    ...inputs.map(({ element }) => element),
  );
  const head = h(
    'div',
    { class: 'control-head' },
    h('span', { class: 'label', 'aria-hidden': 'true' }, options.label),
  );
  return {
    element: row(options, head, group),
    set: (value) => inputs.forEach(({ input }) => void (input.checked = input.value === value)),
  };
}

/** A button that copies, and says whether it could. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'button copy', 'aria-live': 'polite' }, label);
  let timer = 0;
  button.addEventListener('click', async () => {
    const done = await copy(text());
    button.textContent = done ? 'Copied' : 'Could not copy';
    clearTimeout(timer);
    timer = window.setTimeout(() => void (button.textContent = label), 1600);
  });
  return button;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no clipboard outside secure contexts, or not allowed
  }
}
