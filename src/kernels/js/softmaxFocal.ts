/**
 * w_y q^γ nll with q = 1 − p_y = Σ_{c≠y} e_c / Σ. With F = q^γ (q + γ p_y nll) the gradient is −F at y and F e_c / Σ_{c≠y} e elsewhere:
 * no negative power of q is ever formed.
 */
import { weighted } from './scalar.js';
import { exponentials, fillRow, hopeless, loadRow, rowScratch } from './softmaxRow.js';
import type { IndexLoop } from './types.js';

export const softmaxFocal: IndexLoop = (
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
  const gamma = constants[0];
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
  const power = gamma === 2 ? q * q : Math.pow(q, gamma);
  result[0] = weighted(power * nll, w);
  if (g === null) return;

  const force = scale * w * power * (q + weighted(nll, (gamma * row[y]) / sum));
  const up = rest === 0 ? 0 : force / rest;
  for (let c = 0, i = gAt; c < classes; c++, i += gStep) g[i] = up * row[c];
  g[gAt + y * gStep] = -force;
};
