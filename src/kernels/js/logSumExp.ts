/** log Σ e^x; its gradient is softmax. */
import { exponentials, fillRow, hopeless, loadRow, rowScratch } from './softmaxRow.js';
import type { PlainLoop } from './types.js';

export const logSumExp: PlainLoop = (x, xAt, xStep, g, gAt, gStep, classes, scale, result) => {
  const row = rowScratch(classes);
  const best = loadRow(x, xAt, xStep, classes, row);
  const max = row[best];
  result[1] = 0;
  if (hopeless(max)) {
    result[0] = NaN;
    if (g !== null) fillRow(g, gAt, gStep, classes, NaN);
    return;
  }
  const others = exponentials(row, classes, best);
  result[0] = max + Math.log1p(others);
  if (g === null) return;
  const share = scale / (1 + others);
  for (let c = 0, i = gAt; c < classes; c++, i += gStep) g[i] = row[c] * share;
};
