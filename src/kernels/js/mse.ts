/** (x − t)². */
import { weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const mse: PointwiseLoop = (count, x, xAt, t, tAt, w, _pw, go, g, out, at, scale) => {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const d = x[xAt + i] - t[tAt + i];
    const wi = w === null ? 1 : w[i];
    const loss = weighted(d * d, wi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) g[at + i] = weighted(2 * d, go === null ? scale * wi : scale * wi * go[i]);
  }
  return sum;
};
