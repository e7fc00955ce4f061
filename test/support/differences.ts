/** The derivative of a sample's reference loss by central differences: values alone, no formula of a gradient. */
import type { ReferenceOptions } from '../reference/index.js';
import { answer, places, type Sample } from './sample.js';

/** With five points the error of the difference is of order STEP^4, far below 1e-8, and rounding adds 1e-13. */
const STEP = 1e-3;

/** One gradient an input that has one; `total` makes the one number that is differentiated from the losses. */
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
    Float64Array.from(
      input,
      (_, i) =>
        (8 * (at(input as Float64Array, i, STEP) - at(input as Float64Array, i, -STEP)) -
          (at(input as Float64Array, i, 2 * STEP) - at(input as Float64Array, i, -2 * STEP))) /
        (12 * STEP),
    ),
  );
}
