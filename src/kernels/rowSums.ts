/**
 * Adds up what belongs to one row of [outer, classes, inner], as the elements come by in order, in whatever stretches: where a pointwise kernel
 * gives one number an element and the call wants one a row. In float64, one after the other, so that a row's sum does not depend on the stretches.
 */
import type { Real, RowLayout } from './jobs.js';

let sums = new Float64Array(16);

export class RowSums {
  readonly #layout: RowLayout;
  readonly #into: Real;
  readonly #factor: number;
  /** The next element's place in a [classes, inner], and the row that its part begins with. */
  #position = 0;
  #row = 0;

  /** Row r's sum times `factor` goes to into[r]. One at a time: the sums are shared. */
  constructor(layout: RowLayout, into: Real, factor: number) {
    this.#layout = layout;
    this.#into = into;
    this.#factor = factor;
    if (sums.length < layout.inner) sums = new Float64Array(layout.inner);
    sums.fill(0, 0, layout.inner);
  }

  /** The next `count` elements, from values[at]. */
  add(values: Real, at: number, count: number): void {
    const { classes, inner } = this.#layout;
    for (const end = at + count; at < end;) {
      const run = Math.min(
        inner === 1 ? classes - this.#position : inner - (this.#position % inner),
        end - at,
      );
      if (inner === 1) sums[0] = sumOf(values, at, run, sums[0]);
      else {
        const first = this.#position % inner;
        for (let i = 0; i < run; i++) sums[first + i] += values[at + i];
      }
      at += run;
      this.#position += run;
      if (this.#position === classes * inner) this.#finish();
    }
  }

  #finish(): void {
    const { inner } = this.#layout;
    for (let j = 0; j < inner; j++) this.#into[this.#row + j] = sums[j] * this.#factor;
    sums.fill(0, 0, inner);
    this.#row += inner;
    this.#position = 0;
  }
}

function sumOf(values: Real, at: number, count: number, sum: number): number {
  for (let i = 0; i < count; i++) sum += values[at + i];
  return sum;
}
