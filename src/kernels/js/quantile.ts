/** q e for e = t − x >= 0, (q − 1) e below; slope −q where t > x, 1 − q where t < x, 0 at the tie. */
import type { PointwiseLoop } from './types.js';

export const quantile: PointwiseLoop = (count, x, xAt, t, tAt, _w, _pw, go, g, out, at, scale, constants) => {
  const q = constants[0];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const e = t[tAt + i] - x[xAt + i];
    const loss = e >= 0 ? q * e : (q - 1) * e;
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) g[at + i] = (go === null ? scale : scale * go[i]) * (e > 0 ? -q : e < 0 ? 1 - q : e);
  }
  return sum;
};
