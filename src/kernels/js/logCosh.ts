/** log cosh d with d = x − t: log1p(2 sinh²(d/2)) for |d| <= 1, else |d| + log1p(e^(−2|d|)) − log 2; neither cancels. Slope tanh d. */
import type { PointwiseLoop } from './types.js';

export const logCosh: PointwiseLoop = (count, x, xAt, t, tAt, _w, _pw, go, g, out, at, scale) => {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const d = x[xAt + i] - t[tAt + i];
    const a = Math.abs(d);
    let loss: number;
    if (a <= 1) {
      // 2 sinh(a/2) = m + m / (1 + m) with m = e^(a/2) − 1.
      const m = Math.expm1(0.5 * a);
      const s = m + m / (1 + m);
      loss = Math.log1p(0.5 * s * s);
    } else loss = a + Math.log1p(Math.exp(-2 * a)) - Math.LN2;
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) g[at + i] = (go === null ? scale : scale * go[i]) * Math.tanh(d);
  }
  return sum;
};
