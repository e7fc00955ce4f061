/** Formulas that several fallback losses share, one number at a time; small enough for the engine to inline. Knows no arrays. */

/** w * value with 0 * inf = 0; NaN stays NaN. */
export function weighted(value: number, w: number): number {
  return w === 0 ? (value === value ? 0 : value) : w * value;
}

/** σ(|x|) from e = e^(−|x|): the larger of σ(x) and σ(−x). The smaller one is e times it. */
export function upperSigmoid(e: number): number {
  return 1 / (1 + e);
}

/** σ(x), exact in both tails. */
export function sigmoidOf(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

/** log(1 + e^x) = −log σ(−x), without overflow, and exact in both tails. */
export function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 − tanh²(u) = 4s / (1 + s)² with s = e^(−2|u|): no cancellation where tanh is near ±1. */
export function tanhSlope(u: number): number {
  const s = Math.exp(-2 * Math.abs(u));
  return (4 * s) / ((1 + s) * (1 + s));
}

/**
 * Cross-entropy of a logit with target t: positive * t * softplus(−x) + (1 − t) * softplus(x), where tail = log1p(e^(−|x|)).
 * Every term is >= 0, so nothing cancels; a term with factor 0 is 0 even where its softplus is infinite. No branch depends on finite data.
 */
export function logitLoss(x: number, t: number, tail: number, positive: number): number {
  const on = tail + Math.max(-x, 0);
  const off = tail + Math.max(x, 0);
  const loss = positive * t * on + (1 - t) * off;
  return loss === loss ? loss : weighted(on, positive * t) + weighted(off, 1 - t);
}

/** ½ log 2πt, the last of Stirling's terms t log t − t + ½ log 2πt. */
function stirling(t: number): number {
  return 0.5 * Math.log(2 * Math.PI * t);
}

/** e^x − t x and Stirling's terms; with u = x − log t the large ones are t (e^u − 1 − u), which does not cancel near the optimum. `rate` is e^x. */
export function fullPoisson(x: number, rate: number, t: number): number {
  const u = x - Math.log(t);
  return (Math.abs(u) < 1 ? t * (Math.expm1(u) - u) : rate - t * (1 + u)) + stirling(t);
}

/** x − t log(x + ε) and Stirling's terms; with δ = (x + ε − t) / t the large ones are t (δ − log1p δ) − ε. */
export function fullPoissonRate(x: number, eps: number, t: number): number {
  const excess = x - t;
  const delta = (excess + eps) / t;
  const near = t * (delta - Math.log1p(delta)) - eps;
  return (Math.abs(delta) < 0.5 ? near : excess - t * (Math.log(x + eps) - Math.log(t))) + stirling(t);
}
