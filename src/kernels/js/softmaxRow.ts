/**
 * What the softmax family shares: one row of logits in a reused float64 scratch, turned into exponentials with the maximum's own 1 kept out
 * of their sum, so that a confident row loses nothing: loss = log1p(others) + max − x_y, p_y − 1 = −(Σ − e_y)/Σ. Knows no loss.
 */
import type { Real } from '../jobs.js';

let scratch = new Float64Array(0);

/** The row scratch with room for `classes` values. The same array every time until a longer row comes. */
export function rowScratch(classes: number): Float64Array {
  if (scratch.length < classes) scratch = new Float64Array(Math.max(classes, 256));
  return scratch;
}

/** row[c] = x[at + c * step]; gives the index of the first maximum (0 where that is NaN). */
export function loadRow(x: Real, at: number, step: number, classes: number, row: Float64Array): number {
  let best = 0;
  let max = (row[0] = x[at]);
  for (let c = 1, i = at + step; c < classes; c++, i += step) {
    const v = (row[c] = x[i]);
    if (v > max) {
      max = v;
      best = c;
    }
  }
  return best;
}

/** The capped logits in place; gives the index of their first maximum (0 where that is NaN). */
export function cap(row: Float64Array, classes: number, softcap: number): number {
  let best = 0;
  for (let c = 0; c < classes; c++) {
    row[c] = softcap * Math.tanh(row[c] / softcap);
    if (row[c] > row[best]) best = c;
  }
  return best;
}

/** (x − max) / temperature in place: large logits divided first would lose the digits of their differences. */
export function cool(row: Float64Array, classes: number, max: number, temperature: number): void {
  for (let c = 0; c < classes; c++) row[c] = (row[c] - max) / temperature;
}

/** row[c] = e^(row[c] − row[best]) in place; gives the sum without row[best]'s own 1. NaN anywhere gives NaN. */
export function exponentials(row: Float64Array, classes: number, best: number): number {
  const max = row[best];
  let others = 0;
  for (let c = 0; c < best; c++) others += row[c] = Math.exp(row[c] - max);
  for (let c = best + 1; c < classes; c++) others += row[c] = Math.exp(row[c] - max);
  row[best] = 1;
  return others;
}

/** Whether a row with this maximum has no softmax: NaN, +inf or nothing but −inf. (A NaN behind the first place shows in the sum.) */
export function hopeless(max: number): boolean {
  return max - max !== 0;
}

/** g[at + c * step] = value over a row. */
export function fillRow(g: Real, at: number, step: number, classes: number, value: number): void {
  if (step === 1) g.fill(value, at, at + classes);
  else for (let c = 0, i = at; c < classes; c++, i += step) g[i] = value;
}
