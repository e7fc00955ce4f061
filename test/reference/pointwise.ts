/**
 * The pointwise losses in float64, straight from their definitions: for one element x and its target t, the loss and
 * its derivative, element weight not included. Independent of src/ and assembly/, slow and plain on purpose.
 */
import { logistic, softplus, times } from './sums.js';

export interface PointwiseOptions {
  beta?: number;
  delta?: number;
  margin?: number;
  gamma?: number;
  alpha?: number | null;
  labelSmoothing?: number;
}

export type Pointwise = (
  x: number,
  t: number,
  options: PointwiseOptions,
  posWeight: number,
) => [loss: number, slope: number];

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
const withLogits: Pointwise = (x, t, { labelSmoothing = 0 }, posWeight) => {
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

export const pointwise: Record<string, { of: Pointwise; meanOverWeights?: true }> = {
  mseLoss: { of: mse, meanOverWeights: true },
  l1Loss: { of: l1, meanOverWeights: true },
  smoothL1Loss: { of: smoothL1 },
  huberLoss: { of: huber },
  binaryCrossEntropy: { of: binaryCrossEntropy },
  binaryCrossEntropyWithLogits: { of: withLogits },
  sigmoidFocalLoss: { of: sigmoidFocal },
  hingeLoss: { of: hinge },
  squaredHingeLoss: { of: squaredHinge },
};
