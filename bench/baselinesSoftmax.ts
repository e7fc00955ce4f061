/** Poly-1, log-sum-exp and log-softmax of rows: see baselines.ts for what the baselines are. */
import type { Floats } from './baselines.js';

/** Mean poly-1 cross-entropy with epsilon 1. */
export function poly1(x: Floats, y: Int32Array, classes: number, g: Floats): number {
  const rows = y.length;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(x[at + c] - max);
      g[at + c] = e;
      sum += e;
    }
    const p = g[at + y[r]] / sum;
    total += Math.log(sum) + max - x[at + y[r]] + 1 - p;
    const k = (1 + p) / rows;
    for (let c = 0; c < classes; c++) g[at + c] *= k / sum;
    g[at + y[r]] -= k;
  }
  return total / rows;
}

/** One number a row to `out`; gives the first. */
export function logSumExp(x: Floats, classes: number, out: Floats, g: Floats): number {
  const rows = x.length / classes;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(x[at + c] - max);
      g[at + c] = e;
      sum += e;
    }
    out[r] = Math.log(sum) + max;
    const k = 1 / sum;
    for (let c = 0; c < classes; c++) g[at + c] *= k;
  }
  return out[0];
}

/** `up` is the upstream gradient, one an element; gives the first log-probability. */
export function logSoftmax(x: Floats, up: Floats, classes: number, out: Floats, g: Floats): number {
  const rows = x.length / classes;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
    let sum = 0;
    let share = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(x[at + c] - max);
      g[at + c] = e;
      sum += e;
      share += up[at + c];
    }
    const lse = Math.log(sum) + max;
    const k = share / sum;
    for (let c = 0; c < classes; c++) {
      out[at + c] = x[at + c] - lse;
      g[at + c] = up[at + c] - k * g[at + c];
    }
  }
  return out[0];
}
