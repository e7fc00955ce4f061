/**
 * Arrays that a call's checks fill for its kernels, and that the next call's fill again, so that a call allocates nothing. They belong to a call until
 * it has run: one that runs later keeps them. Knows no loss.
 */
import type { Dtype } from './kernels/jobs.js';
import { newReal, type Real } from './kernels/source.js';

let integers: Record<string, Int32Array> = {};
let reals: Partial<Record<Dtype, Real>> = {};

/** At least `length` integers, by the name of what they are. */
export function integerScratch(name: string, length: number): Int32Array {
  const found = integers[name];
  if (found && found.length >= length) return found;
  return (integers[name] = new Int32Array(length));
}

/** `length` reals of the dtype. */
export function realScratch(dtype: Dtype, length: number): Real {
  const found = reals[dtype];
  if (found?.length === length) return found;
  return (reals[dtype] = newReal(dtype, length));
}

/** Leaves them to the call that was checked last. */
export function keepScratch(): void {
  integers = {};
  reals = {};
}
