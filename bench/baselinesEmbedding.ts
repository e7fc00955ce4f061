/** Losses of rows of vectors, with a gradient an input: see baselines.ts for what the baselines are. */
import type { Floats } from './baselines.js';

/** Mean cosine embedding loss with margin 0.2, labels ±1. */
export function cosineEmbedding(
  a: Floats,
  b: Floats,
  t: Floats,
  dim: number,
  ga: Floats,
  gb: Floats,
): number {
  const rows = t.length;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const from = r * dim;
    const to = from + dim;
    let aa = 1e-12;
    let bb = 1e-12;
    let ab = 0;
    for (let i = from; i < to; i++) {
      aa += a[i] * a[i];
      bb += b[i] * b[i];
      ab += a[i] * b[i];
    }
    const scale = 1 / Math.sqrt(aa * bb);
    const cos = ab * scale;
    const loss = t[r] > 0 ? 1 - cos : Math.max(0, cos - 0.2);
    total += loss;
    const k = t[r] > 0 ? -1 / rows : loss > 0 ? 1 / rows : 0;
    const cross = k * scale;
    const alongA = (k * cos) / aa;
    const alongB = (k * cos) / bb;
    for (let i = from; i < to; i++) {
      const u = a[i];
      const v = b[i];
      ga[i] = cross * v - alongA * u;
      gb[i] = cross * u - alongB * v;
    }
  }
  return total / rows;
}

/** Mean triplet margin loss with margin 1, p 2, eps 1e-6 and no swap. */
export function tripletMargin(
  a: Floats,
  p: Floats,
  n: Floats,
  dim: number,
  ga: Floats,
  gp: Floats,
  gn: Floats,
): number {
  const rows = a.length / dim;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const from = r * dim;
    const to = from + dim;
    let near = 0;
    let far = 0;
    for (let i = from; i < to; i++) {
      const u = a[i] - p[i] + 1e-6;
      const v = a[i] - n[i] + 1e-6;
      near += u * u;
      far += v * v;
    }
    near = Math.sqrt(near);
    far = Math.sqrt(far);
    const z = 1 + near - far;
    if (z > 0) {
      total += z;
      const pull = near > 0 ? 1 / (rows * near) : 0;
      const push = far > 0 ? 1 / (rows * far) : 0;
      for (let i = from; i < to; i++) {
        const u = (a[i] - p[i] + 1e-6) * pull;
        const v = (a[i] - n[i] + 1e-6) * push;
        ga[i] = u - v;
        gp[i] = -u;
        gn[i] = v;
      }
    } else {
      ga.fill(0, from, to);
      gp.fill(0, from, to);
      gn.fill(0, from, to);
    }
  }
  return total / rows;
}
