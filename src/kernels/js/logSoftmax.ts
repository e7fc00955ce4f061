/** No loss; what it writes in the gradient's place is its value, x − log Σ e^x, as (x − max) − log1p of the others' sum. */
import { exponentials, fillRow, hopeless, loadRow, rowScratch } from './softmaxRow.js';
import type { PlainLoop } from './types.js';

export const logSoftmax: PlainLoop = (x, xAt, xStep, g, gAt, gStep, classes, _scale, result) => {
  result[0] = result[1] = 0;
  if (g === null) return;
  const row = rowScratch(classes);
  const best = loadRow(x, xAt, xStep, classes, row);
  const max = row[best];
  const tail = hopeless(max) ? NaN : Math.log1p(exponentials(row, classes, best));
  if (tail !== tail) {
    fillRow(g, gAt, gStep, classes, NaN);
    return;
  }
  for (let c = 0, i = gAt, j = xAt; c < classes; c++, i += gStep, j += xStep) g[i] = x[j] - max - tail;
};
