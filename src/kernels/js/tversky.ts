/**
 * 1 − (TP + s)/D as M/D, with TP = Σ x t, M = α Σ x (1 − t) + β Σ (1 − x) t and D = TP + M + s; nothing cancels.
 * Gradient ((TP + s) (α (1 − t) − β t) − M t) / D².
 */
import type { SoftLoop } from './types.js';

const BLOCK = 1024;

export const tversky: SoftLoop = (
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
  _classWeight,
  result,
) => {
  const alpha = constants[0];
  const beta = constants[1];
  let hits = 0;
  let falsePositives = 0;
  let falseNegatives = 0;
  // In blocks: one sum over a long row would round too much for a gradient that nearly cancels.
  for (let from = 0, i = xAt, j = qAt; from < classes; from += BLOCK) {
    let tp = 0;
    let fp = 0;
    let fn = 0;
    for (let c = Math.min(BLOCK, classes - from); c > 0; c--, i += xStep, j += qStep) {
      const v = x[i];
      const t = q[j];
      tp += v * t;
      fp += v * (1 - t);
      fn += (1 - v) * t;
    }
    hits += tp;
    falsePositives += fp;
    falseNegatives += fn;
  }
  const top = hits + constants[2];
  const missed = alpha * falsePositives + beta * falseNegatives;
  const whole = top + missed;
  result[0] = missed / whole;
  result[1] = 0;
  if (g === null) return;

  const gain = (scale * (top / whole)) / whole;
  const loss = (scale * (missed / whole)) / whole;
  for (let c = 0, i = gAt, j = qAt; c < classes; c++, i += gStep, j += qStep) {
    const t = q[j];
    g[i] = gain * (alpha * (1 - t) - beta * t) - loss * t;
  }
};
