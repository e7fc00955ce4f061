/** x where t is 1, max(0, margin − x) where it is −1; slope 1 or −1, 0 exactly at the margin. */
import type { PointwiseLoop } from './types.js';

export const hingeEmbedding: PointwiseLoop = (
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
) => {
  const margin = constants[0];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const xi = x[xAt + i];
    const similar = t[tAt + i] > 0;
    const z = similar ? xi : margin - xi;
    const loss = similar || !(z <= 0) ? z : 0;
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      const slope = z !== z ? z : similar ? 1 : z > 0 ? -1 : 0;
      g[at + i] = (go === null ? scale : scale * go[i]) * slope;
    }
  }
  return sum;
};
