/** w_y / C * Σ_{c≠y} max(0, margin − x_y + x_c)^p, p = 1 or 2; slope 0 exactly at the margin. NaN in the row gives NaN in all of it. */
import { weighted } from './scalar.js';
import { fillRow } from './softmaxRow.js';
import type { IndexLoop } from './types.js';

export const multiMargin: IndexLoop = (
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
  const square = constants[0] === 2;
  const lead = constants[1] - x[xAt + y * xStep];
  const factor = w / classes;
  const k = scale * factor;
  let sum = 0;
  let slopes = 0;
  for (let c = 0, i = xAt, j = gAt; c < classes; c++, i += xStep, j += gStep) {
    const z = lead + x[i];
    let slope = 0;
    if (!(z <= 0) && c !== y) {
      sum += square ? z * z : z;
      slope = square ? 2 * z : 1;
      slopes += slope;
    }
    if (g !== null) g[j] = weighted(slope, k);
  }
  result[0] = lead === lead ? weighted(sum, factor) : NaN;
  result[1] = 0;
  if (g === null) return;
  if (sum === sum && lead === lead) g[gAt + y * gStep] = weighted(-slopes, k);
  else fillRow(g, gAt, gStep, classes, NaN);
};
