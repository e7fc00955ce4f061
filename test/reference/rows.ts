/**
 * The row-wise losses in float64: one row of classes and its target in, the row's loss and gradient out. A row whose
 * target is ignored never gets here. Independent of src/ and assembly/, slow and plain on purpose.
 */
import { logistic, softplus, Sum, times } from './sums.js';

export interface RowOptions {
  labelSmoothing?: number;
  zLoss?: number;
  softcap?: number | null;
  temperature?: number;
  gamma?: number;
  margin?: number;
  p?: number;
  epsilon?: number;
  alpha?: number | null;
  beta?: number;
  smooth?: number;
  direction?: 'forward' | 'reverse';
}

export interface RowTask {
  /** The row, as given. */
  x: Float64Array;
  /** The class, or −1 where the target is one value a class. */
  y: number;
  /** That value a class: a distribution, a 0/1 mask, labels that −1 ends. */
  q?: Float64Array;
  weight(c: number): number;
  options: RowOptions;
  /** Receives the gradient of `loss`; `gz` that of `z`. */
  g: Float64Array;
  gz: Float64Array;
}

export interface RowAnswer {
  loss: number;
  /** The term of zLoss, which has a denominator of its own. */
  z: number;
}

export type Row = (task: RowTask) => RowAnswer;

export interface Softmax {
  /** log Σ e^x − x_c, that is −log p_c, without cancellation where p_c is near 1. */
  nll(c: number): number;
  p: Float64Array;
  /** 1 − p_c, as a sum over the other classes. */
  rest(c: number): number;
  lse: number;
}

/** Softmax of one row: the largest logit is taken out of the sum, so that log1p keeps what the others add. */
export function softmax(x: Float64Array): Softmax {
  let top = 0;
  let nan = false;
  for (let c = 0; c < x.length; c++) {
    if (Number.isNaN(x[c])) nan = true;
    if (x[c]! > x[top]! || Number.isNaN(x[top])) top = c;
  }
  const max = nan ? NaN : x[top]!;
  const e = new Float64Array(x.length);
  const others = new Sum();
  for (let c = 0; c < x.length; c++) {
    // ∞ − ∞ is NaN: a row with +∞, or of nothing but −∞, has no softmax.
    e[c] = Math.exp(x[c]! - max);
    if (c !== top) others.add(e[c]!);
  }
  const log = max - max + Math.log1p(others.value);
  const total = 1 + others.value;
  const p = e.map((value) => (Number.isNaN(log) ? NaN : value / total));
  return {
    p,
    lse: max + log,
    nll: (c) => log + (max - x[c]!),
    rest: (c) => {
      if (c === top || Number.isNaN(log)) return log - log + others.value / total;
      const sum = new Sum();
      for (let k = 0; k < p.length; k++) if (k !== c) sum.add(p[k]!);
      return sum.value;
    },
  };
}

const crossEntropy: Row = ({ x, y, weight, options, g, gz }) => {
  const { labelSmoothing: eps = 0, zLoss = 0, softcap, temperature = 1 } = options;
  const cap = softcap ?? undefined;
  const scaled = x.map((v) => (cap === undefined ? v : cap * Math.tanh(v / cap)) / temperature);
  const s = softmax(scaled);
  const classes = x.length;
  const loss = new Sum();
  loss.add(times(1 - eps, times(weight(y), s.nll(y))));
  let total = 0;
  if (eps > 0) {
    const smooth = new Sum();
    for (let c = 0; c < classes; c++) {
      smooth.add(times(weight(c), s.nll(c)));
      total += weight(c);
    }
    loss.add((eps / classes) * smooth.value);
  }
  const rest = s.rest(y);
  for (let c = 0; c < classes; c++) {
    const hard = c === y ? -rest : s.p[c]!;
    const slope = cap === undefined ? 1 : 1 - Math.tanh(x[c]! / cap) ** 2;
    const soft = eps > 0 ? (eps / classes) * (s.p[c]! * total - weight(c)) : 0;
    g[c] = (((1 - eps) * weight(y) * hard + soft) * slope) / temperature;
    gz[c] = zLoss > 0 ? (2 * zLoss * s.lse * s.p[c]! * slope) / temperature : 0;
  }
  return { loss: loss.value, z: zLoss > 0 ? zLoss * s.lse * s.lse : 0 };
};

const softTarget: Row = ({ x, q, weight, options, g }) => {
  const { labelSmoothing: eps = 0 } = options;
  const classes = x.length;
  const s = softmax(x);
  const loss = new Sum();
  const mass = new Sum();
  const share = (c: number) => weight(c) * (q![c]! * (1 - eps) + eps / classes);
  for (let c = 0; c < classes; c++) {
    loss.add(times(share(c), s.nll(c)));
    mass.add(share(c));
  }
  // M·p_c − u_c, as (M − u_c)·p_c − u_c·(1 − p_c): near a confident one-hot target the plain difference cancels.
  for (let c = 0; c < classes; c++) {
    g[c] = mass.without(share(c)) * s.p[c]! - share(c) * (s.p[c]! > 0.5 ? s.rest(c) : 1 - s.p[c]!);
  }
  return { loss: loss.value, z: 0 };
};

