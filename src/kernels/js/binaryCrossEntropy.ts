/** −t log x − (1 − t) log(1 − x) with both logs clamped at −100; gradient (x − t) / max(x(1 − x), 1e-12), as PyTorch's. */
import type { PointwiseLoop } from './types.js';

/** PyTorch holds its 1e-12 as a float32 for both dtypes. */
const smallest = Math.fround(1e-12);

export const binaryCrossEntropy: PointwiseLoop = (count, x, xAt, t, tAt, w, _pw, go, g, out, at, scale) => {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const p = x[xAt + i];
    const ti = t[tAt + i];
    const wi = w === null ? 1 : w[i];
    const loss = wi * ((ti - 1) * Math.max(Math.log1p(-p), -100) - ti * Math.max(Math.log(p), -100));
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      const k = go === null ? scale * wi : scale * wi * go[i];
      g[at + i] = (k * (p - ti)) / Math.max(p * (1 - p), smallest);
    }
  }
  return sum;
};
