/** Derivatives by central differences: values alone, no formula of a gradient. */
import { expect } from 'vitest';
import type { ReferenceOptions } from '../reference/index.js';
import { answer, places, type Sample } from './sample.js';

/** With five points the error of the difference is of order STEP^4, far below 1e-8, and rounding adds 1e-13. */
const STEP = 1e-3;

/** The derivative at 0 of a function of a small change. */
const quotient = (at: (h: number) => number): number =>
  (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP);

/** Of a sample's reference loss, one gradient an input that has one; `total` makes the one number that is differentiated from the losses. */
export function central(
  s: Sample,
  options: ReferenceOptions,
  total: (values: Float64Array) => number,
): Float64Array[] {
  const at = (input: Float64Array, i: number, h: number) => {
    const keep = input[i]!;
    input[i] = keep + h;
    const value = total(answer(s, options).values);
    input[i] = keep;
    return value;
  };
  return places(s.entry, s.inputs).map((input) =>
    Float64Array.from(input, (_, i) => quotient((h) => at(input as Float64Array, i, h))),
  );
}

/** Of a number that depends on several arrays, against gradients of the same names. */
export function expectSlopes<A extends Record<string, Float64Array>>(
  inputs: A,
  value: (at: A) => number,
  grads: Readonly<Record<string, ArrayLike<number>>>,
): void {
  for (const [name, x] of Object.entries(inputs)) {
    for (let i = 0; i < x.length; i++) {
      const moved = (h: number) => x.map((v, j) => (j === i ? v + h : v));
      const slope = quotient((h) => value({ ...inputs, [name]: moved(h) }));
      const got = grads[name]![i]!;
      if (!(Math.abs(got - slope) <= 1e-8 + 1e-6 * Math.abs(slope)))
        expect.fail(`gradient ${name}[${i}] is ${got}, the quotient ${slope}`);
    }
  }
}
