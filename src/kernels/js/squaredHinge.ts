/** max(0, margin − t x)², times pw where t is +1. */
import { weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

export const squaredHinge: PointwiseLoop = (
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
  const margin = constants[0];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const ti = t[tAt + i];
    const z = margin - ti * x[xAt + i];
    let wi = w === null ? 1 : w[i];
    if (pw !== null && ti > 0) wi *= pw[i];
    const loss = z <= 0 ? 0 : weighted(z * z, wi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      const k = go === null ? scale * wi : scale * wi * go[i];
      g[at + i] = z <= 0 ? 0 : weighted(-2 * ti * z, k);
    }
  }
  return sum;
};
