/**
 * The pointwise losses in float64, straight from their definitions: for one element x, its target t and, where there is
 * one, the second differentiable input v, the loss and its derivatives, element weight not included. Independent of
 * src/ and assembly/, slow and plain on purpose.
 */
import { logistic, softplus, times } from './sums.js';

export interface PointwiseOptions {
  beta?: number;
  delta?: number;
  margin?: number;
  gamma?: number;
  alpha?: number | null;
  labelSmoothing?: number;
  quantile?: number;
  logTarget?: boolean;
  logInput?: boolean;
  full?: boolean;
  eps?: number;
}

export type Pointwise = (
  x: number,
  t: number,
  options: PointwiseOptions,
  posWeight: number,
  v: number,
) => [loss: number, slope: number, slopeOfV?: number];

/** PyTorch's floor of x(1 − x) in the gradient of binary cross-entropy: 1e-12 as float32 holds it. */
const SMALLEST_VARIANCE = Math.fround(1e-12);

const mse: Pointwise = (x, t) => [(x - t) ** 2, 2 * (x - t)];

const l1: Pointwise = (x, t) => [Math.abs(x - t), Math.sign(x - t)];

const smoothL1: Pointwise = (x, t, { beta = 1 }) => {
  const d = x - t;
  const a = Math.abs(d);
  return a < beta ? [(0.5 * d * d) / beta, d / beta] : [a - 0.5 * beta, Math.sign(d)];
};

const huber: Pointwise = (x, t, { delta = 1 }) => {
  const d = x - t;
  const a = Math.abs(d);
  return a <= delta ? [0.5 * d * d, d] : [delta * (a - 0.5 * delta), delta * Math.sign(d)];
};

const binaryCrossEntropy: Pointwise = (x, t) => {
  const clamp = (log: number) => (log < -100 ? -100 : log);
  const loss = -(t * clamp(Math.log(x)) + (1 - t) * clamp(Math.log1p(-x)));
  return [loss, (x - t) / Math.max(x * (1 - x), SMALLEST_VARIANCE)];
};

/** posWeight·t·softplus(−x) + (1 − t)·softplus(x), with 0·∞ = 0. */
const withLogits = (
  x: number,
  t: number,
  { labelSmoothing = 0 }: PointwiseOptions,
  posWeight: number,
): [number, number] => {
  const q = t * (1 - labelSmoothing) + labelSmoothing / 2;
  return [
    times(posWeight * q, softplus(-x)) + times(1 - q, softplus(x)),
    times(1 - q, logistic(x)) - times(posWeight * q, logistic(-x)),
  ];
};

/**
 * α_t · BCE · (1 − p_t)^γ with 1 − p_t = p(1 − t) + (1 − p)t. Written with L = log(1 − p_t) so that neither side
 * cancels: for a hard target 1 − p_t is σ(∓x) and L its logarithm.
 */
const sigmoidFocal: Pointwise = (x, t, { alpha = 0.25, gamma = 2 }, posWeight) => {
  const off = alpha === null || alpha < 0;
  const alphaT = off ? 1 : alpha * t + (1 - alpha) * (1 - t);
  const [bce, slope] = withLogits(x, t, {}, posWeight);
  if (gamma === 0) return [times(alphaT, bce), times(alphaT, slope)];
  const p = logistic(x);
  const q = logistic(-x);
  const miss = times(t, q) + times(1 - t, p);
  const log = t === 1 ? -softplus(x) : t === 0 ? -softplus(-x) : Math.log(miss);
  const factor = Math.exp(gamma * log);
  // d(1 − p_t)/dx = pq(1 − 2t), so the slope of the factor is γ·factor·pq(1 − 2t)/(1 − p_t).
  const ratio = t === 1 ? -p : t === 0 ? q : (p * q * (1 - 2 * t)) / miss;
  return [
    times(alphaT, times(factor, bce)),
    times(alphaT, times(factor, slope) + times(factor, gamma * ratio * bce)),
  ];
};

const hinge: Pointwise = (x, t, { margin = 1 }, posWeight) => {
  const z = margin - t * x;
  const w = t > 0 ? posWeight : 1;
  if (Number.isNaN(z)) return [NaN, NaN];
  return z > 0 ? [times(w, z), -t * w] : [0, 0];
};

