/**
 * ‖x − y + ε‖_p of two rows, a loop for each kind of p; sums in blocks, as a loss is the difference of two long distances. Knows no loss.
 */
import type { Real } from '../jobs.js';

const BLOCK = 1024;

/** p = 1. */
export function distance1(x: Real, xAt: number, y: Real, yAt: number, dim: number, eps: number): number {
  let sum = 0;
  for (let from = 0; from < dim; from += BLOCK) {
    let part = 0;
    for (let i = from; i < Math.min(from + BLOCK, dim); i++) part += Math.abs(x[xAt + i] - y[yAt + i] + eps);
    sum += part;
  }
  return sum;
}

/** p = 2; by the general loop where the squares leave the range of float64. */
export function distance2(x: Real, xAt: number, y: Real, yAt: number, dim: number, eps: number): number {
  let sum = 0;
  for (let from = 0; from < dim; from += BLOCK) {
    let part = 0;
    for (let i = from; i < Math.min(from + BLOCK, dim); i++) {
      const d = x[xAt + i] - y[yAt + i] + eps;
      part += d * d;
    }
    sum += part;
  }
  if (sum < 1e-280 || sum === Infinity) return distanceP(x, xAt, y, yAt, dim, eps, 2);
  return Math.sqrt(sum);
}

/** Any finite p > 0: the largest component times the norm of the components as shares of it, so that no power overflows. */
export function distanceP(
  x: Real,
  xAt: number,
  y: Real,
  yAt: number,
  dim: number,
  eps: number,
  p: number,
): number {
  let max = 0;
  for (let i = 0; i < dim; i++) max = Math.max(max, Math.abs(x[xAt + i] - y[yAt + i] + eps));
  if (max === 0 || max === Infinity) return max;
  let sum = 0;
  for (let from = 0; from < dim; from += BLOCK) {
    let part = 0;
    for (let i = from; i < Math.min(from + BLOCK, dim); i++)
      part += Math.pow(Math.abs(x[xAt + i] - y[yAt + i] + eps) / max, p);
    sum += part;
  }
  return max * Math.pow(sum, 1 / p);
}

/** The slope of the p-norm `d` in a component z: sign(z) (|z| / d)^(p − 1), 0 where d or z is 0. */
export function slopeP(z: number, d: number, p: number): number {
  if (z === 0 || d === 0) return 0;
  return Math.sign(z) * Math.pow(Math.abs(z) / d, p - 1);
}
