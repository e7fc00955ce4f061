/** Mean, sum and none: what the value is divided by, what the gradient is multiplied by, and the arrays both go to. */
import type { Dtype, Real } from './kernels/jobs.js';
import { newReal, type Source } from './kernels/source.js';
import { kindOf, type Settled } from './options.js';
import { type Input, parseNumbers, tagOf } from './tensor.js';
import type { Reduction } from './types.js';

export interface Plan {
  readonly reduction: Reduction;
  /** What 'mean' divides by. */
  readonly divisor: number;
  /** The scalar factor of the gradient: gradOutput / divisor, 0 where nothing counts. */
  readonly scale: number;
  /** One upstream gradient a loss, under 'none'. */
  readonly gradOutput: Input | null;
  readonly out: Real | null;
}

/** The arrays that gradients go to, by input; null: not wanted. */
export type Gradients = Readonly<Record<string, Real | null>>;

/**
 * What of `options` concerns the reduction, checked. `losses`: how many there are under 'none'; `counted`: what 'mean' divides by by itself,
 * `batch` what 'batchmean' does. Without gradient the upstream one is not looked at.
 */
export function planReduction(
  fn: string,
  options: Settled,
  dtype: Dtype,
  losses: number,
  counted: number,
  wantGrad: boolean,
  batch = 1,
): Plan {
  const reduction = options.reduction as Reduction;
  const own = options.divisor as number | null;
  const divisor = reduction === 'batchmean' ? batch : (own ?? counted);
  let factor = 1;
  let gradOutput: Input | null = null;
  const upstream = wantGrad ? options.gradOutput : 1;
  if (typeof upstream === 'number') factor = upstream;
  else if (reduction !== 'none') {
    throw new TypeError(
      `${fn}: gradOutput is ${kindOf(upstream)}, expected a number under reduction '${reduction}' (an array goes with 'none')`,
    );
  } else gradOutput = takeUpstream(fn, upstream, dtype, losses);
  if (options.out !== null && reduction !== 'none') {
    throw new TypeError(
      `${fn}: out is given under reduction '${reduction}', expected it only with reduction 'none'`,
    );
  }
  const out = reduction === 'none' ? takeArray(fn, 'out', options.out, dtype, losses) : null;
  const scale = isMean(reduction) ? (divisor === 0 ? 0 : factor / divisor) : factor;
  return { reduction, divisor, scale, gradOutput, out };
}

/** An array of upstream gradients, one a loss. */
export function takeUpstream(fn: string, given: unknown, dtype: Dtype, losses: number): Input {
  const parsed = parseNumbers(fn, 'gradOutput', given, dtype);
  if (parsed.length === losses) return parsed;
  throw new RangeError(`${fn}: gradOutput has ${parsed.length} elements, expected ${losses}, one a loss`);
}

/** The arrays given in `options.grad` for the gradients of these lengths, checked, or new ones. */
export function takeGradients(
  fn: string,
  given: unknown,
  dtype: Dtype,
  lengths: Readonly<Record<string, number>>,
): Gradients {
  const names = Object.keys(lengths);
  if (given !== null && (typeof given !== 'object' || Array.isArray(given) || ArrayBuffer.isView(given))) {
    throw new TypeError(`${fn}: grad is ${kindOf(given)}, expected an object { ${names.join(', ')} }`);
  }
  const asked = (given ?? {}) as Record<string, unknown>;
  for (const name in asked) {
    if (!(name in lengths))
      throw new TypeError(`${fn}: grad has an unknown key '${name}', expected ${names.join(', ')}`);
  }
  const arrays: Record<string, Real | null> = {};
  for (const name of names)
    arrays[name] =
      asked[name] === null ? null : takeArray(fn, `grad.${name}`, asked[name] ?? null, dtype, lengths[name]);
  return arrays;
}

/** Refuses results that share memory with each other or with what is read; a gradient may take the very place of an input. */
export function checkMemory(
  fn: string,
  gradients: Gradients,
  out: Real | null,
  inputs: readonly Source[],
  others: readonly (Source | null | undefined)[],
): void {
  const written: [string, Real][] = [];
  for (const [key, gradient] of Object.entries(gradients)) {
    if (!gradient) continue;
    const name = key === 'grad' ? key : `grad.${key}`;
    for (const input of inputs) checkOverlap(fn, name, gradient, input.data, true);
    for (const other of others) checkOverlap(fn, name, gradient, other?.data, false);
    for (const [, earlier] of written) checkOverlap(fn, name, gradient, earlier, false);
    written.push([name, gradient]);
  }
  if (!out) return;
  for (const source of [...inputs, ...others]) checkOverlap(fn, 'out', out, source?.data, false);
  for (const [, gradient] of written) checkOverlap(fn, 'out', out, gradient, false);
}

/** Whether the total is divided. */
function isMean(reduction: Reduction): boolean {
  return reduction === 'mean' || reduction === 'batchmean';
}

/** The mean or sum from the total. */
export function reduced(reduction: Reduction, total: number, divisor: number): number {
  return isMean(reduction) ? total / divisor : total;
}

/** The array given for a result, checked, or a new one. */
export function takeArray(fn: string, name: string, given: unknown, dtype: Dtype, length: number): Real {
  if (given === null) return newReal(dtype, length);
  const wanted = dtype === 'float32' ? 'Float32Array' : 'Float64Array';
  if (!(given instanceof (dtype === 'float32' ? Float32Array : Float64Array)) && tagOf(given) !== wanted)
    throw new TypeError(`${fn}: ${name} is ${kindOf(given)}, expected a ${wanted}`);
  const array = given as Real;
  if (array.length !== length)
    throw new RangeError(`${fn}: ${name} has ${array.length} elements, expected ${length}`);
  return array;
}

/** Whether both are the very same stretch of memory. */
export function sameMemory(a: Real, b: unknown): boolean {
  return ArrayBuffer.isView(b) && a.buffer === b.buffer && a.byteOffset === b.byteOffset;
}

/** Refuses memory shared with `other`, unless in place is `allowed` and it is the very same stretch. */
export function checkOverlap(fn: string, name: string, target: Real, other: unknown, allowed: boolean): void {
  if (other === null || other === undefined || (other === target && allowed)) return;
  if (!ArrayBuffer.isView(other) || other.buffer !== target.buffer) return;
  const from = target.byteOffset;
  const to = from + target.byteLength;
  const otherTo = other.byteOffset + other.byteLength;
  if (other.byteOffset >= to || from >= otherTo) return;
  if (allowed && other.byteOffset === from && otherTo === to && tagOf(other) === tagOf(target)) return;
  const inPlace = allowed ? ' or exactly an input (in place)' : '';
  throw new RangeError(`${fn}: ${name} overlaps an input or option, expected memory of its own${inPlace}`);
}
