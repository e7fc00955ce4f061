/**
 * Order of a row's values, with a NaN before every number, as PyTorch has it, and of equal ones the lower index first. Both backends come here
 * for rows without a softmax, some of which hold a NaN, which the WebAssembly kernels do not rank; the TypeScript loops for all rows.
 */
import type { Real } from './jobs.js';
import { elementOf, type Source } from './source.js';

/** The class of the first largest of `classes` elements at, at + step, … */
export function firstLargest(source: Source, at: number, step: number, classes: number): number {
  let best = 0;
  let most = elementOf(source, at);
  for (let c = 1; c < classes && most === most; c++) {
    const value = elementOf(source, at + c * step);
    if (value <= most) continue;
    most = value;
    best = c;
  }
  return best;
}

/** Whether value a at index i comes behind value b at index j. */
function behind(a: number, i: number, b: number, j: number): boolean {
  if (a < b) return true;
  if (a > b) return false;
  if (a === b || (a !== a && b !== b)) return i > j;
  return a === a;
}

/** Puts an element into the heap of k, whose root comes last in the order, from place i downwards. */
function sink(values: Real, ids: Int32Array, k: number, i: number, value: number, id: number): void {
  for (let child = 2 * i + 1; child < k; child = 2 * i + 1) {
    if (child + 1 < k && behind(values[child + 1], ids[child + 1], values[child], ids[child])) child++;
    if (!behind(values[child], ids[child], value, id)) break;
    values[i] = values[child];
    ids[i] = ids[child];
    i = child;
  }
  values[i] = value;
  ids[i] = id;
}

/** Of row[0 … classes) the k largest to values, in order, and their indices to ids. O(classes log k), whatever the row. */
export function selectLargest(row: Real, classes: number, k: number, values: Real, ids: Int32Array): void {
  for (let c = 0; c < k; c++) {
    values[c] = row[c];
    ids[c] = c;
  }
  for (let i = (k >> 1) - 1; i >= 0; i--) sink(values, ids, k, i, values[i], ids[i]);
  for (let c = k; c < classes; c++) {
    const value = row[c];
    if (value <= values[0]) continue;
    if (behind(values[0], ids[0], value, c)) sink(values, ids, k, 0, value, c);
  }
  for (let last = k - 1; last > 0; last--) {
    const value = values[last];
    const id = ids[last];
    values[last] = values[0];
    ids[last] = ids[0];
    sink(values, ids, last, 0, value, id);
  }
}