const nll: Row = ({ x, y, weight, g }) => {
  g[y] = -weight(y);
  return { loss: times(weight(y), -x[y]!), z: 0 };
};

const softmaxFocal: Row = ({ x, y, weight, options, g }) => {
  const { gamma = 2 } = options;
  const s = softmax(x);
  const miss = s.rest(y);
  const nllY = s.nll(y);
  const factor = miss ** gamma;
  // d loss / d log p_y = −w((1 − p)^γ − γ(1 − p)^(γ−1)·p·log p), where log p = −nllY.
  const bend = gamma === 0 || miss === 0 ? 0 : gamma * miss ** (gamma - 1) * s.p[y]! * nllY;
  const slope = -weight(y) * (factor + bend);
  for (let c = 0; c < x.length; c++) g[c] = slope * (c === y ? miss : -s.p[c]!);
  return { loss: times(weight(y), times(factor, nllY)), z: 0 };
};

const multiMargin: Row = ({ x, y, weight, options, g }) => {
  const { p = 1, margin = 1 } = options;
  const classes = x.length;
  const loss = new Sum();
  const pull = new Sum();
  const w = weight(y) / classes;
  for (let c = 0; c < classes; c++) {
    if (c === y) continue;
    const z = margin - x[y]! + x[c]!;
    if (!(z <= 0)) {
      loss.add(p === 1 ? z : z * z);
      g[c] = w * (Number.isNaN(z) ? NaN : p === 1 ? 1 : 2 * z);
      pull.add(g[c]!);
    }
  }
  g[y] = -pull.value;
  return { loss: times(w, loss.value), z: 0 };
};

const crammerSinger: Row = ({ x, y, weight, options, g }) => {
  const { margin = 1 } = options;
  let rival = -1;
  for (let c = 0; c < x.length; c++) if (c !== y && (rival < 0 || x[c]! > x[rival]!)) rival = c;
  if (x.some((v) => Number.isNaN(v))) {
    g.fill(NaN);
    return { loss: NaN, z: 0 };
  }
  const z = rival < 0 ? 0 : margin + x[rival]! - x[y]!;
  if (!(z > 0)) return { loss: 0, z: 0 };
  g[rival] = weight(y);
  g[y] = -weight(y);
  return { loss: times(weight(y), z), z: 0 };
};

/** Cross-entropy + ε(1 − p_y): the gradient is that of cross-entropy times 1 + ε p_y. */
const poly1: Row = ({ x, y, weight, options, g }) => {
  const { epsilon = 1 } = options;
  const s = softmax(x);
  const rest = s.rest(y);
  const factor = weight(y) * (1 + epsilon * s.p[y]!);
  for (let c = 0; c < x.length; c++) g[c] = factor * (c === y ? -rest : s.p[c]!);
  return { loss: times(weight(y), s.nll(y) + epsilon * rest), z: 0 };
};

/** 1 − N/D as (D − N)/D, where D − N = α·FP + β·FN. */
const tversky: Row = ({ x, q, options, g }) => {
  const { alpha, beta = 0.5, smooth = 1 } = options;
  const a = alpha ?? 0.5;
  const [hit, missed] = [new Sum(), new Sum()];
  x.forEach((v, c) => {
    hit.add(v * q![c]!);
    missed.add(a * v * (1 - q![c]!));
    missed.add(beta * (1 - v) * q![c]!);
  });
  const n = hit.value + smooth;
  const d = n + missed.value;
  x.forEach((_, c) => {
    const slope = q![c]! + a * (1 - q![c]!) - beta * q![c]!;
    g[c] = (n * slope - q![c]! * d) / (d * d);
  });
  return { loss: missed.value / d, z: 0 };
};

/** Every label counts against every class that is none, as often as it is named. */
const multilabelMargin: Row = ({ x, q, g }) => {
  const end = q!.indexOf(-1);
  const labels = Array.from(end < 0 ? q! : q!.subarray(0, end));
  const named = new Set(labels);
  const classes = x.length;
  const loss = new Sum();
  for (const y of labels) {
    for (let c = 0; c < classes; c++) {
      const z = 1 - x[y]! + x[c]!;
      if (named.has(c) || z <= 0) continue;
      loss.add(z);
      g[c]! += z > 0 ? 1 : NaN;
      g[y]! -= z > 0 ? 1 : NaN;
    }
  }
  g.forEach((count, c) => (g[c] = count / classes));
  return { loss: loss.value / classes, z: 0 };
};

