/**
 * 1 − cos for label 1, max(0, cos − margin) for label −1, with cos = x·y / √(A B), A = x·x + ε and B = y·y + ε. Near ±1 the gap 1 − |cos| is
 * ½ (Σ (x̂ ∓ ŷ)² + ε/A + ε/B), x̂ = x/√A and ŷ = y/√B. Gradient of cos: (±(±ŷ − x̂ + gap x̂)) / √A, and the same with x and y exchanged.
 */
import { fillRow } from './softmaxRow.js';
import type { Real } from '../jobs.js';
import type { EmbeddingLoop } from './types.js';

/** PyTorch's ε, as a float32 for both dtypes. */
const eps = Math.fround(1e-12);

/** Σ (x̂ − ŷ)², for factors a = 1/√A and b = ±1/√B. */
function squaredGap(x: Real, xAt: number, y: Real, yAt: number, dim: number, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < dim; i++) {
    const d = x[xAt + i] * a - y[yAt + i] * b;
    sum += d * d;
  }
  return sum;
}

export const cosineEmbedding: EmbeddingLoop = (
  x,
  xAt,
  y,
  yAt,
  _z,
  _zAt,
  label,
  gx,
  gy,
  _gz,
  at,
  dim,
  scale,
  constants,
) => {
  const margin = constants[0];
  let xx = eps;
  let yy = eps;
  let xy = 0;
  for (let i = 0; i < dim; i++) {
    const xi = x[xAt + i];
    const yi = y[yAt + i];
    xx += xi * xi;
    yy += yi * yi;
    xy += xi * yi;
  }
  const a = 1 / Math.sqrt(xx);
  const b = 1 / Math.sqrt(yy);
  const cos = xy * a * b;
  const sign = cos < 0 ? -1 : 1;
  const size = Math.abs(cos);
  const gap =
    size > 0.5 ? 0.5 * (squaredGap(x, xAt, y, yAt, dim, a, sign * b) + eps / xx + eps / yy) : 1 - size;
  let loss: number;
  if (label > 0) loss = cos > 0.5 ? gap : 1 - cos;
  else {
    const z = cos > 0.5 ? 1 - margin - gap : cos - margin;
    loss = z <= 0 ? 0 : z;
  }
  if (gx === null && gy === null) return loss;

  if (loss !== loss || (label <= 0 && loss === 0)) {
    if (gx !== null) fillRow(gx, at, 1, dim, loss);
    if (gy !== null) fillRow(gy, at, 1, dim, loss);
    return loss;
  }
  const k = label > 0 ? -sign * scale : sign * scale;
  for (let i = 0; i < dim; i++) {
    const xi = x[xAt + i] * a;
    const yi = y[yAt + i] * b * sign;
    if (gx !== null) gx[at + i] = k * a * (yi - xi + gap * xi);
    if (gy !== null) gy[at + i] = k * b * sign * (xi - yi + gap * yi);
  }
  return loss;
};
