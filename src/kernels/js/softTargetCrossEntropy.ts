/**
 * Σ a_c (lse − x_c) with a_c = w_c ((1 − ε) q_c + ε/C), 0 * inf = 0. Gradient A p_c − a_c, A = Σ a, written (A − a_c) p_c − a_c (1 − p_c)
 * and with A − a and 1 − p summed without the maximum's own share, so that a confident row loses nothing.
 */
import { weighted } from './scalar.js';
import { exponentials, fillRow, hopeless, loadRow, rowScratch } from './softmaxRow.js';
import type { SoftLoop } from './types.js';

export const softTargetCrossEntropy: SoftLoop = (
  x,
  xAt,
  xStep,
  q,
  qAt,
  qStep,
  g,
  gAt,
  gStep,
  classes,
  scale,
  constants,
  classWeight,
  result,
) => {
  const keep = 1 - constants[0];
  const even = constants[0] / classes;
  const row = rowScratch(classes);
  const best = loadRow(x, xAt, xStep, classes, row);
  const max = row[best];
  result[1] = 0;
  if (hopeless(max)) {
    result[0] = NaN;
    if (g !== null) fillRow(g, gAt, gStep, classes, NaN);
    return;
  }
  const bestShare = (keep * q[qAt + best * qStep] + even) * (classWeight ? classWeight[best] : 1);
  let otherShares = 0;
  let spread = 0;
  for (let c = 0, i = qAt; c < classes; c++, i += qStep) {
    if (c === best) continue;
    const a = (keep * q[i] + even) * (classWeight ? classWeight[c] : 1);
    otherShares += a;
    spread += weighted(max - row[c], a);
  }
  const shares = otherShares + bestShare;
  const others = exponentials(row, classes, best);
  result[0] = spread + Math.log1p(others) * shares;
  if (g === null) return;

  const sum = 1 + others;
  const k = scale / sum;
  for (let c = 0, i = gAt, j = qAt; c < classes; c++, i += gStep, j += qStep) {
    const a = (keep * q[j] + even) * (classWeight ? classWeight[c] : 1);
    g[i] = k * ((shares - a) * row[c] - a * (sum - row[c]));
  }
  g[gAt + best * gStep] = k * (otherShares - bestShare * others);
};
