/** e^x − t x, x being the logarithm of the rate, with 0 * inf = 0; with `full` Stirling's t log t − t + ½ log 2πt where t > 1. Slope e^x − t. */
import { stirling, weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const poissonNll: PointwiseLoop = (
  count,
  x,
  xAt,
  t,
  tAt,
  _w,
  _pw,
  go,
  g,
  out,
  at,
  scale,
  constants,
) => {
  const full = constants[0] !== 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const xi = x[xAt + i];
    const ti = t[tAt + i];
    const rate = Math.exp(xi);
    let loss = rate - weighted(xi, ti);
    if (full && ti > 1) loss += stirling(ti);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) g[at + i] = (go === null ? scale : scale * go[i]) * (rate - ti);
  }
  return sum;
};
