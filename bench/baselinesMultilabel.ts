/** Rows against masks and sets of labels: see baselines.ts for what the baselines are. */
import type { Floats } from './baselines.js';

/** Mean Tversky loss of rows with smooth 1; alpha and beta 0.5 make it Dice. The gradient is a line in the mask. */
export function tversky(
  x: Floats,
  t: Floats,
  classes: number,
  alpha: number,
  beta: number,
  g: Floats,
): number {
  const rows = x.length / classes;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let both = 0;
    let input = 0;
    let mask = 0;
    for (let c = 0; c < classes; c++) {
      both += x[at + c] * t[at + c];
      input += x[at + c];
      mask += t[at + c];
    }
    const below = 1 / (both + alpha * (input - both) + beta * (mask - both) + 1);
    const ratio = (both + 1) * below;
    total += 1 - ratio;
    const base = (alpha * ratio * below) / rows;
    const slope = (((1 - alpha - beta) * ratio - 1) * below) / rows;
    for (let c = 0; c < classes; c++) g[at + c] = base + slope * t[at + c];
  }
  return total / rows;
}

/** The mean over rows and classes of binary cross-entropy with logits. */
export function multilabelSoftMargin(x: Floats, t: Floats, classes: number, g: Floats): number {
  const rows = x.length / classes;
  const k = 1 / x.length;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let sum = 0;
    for (let i = at; i < at + classes; i++) {
      const v = x[i];
      const e = Math.exp(-Math.abs(v));
      sum += Math.max(v, 0) - v * t[i] + Math.log1p(e);
      g[i] = k * ((v >= 0 ? 1 : e) / (1 + e) - t[i]);
    }
    total += sum / classes;
  }
  return total / rows;
}

let rivals = new Float64Array(0);

/** Labels stand first in a row of `y`, −1 ends them. In `rivals` a label is −∞, which no label leads by less than 1. */
export function multilabelMargin(x: Floats, y: Int32Array, classes: number, g: Floats): number {
  const rows = x.length / classes;
  const k = 1 / (rows * classes);
  if (rivals.length < classes) rivals = new Float64Array(classes);
  const scores = rivals;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    for (let c = 0; c < classes; c++) {
      scores[c] = x[at + c];
      g[at + c] = 0;
    }
    let labels = 0;
    while (labels < classes && y[at + labels] >= 0) scores[y[at + labels++]] = -Infinity;
    for (let j = 0; j < labels; j++) {
      const lead = 1 - x[at + y[at + j]];
      let above = 0;
      for (let c = 0; c < classes; c++) {
        const z = lead + scores[c];
        if (z > 0) {
          total += z;
          above++;
          g[at + c] += k;
        }
      }
      g[at + y[at + j]] -= above * k;
    }
  }
  return total * k;
}
