/**
 * ½ (log v + d²/v) with d = x − t and v = max(variance, ε), and ½ log 2π with `full`. Slopes d/v of the input and ½ (1/v − d²/v²) of the
 * variance, which passes the clamp unchanged, as PyTorch's.
 */
import type { PointwiseLoop } from './types.js';

export const gaussianNll: PointwiseLoop = (
  count,
  x,
  xAt,
  t,
  tAt,
  _w,
  _pw,
  go,
  g,
  out,
  at,
  scale,
  constants,
  u,
  uAt,
  h,
  hAt,
) => {
  const constant = constants[0] !== 0 ? 0.5 * Math.log(2 * Math.PI) : 0;
  const eps = constants[1];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const d = x[xAt + i] - t[tAt + i];
    const v = Math.max(u![uAt + i], eps);
    const slope = d / v;
    const loss = 0.5 * (Math.log(v) + d * slope) + constant;
    sum += loss;
    if (out !== null) out[at + i] = loss;
    const k = go === null ? scale : scale * go[i];
    if (g !== null) g[at + i] = k * slope;
    if (h !== null) h[hAt + i] = k * (0.5 * (1 / v - slope * slope));
  }
  return sum;
};
