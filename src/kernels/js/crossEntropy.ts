/**
 * (1 − ε) w_y nll_y + (ε/C) Σ w_c nll_c, and the z term zLoss * lse², over x = softcap * tanh(logit/softcap) / temperature.
 * Gradient: p_c ((1 − ε) w_y + (ε/C) Σw + 2 zLoss zRatio lse) − (1 − ε) w_y [c = y] − (ε/C) w_c, times dx/dlogit.
 */
import type { Real } from '../jobs.js';
import { firstLargest } from '../largest.js';
import { tanhSlope, weighted } from './scalar.js';
import { cap, cool, exponentials, fillRow, hopeless, loadRow, rowScratch } from './softmaxRow.js';
import type { IndexLoop } from './types.js';

/** Σ w_c (max − x_c). */
function distances(
  row: Float64Array,
  classes: number,
  max: number,
  classWeight: ArrayLike<number> | null,
): number {
  let sum = 0;
  for (let c = 0; c < classes; c++)
    sum += classWeight ? weighted(max - row[c], classWeight[c]) : max - row[c];
  return sum;
}

/** As `exponentials`; the entropy log1p(S) + Σ e (max − x) / (1 + S) goes to result[2], the first maximum to result[3]. */
function withEntropy(row: Float64Array, classes: number, best: number, result: Float64Array): number {
  const max = row[best];
  let others = 0;
  let gaps = 0;
  for (let c = 0; c < classes; c++) {
    if (c === best) continue;
    const depth = row[c] - max;
    const e = (row[c] = Math.exp(depth));
    others += e;
    gaps -= weighted(depth, e);
  }
  row[best] = 1;
  result[2] = Math.log1p(others) + gaps / (1 + others);
  result[3] = best;
  return others;
}

/** The statistics of a row that has no softmax. */
function withoutEntropy(x: Real, at: number, step: number, classes: number, result: Float64Array): void {
  result[2] = NaN;
  result[3] = firstLargest({ data: x, format: 'same' }, at, step, classes);
}

export const crossEntropy: IndexLoop = (
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
  classWeight,
  result,
) => {
  const smoothing = constants[0];
  const zLoss = constants[1];
  const softcap = constants[2];
  const temperature = constants[3];
  const row = rowScratch(classes);
  let best = loadRow(x, xAt, xStep, classes, row);
  if (softcap > 0) best = cap(row, classes, softcap);
  let max = row[best];
  const stats = constants[6] === 1;
  if (hopeless(max)) {
    result[0] = NaN;
    result[1] = zLoss > 0 ? NaN : 0;
    if (stats) withoutEntropy(x, xAt, xStep, classes, result);
    if (g !== null) fillRow(g, gAt, gStep, classes, NaN);
    return;
  }
  const lift = max / temperature;
  if (temperature !== 1) {
    cool(row, classes, max, temperature);
    max = 0;
  }
  const behind = max - row[y];
  const spread = smoothing > 0 ? distances(row, classes, max, classWeight) : 0;
  const others = stats ? withEntropy(row, classes, best, result) : exponentials(row, classes, best);
  if (others !== others && stats) withoutEntropy(x, xAt, xStep, classes, result);
  const tail = Math.log1p(others);
  const lse = lift + tail;
  const hard = (1 - smoothing) * w;
  const soft = smoothing / classes;
  const sumWeight = classWeight ? constants[5] : classes;
  const nll = weighted(tail + behind, hard);
  result[0] = smoothing > 0 ? nll + weighted(tail * sumWeight + spread, soft) : nll;
  result[1] = zLoss > 0 ? zLoss * lse * lse : 0;
  if (g === null) return;

  const sum = 1 + others;
  const even = soft * sumWeight + 2 * zLoss * constants[4] * lse;
  const k = scale / temperature;
  const up = (k * (hard + even)) / sum;
  const down = k * soft;
  const rest = y === best ? others : sum - row[y];
  const own = (k * (even * row[y] - hard * rest)) / sum - down * w;
  const ownSlope = softcap > 0 ? tanhSlope(x[xAt + y * xStep] / softcap) : 1;
  if (softcap > 0) {
    for (let c = 0, i = gAt, j = xAt; c < classes; c++, i += gStep, j += xStep) {
      g[i] = (up * row[c] - (classWeight ? down * classWeight[c] : down)) * tanhSlope(x[j] / softcap);
    }
  } else if (smoothing > 0) {
    for (let c = 0, i = gAt; c < classes; c++, i += gStep) {
      g[i] = up * row[c] - (classWeight ? down * classWeight[c] : down);
    }
  } else {
    for (let c = 0, i = gAt; c < classes; c++, i += gStep) g[i] = up * row[c];
  }
  g[gAt + y * gStep] = own * ownSlope;
};
