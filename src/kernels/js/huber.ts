/** ½d² inside |d| <= δ, δ(|d| − ½δ) outside, with d = x − t; the slope is d clipped to ±δ. */
import { weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const huber: PointwiseLoop = (count, x, xAt, t, tAt, w, _pw, go, g, out, at, scale, constants) => {
  const delta = constants[0];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const d = x[xAt + i] - t[tAt + i];
    const wi = w === null ? 1 : w[i];
    const a = Math.abs(d);
    const inside = a <= delta;
    const loss = weighted(inside ? 0.5 * a * a : delta * (a - 0.5 * delta), wi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      g[at + i] = (go === null ? scale * wi : scale * wi * go[i]) * (inside ? d : delta * Math.sign(d));
    }
  }
  return sum;
};
