/** −w_y x_y, x being log-probabilities. */
import { weighted } from './scalar.js';
import { fillRow } from './softmaxRow.js';
import type { IndexLoop } from './types.js';

export const nll: IndexLoop = (
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
  _constants,
  _classWeight,
  result,
) => {
  result[0] = weighted(-x[xAt + y * xStep], w);
  result[1] = 0;
  if (g === null) return;
  fillRow(g, gAt, gStep, classes, 0);
  g[gAt + y * gStep] = -scale * w;
};
