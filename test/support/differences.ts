/** The derivative of a sample's reference loss by central differences: values alone, no formula of a gradient. */
import type { ReferenceOptions } from '../reference/index.js';
import { answer, type Sample } from './sample.js';

/** With five points the error of the difference is of order STEP^4, far below 1e-8, and rounding adds 1e-13. */
const STEP = 1e-3;

/** `total` makes the one number that is differentiated from the losses. */
export function central(
  s: Sample,
  options: ReferenceOptions,
  total: (values: Float64Array) => number,
): Float64Array {
  const at = (i: number, h: number) => {
    const keep = s.input[i]!;
    s.input[i] = keep + h;
    const value = total(answer(s, options).values);
    s.input[i] = keep;
    return value;
  };
  return s.input.map(
    (_, i) => (8 * (at(i, STEP) - at(i, -STEP)) - (at(i, 2 * STEP) - at(i, -2 * STEP))) / (12 * STEP),
  );
}
