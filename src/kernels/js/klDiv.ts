/** t (log t − x), x being log-probabilities; 0 where t is 0, also at x = −inf. Slope −t. */
import { weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const klDiv: PointwiseLoop = (count, x, xAt, t, tAt, _w, _pw, go, g, out, at, scale) => {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const xi = x[xAt + i];
    const ti = t[tAt + i];
    const loss = ti === 0 ? weighted(xi, 0) : ti * (Math.log(ti) - xi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) g[at + i] = (go === null ? scale : scale * go[i]) * -ti;
  }
  return sum;
};
