/** The fallback's softmax and sigmoid: no loss, but the same scratch row and the same scalars. `out` may be the input array. */
import type { Real } from '../jobs.js';
import { readSource, readStrided, type Source } from '../source.js';
import { sigmoidOf } from './scalar.js';
import { exponentials, fillRow, hopeless, rowScratch } from './softmaxRow.js';

/** Softmax over rows: class c of row o * inner + j is element (o * classes + c) * inner + j. */
export function softmax(source: Source, outer: number, classes: number, inner: number, out: Real): void {
  if (classes === 0) return;
  const row = rowScratch(classes);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const at = o * classes * inner + j;
      readStrided(source, at, inner, classes, row, 0);
      let best = 0;
      for (let c = 1; c < classes; c++) if (row[c] > row[best]) best = c;
      if (hopeless(row[best])) {
        fillRow(out, at, inner, classes, NaN);
        continue;
      }
      const share = 1 / (1 + exponentials(row, classes, best));
      for (let c = 0, i = at; c < classes; c++, i += inner) out[i] = row[c] * share;
    }
  }
}

const stretch = 1024;
let temporary: Float64Array | undefined;

/** out[i] = σ(source[i]) for i in [0, n). */
export function sigmoid(source: Source, n: number, out: Real): void {
  const x = (temporary ??= new Float64Array(stretch));
  for (let at = 0; at < n; at += stretch) {
    const count = Math.min(stretch, n - at);
    readSource(source, at, count, x, 0);
    for (let i = 0; i < count; i++) out[at + i] = sigmoidOf(x[i]);
  }
}
