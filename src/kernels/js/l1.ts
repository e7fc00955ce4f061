/** |x − t|; slope 0 at the tie. */
import { weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const l1: PointwiseLoop = (count, x, xAt, t, tAt, w, _pw, go, g, out, at, scale) => {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const d = x[xAt + i] - t[tAt + i];
    const wi = w === null ? 1 : w[i];
    const loss = weighted(Math.abs(d), wi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) g[at + i] = (go === null ? scale * wi : scale * wi * go[i]) * Math.sign(d);
  }
  return sum;
};
