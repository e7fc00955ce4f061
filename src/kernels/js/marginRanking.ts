/** max(0, margin − t (x − u)); slopes −t of x and t of u, 0 exactly at the margin. */
import type { PointwiseLoop } from './types.js';

export const marginRanking: PointwiseLoop = (
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
  const margin = constants[0];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const ti = t[tAt + i];
    const z = margin - ti * (x[xAt + i] - u![uAt + i]);
    const loss = z <= 0 ? 0 : z;
    sum += loss;
    if (out !== null) out[at + i] = loss;
    const slope = (go === null ? scale : scale * go[i]) * (z > 0 ? ti : loss);
    if (g !== null) g[at + i] = -slope;
    if (h !== null) h[hAt + i] = slope;
  }
  return sum;
};
