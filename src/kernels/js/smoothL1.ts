/** ½d²/β inside |d| < β, |d| − ½β outside, with d = x − t; β = 0 is L1. */
import { weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const smoothL1: PointwiseLoop = (count, x, xAt, t, tAt, w, _pw, go, g, out, at, scale, constants) => {
  const beta = constants[0];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const d = x[xAt + i] - t[tAt + i];
    const wi = w === null ? 1 : w[i];
    const a = Math.abs(d);
    const inside = a < beta;
    const loss = weighted(inside ? (0.5 * a * a) / beta : a - 0.5 * beta, wi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      g[at + i] = (go === null ? scale * wi : scale * wi * go[i]) * (inside ? d / beta : Math.sign(d));
    }
  }
  return sum;
};
