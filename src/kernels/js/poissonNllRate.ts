/** x − t log(x + ε), x being the rate, with 0 * inf = 0; with `full` Stirling's t log t − t + ½ log 2πt where t > 1. Slope 1 − t / (x + ε). */
import { fullPoissonRate, weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const poissonNllRate: PointwiseLoop = (
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
  const eps = constants[1];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const xi = x[xAt + i];
    const ti = t[tAt + i];
    const rate = xi + eps;
    const loss = full && ti > 1 ? fullPoissonRate(xi, eps, ti) : xi - weighted(Math.log(rate), ti);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      const share = ti === 0 ? weighted(rate, 0) : ti / rate;
      g[at + i] = (go === null ? scale : scale * go[i]) * (1 - share);
    }
  }
  return sum;
};
