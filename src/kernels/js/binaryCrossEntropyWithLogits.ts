/** pw * t * softplus(−x) + (1 − t) * softplus(x) with t smoothed towards ½; gradient (1 − t) σ(x) − pw * t * σ(−x). */
import { logitLoss, upperSigmoid, weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const binaryCrossEntropyWithLogits: PointwiseLoop = (
  count,
  x,
  xAt,
  t,
  tAt,
  w,
  pw,
  go,
  g,
  out,
  at,
  scale,
  constants,
) => {
  const keep = 1 - constants[0];
  const half = constants[0] / 2;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const xi = x[xAt + i];
    const ti = t[tAt + i] * keep + half;
    const wi = w === null ? 1 : w[i];
    const positive = pw === null ? 1 : pw[i];
    const e = Math.exp(-Math.abs(xi));
    const loss = weighted(logitLoss(xi, ti, Math.log1p(e), positive), wi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      const upper = upperSigmoid(e);
      const lower = e * upper;
      const slope =
        xi < 0 ? (1 - ti) * lower - positive * ti * upper : (1 - ti) * upper - positive * ti * lower;
      g[at + i] = (go === null ? scale * wi : scale * wi * go[i]) * slope;
    }
  }
  return sum;
};
