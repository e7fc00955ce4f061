/**
 * α_t q^γ ce with ce of binaryCrossEntropyWithLogits, q = 1 − p_t = p(1 − t) + (1 − p)t and α_t = αt + (1 − α)(1 − t), as torchvision's.
 * Gradient α_t q^γ (ce' + γ ce (1 − 2t) p(1 − p)/q); the last quotient is 1 − p or p for hard targets, so nothing is divided by 0.
 */
import { logitLoss, upperSigmoid, weighted } from './scalar.js';
import type { PointwiseLoop } from './types.js';

/** q^γ; for hard targets e^(γ log q) with log q = −softplus, which keeps tails that q itself loses. */
function modulation(q: number, gamma: number, t: number, x: number, tail: number): number {
  if (gamma === 2) return q * q;
  if (gamma === 0) return 1;
  if (t === 1) return Math.exp(-gamma * (x > 0 ? x + tail : tail));
  if (t === 0) return Math.exp(-gamma * (x < 0 ? tail - x : tail));
  return Math.pow(q, gamma);
}

export const sigmoidFocal: PointwiseLoop = (
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
  const alpha = constants[0];
  const gamma = constants[1];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const xi = x[xAt + i];
    const ti = t[tAt + i];
    const wi = w === null ? 1 : w[i];
    const positive = pw === null ? 1 : pw[i];
    const e = Math.exp(-Math.abs(xi));
    const tail = Math.log1p(e);
    const upper = upperSigmoid(e);
    const lower = e * upper;
    const p = xi < 0 ? lower : upper;
    const rest = xi < 0 ? upper : lower;
    const q = p * (1 - ti) + rest * ti;
    const balance = alpha < 0 ? 1 : alpha * ti + (1 - alpha) * (1 - ti);
    const factor = balance * modulation(q, gamma, ti, xi, tail);
    const ce = logitLoss(xi, ti, tail, positive);
    const loss = weighted(weighted(ce, factor), wi);
    sum += loss;
    if (out !== null) out[at + i] = loss;
    if (g !== null) {
      const share = ti === 1 ? p : ti === 0 ? rest : (p * rest) / q;
      const slope = (1 - ti) * p - positive * ti * rest + weighted(ce, gamma * (1 - 2 * ti) * share);
      g[at + i] = (go === null ? scale * wi : scale * wi * go[i]) * (factor * slope);
    }
  }
  return sum;
};
