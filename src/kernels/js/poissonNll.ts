/** e^x − t x, x being the logarithm of the rate, with 0 * inf = 0; with `full` Stirling's t log t − t + ½ log 2πt where t > 1. Slope e^x − t. */
import { fullPoisson, weighted } from './scalar.js';
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
    const loss = full && ti > 1 ? fullPoisson(xi, rate, ti) : rate - weighted(xi, ti);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) g[at + i] = (go === null ? scale : scale * go[i]) * (rate - ti);
  }
  return sum;
};
