/** Mean, sum and none: what the value is divided by, what the gradient is multiplied by, and the arrays both go to. */
import type { Dtype, Real } from './kernels/jobs.js';
import type { Source } from './kernels/source.js';
import { kindOf, type Settled } from './options.js';
import { parseNumbers, tagOf } from './tensor.js';
import type { Reduction } from './types.js';

export interface Plan {
  readonly reduction: Reduction;
  /** What 'mean' divides by. */
  readonly divisor: number;
  /** The scalar factor of the gradient: gradOutput / divisor, 0 where nothing counts. */
  readonly scale: number;
  readonly gradOutput: Source | null;
  readonly grad: Real | null;
  readonly out: Real | null;
}

/** What of `options` concerns the reduction, checked. `losses`: how many there are under 'none'; `counted`: what 'mean' divides by by itself. */
export function planReduction(
  fn: string,
  options: Settled,
  dtype: Dtype,
  elements: number,
  losses: number,
  counted: number,
  wantGrad: boolean,
  inputs: readonly Source[],
  others: readonly (Source | null | undefined)[],
): Plan {
  const reduction = options.reduction as Reduction;
  const own = options.divisor as number | null;
  const divisor = own ?? counted;
  let factor = 1;
  let gradOutput: Source | null = null;
  const upstream = options.gradOutput;
  if (typeof upstream === 'number') factor = upstream;
  else if (reduction !== 'none') {
    throw new TypeError(
      `${fn}: gradOutput is ${kindOf(upstream)}, expected a number under reduction '${reduction}' (an array goes with 'none')`,
    );
  } else {
    const parsed = parseNumbers(fn, 'gradOutput', upstream, dtype);
    if (parsed.length !== losses)
      throw new RangeError(`${fn}: gradOutput has ${parsed.length} elements, expected ${losses}, one a loss`);
    gradOutput = parsed;
  }
  if (options.out !== null && reduction !== 'none') {
    throw new TypeError(
      `${fn}: out is given under reduction '${reduction}', expected it only with reduction 'none'`,
    );
  }
  const out = reduction === 'none' ? takeArray(fn, 'out', options.out, dtype, losses) : null;
  const grad = wantGrad ? takeArray(fn, 'grad', options.grad, dtype, elements) : null;
  if (grad && options.grad !== null) {
    for (const input of inputs) checkOverlap(fn, 'grad', grad, input.data, true);
    for (const other of others) checkOverlap(fn, 'grad', grad, other?.data, false);
    checkOverlap(fn, 'grad', grad, gradOutput?.data, false);
  }
  if (out && options.out !== null) {
    for (const input of inputs) checkOverlap(fn, 'out', out, input.data, false);
    for (const other of others) checkOverlap(fn, 'out', out, other?.data, false);
    checkOverlap(fn, 'out', out, gradOutput?.data, false);
    checkOverlap(fn, 'out', out, grad, false);
  }
  const scale = reduction === 'mean' ? (divisor === 0 ? 0 : factor / divisor) : factor;
  return { reduction, divisor, scale, gradOutput, grad, out };
}

/** The mean or sum from the total. */
export function reduced(reduction: Reduction, total: number, divisor: number): number {
  return reduction === 'mean' ? total / divisor : total;
}

/** The array given for a result, checked, or a new one. */
export function takeArray(fn: string, name: string, given: unknown, dtype: Dtype, length: number): Real {
  if (given === null) return dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  const wanted = dtype === 'float32' ? 'Float32Array' : 'Float64Array';
  if (!(given instanceof (dtype === 'float32' ? Float32Array : Float64Array)) && tagOf(given) !== wanted)
    throw new TypeError(`${fn}: ${name} is ${kindOf(given)}, expected a ${wanted}`);
  const array = given as Real;
  if (array.length !== length)
    throw new RangeError(`${fn}: ${name} has ${array.length} elements, expected ${length}`);
  return array;
}

/** Refuses memory shared with `other`, unless in place is `allowed` and it is the very same stretch. */
function checkOverlap(fn: string, name: string, target: Real, other: unknown, allowed: boolean): void {
  if (other === null || other === undefined || (other === target && allowed)) return;
  if (!ArrayBuffer.isView(other) || other.buffer !== target.buffer) return;
  const from = target.byteOffset;
  const to = from + target.byteLength;
  const otherTo = other.byteOffset + other.byteLength;
  if (other.byteOffset >= to || from >= otherTo) return;
  if (allowed && other.byteOffset === from && otherTo === to && tagOf(other) === tagOf(target)) return;
  const inPlace = name === 'grad' ? ' or exactly an input (in place)' : '';
  throw new RangeError(`${fn}: ${name} overlaps an input or option, expected memory of its own${inPlace}`);
}