const multilabelSoftMargin: Row = ({ x, q, weight, g }) => {
  const loss = new Sum();
  const share = (c: number) => weight(c) / x.length;
  x.forEach((v, c) => {
    const t = q![c]!;
    loss.add(times(share(c), times(t, softplus(-v)) + times(1 - t, softplus(v))));
    g[c] = share(c) * (times(1 - t, logistic(v)) - times(t, logistic(-v)));
  });
  return { loss: loss.value, z: 0 };
};

/** KL(p ‖ q) and the mixture of both, of log-probabilities: Σ p (log p − log q), 0 · anything = 0. */
function kl(p: Float64Array, q: Float64Array): number {
  const total = new Sum();
  p.forEach((l, c) => total.add(times(Math.exp(l), l === -Infinity ? 0 : l - q[c]!)));
  return total.value;
}

const logSoftmaxOf = (x: ArrayLike<number>, temperature: number) => {
  const s = softmax(Float64Array.from(x, (v) => v / temperature));
  return Float64Array.from(x, (_, c) => -s.nll(c));
};

/** The gradient by the student's logits: p (r − Σ p r), with r from its value where p is largest, so that a confident row loses nothing. */
function bend(g: Float64Array, logs: Float64Array, r: (c: number) => number, scale: number): void {
  const top = logs.indexOf(logs.reduce((a, b) => Math.max(a, b)));
  const mean = new Sum();
  logs.forEach((l, c) => mean.add(times(Math.exp(l), r(c) - r(top))));
  logs.forEach((l, c) => (g[c] = scale * times(Math.exp(l), r(c) - r(top) - mean.value)));
}

/** p_S − p_T; where both are largest, by what is missing to 1. */
function apart(x: ArrayLike<number>, q: ArrayLike<number>, temperature: number): (c: number) => number {
  const [s, t] = [x, q].map((row) => softmax(Float64Array.from(row, (v) => v / temperature)));
  const both = (c: number) => s!.p[c]! > 0.5 && t!.p[c]! > 0.5;
  return (c) => (both(c) ? t!.rest(c) - s!.rest(c) : s!.p[c]! - t!.p[c]!);
}

const distillation: Row = ({ x, q, options, g }) => {
  const { temperature: T = 1, direction = 'forward' } = options;
  const [s, t] = [logSoftmaxOf(x, T), logSoftmaxOf(q!, T)];
  if (direction === 'forward') {
    const slope = apart(x, q!, T);
    g.forEach((_, c) => (g[c] = T * slope(c)));
    return { loss: T * T * kl(t, s), z: 0 };
  }
  bend(g, s, (c) => s[c]! - t[c]!, T);
  return { loss: T * T * kl(s, t), z: 0 };
};

const jensen: Row = ({ x, q, options, g }) => {
  const { temperature: T = 1, beta: given } = options;
  const beta = given ?? 0.5;
  const [s, t] = [logSoftmaxOf(x, T), logSoftmaxOf(q!, T)];
  if (beta === 0) {
    const slope = apart(x, q!, T);
    g.forEach((_, c) => (g[c] = slope(c) / T));
    return { loss: kl(t, s), z: 0 };
  }
  // log(β e^t + (1 − β) e^s) by the larger of the two.
  const m = s.map((l, c) => {
    const u = t[c]! - l;
    return u >= 0 ? t[c]! + Math.log1p((1 - beta) * Math.expm1(-u)) : l + Math.log1p(beta * Math.expm1(u));
  });
  bend(g, s, (c) => (beta === 1 ? s[c]! - t[c]! : (1 - beta) * (s[c]! - m[c]!)), 1 / T);
  return { loss: beta === 1 ? kl(s, t) : beta * kl(t, m) + (1 - beta) * kl(s, m), z: 0 };
};

export const rows: Record<string, { of: Row; mean: 'weights' | 'rows' | 'batch'; soft?: true }> = {
  distillationLoss: { of: distillation, mean: 'batch', soft: true },
  jsDivergence: { of: jensen, mean: 'rows', soft: true },
  crossEntropy: { of: crossEntropy, mean: 'weights' },
  softTargetCrossEntropy: { of: softTarget, mean: 'rows', soft: true },
  nllLoss: { of: nll, mean: 'weights' },
  softmaxFocalLoss: { of: softmaxFocal, mean: 'weights' },
  poly1Loss: { of: poly1, mean: 'weights' },
  multiMarginLoss: { of: multiMargin, mean: 'rows' },
  crammerSingerLoss: { of: crammerSinger, mean: 'rows' },
  diceLoss: {
    of: (task) => tversky({ ...task, options: { smooth: task.options.smooth } }),
    mean: 'rows',
    soft: true,
  },
  tverskyLoss: { of: tversky, mean: 'rows', soft: true },
  multilabelMarginLoss: { of: multilabelMargin, mean: 'rows', soft: true },
  multilabelSoftMarginLoss: { of: multilabelSoftMargin, mean: 'rows', soft: true },
};
