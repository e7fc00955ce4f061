/** The pointwise half of the baselines: see baselines.ts for what they are. All give the mean and write the mean's gradient. */
import type { Floats } from './baselines.js';

export function mse(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 2 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const d = x[i] - t[i];
    total += d * d;
    g[i] = k * d;
  }
  return total / n;
}

export function l1(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const d = x[i] - t[i];
    total += Math.abs(d);
    g[i] = d > 0 ? k : d < 0 ? -k : 0;
  }
  return total / n;
}

/** β = 1. */
export function smoothL1(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const d = x[i] - t[i];
    const a = Math.abs(d);
    if (a < 1) {
      total += 0.5 * d * d;
      g[i] = k * d;
    } else {
      total += a - 0.5;
      g[i] = d > 0 ? k : -k;
    }
  }
  return total / n;
}

/** δ = 1.5. */
export function huber(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const d = x[i] - t[i];
    const a = Math.abs(d);
    if (a <= 1.5) {
      total += 0.5 * d * d;
      g[i] = k * d;
    } else {
      total += 1.5 * (a - 0.75);
      g[i] = d > 0 ? 1.5 * k : -1.5 * k;
    }
  }
  return total / n;
}

export function binaryCrossEntropy(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const p = x[i];
    total -= t[i] * Math.max(Math.log(p), -100) + (1 - t[i]) * Math.max(Math.log(1 - p), -100);
    g[i] = (k * (p - t[i])) / Math.max(p * (1 - p), 1e-12);
  }
  return total / n;
}

export function binaryCrossEntropyWithLogits(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const e = Math.exp(-Math.abs(v));
    total += Math.max(v, 0) - v * t[i] + Math.log1p(e);
    g[i] = k * ((v >= 0 ? 1 : e) / (1 + e) - t[i]);
  }
  return total / n;
}

/** α = 0.25, γ = 2, targets 0 or 1. */
export function sigmoidFocal(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const positive = t[i] > 0.5;
    const m = positive ? x[i] : -x[i];
    const alpha = positive ? 0.25 : 0.75;
    const e = Math.exp(-Math.abs(m));
    const ce = Math.max(-m, 0) + Math.log1p(e);
    const q = (m >= 0 ? e : 1) / (1 + e);
    const p = 1 - q;
    total += alpha * q * q * ce;
    const slope = -k * alpha * q * q * (q + 2 * p * ce);
    g[i] = positive ? slope : -slope;
  }
  return total / n;
}

/** Margin 1, targets ±1. */
export function hinge(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const z = 1 - t[i] * x[i];
    if (z > 0) {
      total += z;
      g[i] = -k * t[i];
    } else {
      g[i] = 0;
    }
  }
  return total / n;
}

/** Margin 1, targets ±1. */
export function squaredHinge(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 2 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const z = 1 - t[i] * x[i];
    if (z > 0) {
      total += z * z;
      g[i] = -k * t[i] * z;
    } else {
      g[i] = 0;
    }
  }
  return total / n;
}

export function logCosh(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const d = x[i] - t[i];
    const a = Math.abs(d);
    const e = Math.exp(-2 * a);
    total += a + Math.log1p(e) - Math.LN2;
    const tanh = (1 - e) / (1 + e);
    g[i] = d >= 0 ? k * tanh : -k * tanh;
  }
  return total / n;
}

/** q = 0.7. */
export function quantile(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const e = t[i] - x[i];
    if (e > 0) {
      total += 0.7 * e;
      g[i] = -0.7 * k;
    } else {
      total -= 0.3 * e;
      g[i] = e < 0 ? 0.3 * k : 0;
    }
  }
  return total / n;
}

/** Targets are probabilities. */
export function klDiv(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const p = t[i];
    if (p > 0) total += p * (Math.log(p) - x[i]);
    g[i] = -k * p;
  }
  return total / n;
}

/** Targets are log-probabilities. */
export function klDivLogTarget(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const p = Math.exp(t[i]);
    total += p * (t[i] - x[i]);
    g[i] = -k * p;
  }
  return total / n;
}

/** Inputs are logarithms of rates. */
export function poissonNll(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const rate = Math.exp(x[i]);
    total += rate - t[i] * x[i];
    g[i] = k * (rate - t[i]);
  }
  return total / n;
}

/** Targets ±1. */
export function softMargin(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const m = t[i] * x[i];
    const e = Math.exp(-Math.abs(m));
    total += Math.max(-m, 0) + Math.log1p(e);
    g[i] = (-k * t[i] * (m >= 0 ? e : 1)) / (1 + e);
  }
  return total / n;
}

/** Margin 1, targets ±1. */
export function hingeEmbedding(x: Floats, t: Floats, g: Floats): number {
  const n = x.length;
  const k = 1 / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    if (t[i] > 0) {
      total += x[i];
      g[i] = k;
    } else if (x[i] < 1) {
      total += 1 - x[i];
      g[i] = -k;
    } else {
      g[i] = 0;
    }
  }
  return total / n;
}
