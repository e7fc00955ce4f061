/** Runs a loss over many points of a curve: one call, or one a point where 'mean' has weights of its own to divide by. Knows no loss. */
import type { AnyLoss } from '../catalogue.js';
import type { OptionValues } from '../options.js';

export type Gradient = Float64Array | Readonly<Record<string, Float64Array>>;
/** The arguments of points [first, first + count). */
export type Arguments = (first: number, count: number) => readonly unknown[];

/** `take` is handed the losses and the gradient of points from `first` on. */
export function run(
  loss: AnyLoss,
  args: Arguments,
  points: number,
  { reduction, ...options }: OptionValues,
  shape: Readonly<Record<string, unknown>>,
  take: (losses: ArrayLike<number>, gradient: Gradient, first: number, count: number) => void,
): void {
  if (reduction === 'mean') {
    for (let i = 0; i < points; i++) {
      const { value, grad } = loss.valueAndGrad(...args(i, 1), { ...options, ...shape, reduction });
      take([value as number], grad, i, 1);
    }
    return;
  }
  const { value, grad } = loss.valueAndGrad(...args(0, points), { ...options, ...shape, reduction: 'none' });
  take(value as Float64Array, grad, 0, points);
}

/** `name(arguments, { options })`, as one would type it. */
export function codeLine(name: string, args: readonly string[], options: OptionValues): string {
  const written = Object.entries(options).map(([key, value]) => `${key}: ${literal(value)}`);
  const object = `{ ${written.join(', ')} }`;
  const long = `{\n    ${written.join(',\n    ')},\n  }`;
  const last = written.length ? [object.length <= LINE ? object : long] : [];
  const all = [...args, ...last];
  const line = `${name}.valueAndGrad(${all.join(', ')});`;
  return line.length <= LINE && !line.includes('\n')
    ? line
    : `${name}.valueAndGrad(\n  ${all.join(',\n  ')},\n);`;
}

/** What the panel holds without breaking. */
const LINE = 34;

const literal = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value}'`
    : Array.isArray(value)
      ? `[${value.map(short).join(', ')}]`
      : typeof value === 'number'
        ? short(value)
        : String(value);

/** At most six significant digits. */
export const short = (value: number): string => String(Number(value.toPrecision(6)));
export const list = (values: readonly number[]): string => `[${values.map(short).join(', ')}]`;
