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

/** From here on a sum of squares may be infinite though the cosine is not; rows of such numbers are brought down to the second one. */
const LONG = 1e300;
const SIZE = 1e100;

const scaled = [new Float64Array(0), new Float64Array(0)];

/** The row times a factor that makes its largest element SIZE, in a scratch of its own; the factor. */
function shrink(x: Real, xAt: number, dim: number, which: 0 | 1): number {
  if (scaled[which].length < dim) scaled[which] = new Float64Array(dim);
  let most = 0;
  for (let i = 0; i < dim; i++) if (Math.abs(x[xAt + i]) > most) most = Math.abs(x[xAt + i]);
  const factor = most === 0 ? 1 : SIZE / most;
  for (let i = 0; i < dim; i++) scaled[which][i] = x[xAt + i] * factor;
  return factor;
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
  if (xx > LONG || yy > LONG) {
    const sx = shrink(x, xAt, dim, 0);
    const sy = shrink(y, yAt, dim, 1);
    const [u, v] = scaled;
    // An infinite element has no factor: what comes of it is NaN, and is not long.
    const loss = cosineEmbedding(u, 0, v, 0, _z, _zAt, label, gx, gy, _gz, at, dim, scale, constants);
    for (let i = at; i < at + dim; i++) {
      if (gx !== null) gx[i] *= sx;
      if (gy !== null) gy[i] *= sy;
    }
    return loss;
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
