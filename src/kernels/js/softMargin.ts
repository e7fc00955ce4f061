/** log(1 + e^z) with z = −t x, as max(z, 0) + log1p(e^(−|z|)), which cannot overflow; slope −t σ(z). */
import { upperSigmoid } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const softMargin: PointwiseLoop = (count, x, xAt, t, tAt, _w, _pw, go, g, out, at, scale) => {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const ti = t[tAt + i];
    const z = -ti * x[xAt + i];
    const e = Math.exp(-Math.abs(z));
    const loss = Math.max(z, 0) + Math.log1p(e);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      const upper = upperSigmoid(e);
      g[at + i] = (go === null ? scale : scale * go[i]) * -ti * (z < 0 ? e * upper : upper);
    }
  }
  return sum;
};
