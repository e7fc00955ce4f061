/** The k largest log-probabilities of each row and their classes: a selection among the values, then x − max − log1p(others) of the selected. */
import type { TopJob } from '../jobs.js';
import { selectLargest } from '../largest.js';
import { readStrided } from '../source.js';
import { cap, cool, exponentials, hopeless, loadRow, rowScratch } from './softmaxRow.js';

export function runTopLogProbs(job: TopJob): void {
  const { outer, classes, inner, input, k, softcap, temperature, indices, logProbs } = job;
  const row = rowScratch(classes);
  const values = new Float64Array(k);
  const ids = new Int32Array(k);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      readStrided(input, o * classes * inner + j, inner, classes, row, 0);
      if (softcap > 0) cap(row, classes, softcap);
      selectLargest(row, classes, k, values, ids);
      const best = loadRow(row, 0, 1, classes, row);
      const max = row[best];
      if (temperature !== 1 && !hopeless(max)) cool(row, classes, max, temperature);
      const tail = hopeless(max) ? NaN : Math.log1p(exponentials(row, classes, best));
      for (let n = 0, at = o * k * inner + j; n < k; n++, at += inner) {
        indices[at] = ids[n];
        logProbs[at] = 0 - (tail + (max - values[n]) / temperature);
      }
    }
  }
}
