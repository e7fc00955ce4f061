/** How far values and gradients of anyone may be from the float64 truth, and how far they are. */
import type { Gradients } from './calls.js';

/** Far from the truth by more than this, relative to the value, or of a gradient to its element and a hundredth of that to the largest: wrong. */
export const TOLERANCE = 1e-4;

/** The largest errors of a value and its gradients, relative to the value and to the largest element. */
export interface Errors {
  readonly value: number;
  readonly grad: number;
}

/** What belongs at `at` of gradient number `output`. */
export interface Part {
  readonly output: number;
  readonly at: number;
  readonly values: Float64Array;
}
export interface Truth {
  readonly value: number;
  readonly parts: readonly Part[];
}

/** The errors, or what is wrong. */
export function judge({ value, parts }: Truth, got: number, outputs: Gradients): Errors | string {
  const error = Math.abs(got - value) / Math.abs(value);
  if (!(error <= TOLERANCE)) return `value is ${got}, expected ${value}`;
  let worst = 0;
  for (const part of parts) {
    const there = outputs[part.output];
    const largest = part.values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    for (const [i, want] of part.values.entries()) {
      const x = there[part.at + i];
      const off = Math.abs(x - want);
      if (!(off <= TOLERANCE * (Math.abs(want) + 0.01 * largest)))
        return `gradient ${part.output}, element ${part.at + i}: ${x}, expected ${want}`;
      worst = Math.max(worst, off / largest);
    }
  }
  return { value: error, grad: worst };
}
