/** e^t (t − x), both being log-probabilities; 0 where t is −inf, also at x = −inf. Slope −e^t. */
import { weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const klDivLogTarget: PointwiseLoop = (count, x, xAt, t, tAt, _w, _pw, go, g, out, at, scale) => {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const xi = x[xAt + i];
    const ti = t[tAt + i];
    const p = Math.exp(ti);
    const loss = p === 0 ? weighted(xi, 0) : p * (ti - xi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) g[at + i] = (go === null ? scale : scale * go[i]) * -p;
  }
  return sum;
};
