/**
 * w_y (nll + ε q) with q = 1 − p_y = Σ_{c≠y} e_c / Σ; for a negative ε as w_y ((1 + ε) q + (nll − q)), since both terms nearly cancel in a
 * confident row. Gradient w_y (1 + ε p_y) (p_c − [c = y]), at y itself −w_y (1 + ε p_y) q: nothing cancels.
 */
import { weighted } from './scalar.js';
import { exponentials, fillRow, hopeless, loadRow, rowScratch } from './softmaxRow.js';
import type { IndexLoop } from './types.js';

/** −log(1 − q) − q; to ¼ by its series q² (½ + q/3 + …). */
function beyond(nll: number, q: number): number {
  if (!(q < 0.25)) return nll - q;
  let sum = 0;
  for (let k = 28; k >= 2; k--) sum = sum * q + 1 / k;
  return q * q * sum;
}

export const poly1: IndexLoop = (
  x,
  xAt,
  xStep,
  g,
  gAt,
  gStep,
  classes,
  y,
  w,
  scale,
  constants,
  _classWeight,
  result,
) => {
  const epsilon = constants[0];
  const row = rowScratch(classes);
  const best = loadRow(x, xAt, xStep, classes, row);
  const max = row[best];
  result[1] = 0;
  if (hopeless(max)) {
    result[0] = NaN;
    if (g !== null) fillRow(g, gAt, gStep, classes, NaN);
    return;
  }
  const behind = max - row[y];
  const others = exponentials(row, classes, best);
  const nll = Math.log1p(others) + behind;
  const sum = 1 + others;
  const rest = y === best ? others : sum - row[y];
  const q = rest / sum;
  const negative = epsilon < 0;
  result[0] = weighted(negative ? (1 + epsilon) * q + beyond(nll, q) : nll + epsilon * q, w);
  if (g === null) return;

  const bend = negative ? 1 + epsilon - epsilon * q : 1 + epsilon * (row[y] / sum);
  const up = (scale * w * bend) / sum;
  for (let c = 0, i = gAt; c < classes; c++, i += gStep) g[i] = up * row[c];
  g[gAt + y * gStep] = -up * rest;
};
