/** Pointwise losses of three arrays and two gradients: see baselines.ts for what the baselines are. */
import type { Floats } from './baselines.js';

/** A variance an element, eps 1e-6. */
export function gaussianNll(x: Floats, t: Floats, variance: Floats, gx: Floats, gVariance: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const v = Math.max(variance[i], 1e-6);
    const d = x[i] - t[i];
    const r = 1 / v;
    const q = d * d * r;
    total += 0.5 * (Math.log(v) + q);
    gx[i] = k * d * r;
    gVariance[i] = 0.5 * k * r * (1 - q);
  }
  return total / n;
}

/** Margin 0.5, targets ±1. */
export function marginRanking(a: Floats, b: Floats, t: Floats, ga: Floats, gb: Floats): number {
  const n = a.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const z = 0.5 - t[i] * (a[i] - b[i]);
    if (z > 0) {
      total += z;
      ga[i] = -k * t[i];
      gb[i] = k * t[i];
    } else {
      ga[i] = 0;
      gb[i] = 0;
    }
  }
  return total / n;
}