const squaredHinge: Pointwise = (x, t, { margin = 1 }, posWeight) => {
  const z = margin - t * x;
  const w = t > 0 ? posWeight : 1;
  if (Number.isNaN(z)) return [NaN, NaN];
  return z > 0 ? [times(w, z * z), times(w, -2 * t * z)] : [0, 0];
};

const logCosh: Pointwise = (x, t) => {
  const d = x - t;
  const a = Math.abs(d);
  const near = a <= 1;
  return [
    near ? Math.log1p(2 * Math.sinh(d / 2) ** 2) : a + Math.log1p(Math.exp(-2 * a)) - Math.LN2,
    Math.tanh(d),
  ];
};

const quantileLoss: Pointwise = (x, t, { quantile = 0.5 }) => {
  const d = t - x;
  const slope = d > 0 ? -quantile : d < 0 ? 1 - quantile : d;
  return [d > 0 ? quantile * d : (quantile - 1) * d, slope];
};

/** t·(log t − x), or e^t·(t − x) of a logarithm t; a probability of 0 costs nothing whatever x is, but NaN. */
const klDiv: Pointwise = (x, t, { logTarget = false }) => {
  const p = logTarget ? Math.exp(t) : t;
  const log = logTarget ? t : Math.log(t);
  return [p === 0 && !Number.isNaN(x) ? 0 : p * (log - x), -p];
};

const poissonNll: Pointwise = (x, t, { logInput = true, full = false, eps = 1e-8 }) => {
  const stirling = full && t > 1 ? t * Math.log(t) - t + 0.5 * Math.log(2 * Math.PI * t) : 0;
  if (logInput) return [Math.exp(x) - times(t, x) + stirling, Math.exp(x) - t];
  return [x - times(t, Math.log(x + eps)) + stirling, 1 - t / (x + eps)];
};

/** The variance is clamped, the gradient passed through as if it were not. */
const gaussianNll: Pointwise = (x, t, { full = false, eps = 1e-6 }, _, variance) => {
  const v = variance < eps ? eps : variance;
  const d = x - t;
  const constant = full ? 0.5 * Math.log(2 * Math.PI) : 0;
  return [0.5 * (Math.log(v) + (d * d) / v) + constant, d / v, 0.5 * (1 / v - (d / v) * (d / v))];
};

const softMargin: Pointwise = (x, t) => [softplus(-t * x), -t * logistic(-t * x)];

const hingeEmbedding: Pointwise = (x, t, { margin = 1 }) => {
  if (t > 0) return [x, 1];
  const z = margin - x;
  return Number.isNaN(z) ? [NaN, NaN] : z > 0 ? [z, -1] : [0, 0];
};

const marginRanking: Pointwise = (x, t, { margin = 0 }, _, v) => {
  const z = margin - t * (x - v);
  return Number.isNaN(z) ? [NaN, NaN, NaN] : z > 0 ? [z, -t, t] : [0, 0, 0];
};

export const pointwise: Record<
  string,
  {
    of: Pointwise;
    meanOverWeights?: true;
    /** Where x, t and v are among the inputs; default x, t. */
    order?: readonly [x: number, t: number, v: number];
  }
> = {
  mseLoss: { of: mse, meanOverWeights: true },
  l1Loss: { of: l1, meanOverWeights: true },
  smoothL1Loss: { of: smoothL1 },
  huberLoss: { of: huber },
  logCoshLoss: { of: logCosh },
  quantileLoss: { of: quantileLoss },
  binaryCrossEntropy: { of: binaryCrossEntropy },
  binaryCrossEntropyWithLogits: { of: withLogits },
  sigmoidFocalLoss: { of: sigmoidFocal },
  hingeLoss: { of: hinge },
  squaredHingeLoss: { of: squaredHinge },
  klDiv: { of: klDiv },
  poissonNllLoss: { of: poissonNll },
  gaussianNllLoss: { of: gaussianNll, order: [0, 1, 2] },
  softMarginLoss: { of: softMargin },
  hingeEmbeddingLoss: { of: hingeEmbedding },
  marginRankingLoss: { of: marginRanking, order: [0, 2, 1] },
};
