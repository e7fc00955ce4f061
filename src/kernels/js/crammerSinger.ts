/** w_y max(0, margin + max_{j≠y} x_j − x_y); of equal rivals the lowest index takes the gradient. NaN in the row gives NaN in all of it. */
import { weighted } from './scalar.js';
import { fillRow } from './softmaxRow.js';
import type { IndexLoop } from './types.js';

export const crammerSinger: IndexLoop = (
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
  let rival = -1;
  let max = -Infinity;
  let broken = false;
  for (let c = 0, i = xAt; c < classes; c++, i += xStep) {
    const v = x[i];
    if (v > max && c !== y) {
      max = v;
      rival = c;
    } else if (v !== v) {
      broken = true;
    }
  }
  const z = classes === 1 ? 0 : constants[0] + max - x[xAt + y * xStep];
  broken ||= z !== z;
  result[0] = broken ? NaN : z > 0 ? weighted(z, w) : 0;
  result[1] = 0;
  if (g === null) return;
  fillRow(g, gAt, gStep, classes, broken ? NaN : 0);
  if (!broken && z > 0) {
    g[gAt + y * gStep] = -scale * w;
    if (rival >= 0) g[gAt + rival * gStep] = scale * w;
  }
};
