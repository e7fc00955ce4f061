/** Divergences of the softmax of a student's and a teacher's row of logits: forward and reverse Kullback-Leibler, generalised Jensen-Shannon. */
import type { Real } from '../jobs.js';
import { weighted } from './scalar.js';
import { fillRow } from './softmaxRow.js';
import type { SoftLoop } from './types.js';

/** Log-probabilities of one row of logits divided by the temperature, into a reused float64 scratch. */
class LogProbs {
  logs = new Float64Array(0);
  /** The first maximum, and 1 − p there. */
  best = 0;
  missing = 0;

  /** Whether the row has a softmax. */
  load(x: Real, at: number, step: number, classes: number, temperature: number): boolean {
    if (this.logs.length < classes) this.logs = new Float64Array(Math.max(classes, 256));
    const { logs } = this;
    let max = -Infinity;
    let best = 0;
    for (let c = 0, i = at; c < classes; c++, i += step) {
      logs[c] = x[i];
      if (x[i] > max) {
        max = x[i];
        best = c;
      }
    }
    let others = 0;
    for (let c = 0; c < classes; c++) {
      logs[c] = (logs[c] - max) / temperature;
      if (c !== best) others += Math.exp(logs[c]);
    }
    this.best = best;
    this.missing = others / (1 + others);
    const tail = Math.log1p(others) + (max - max);
    for (let c = 0; c < classes; c++) logs[c] -= tail;
    return tail === tail;
  }
}

const student = new LogProbs();
const teacher = new LogProbs();

/** What a class adds to the divergence from its log-probabilities, and (for all but the forward one) r: the gradient is p (r − Σ p r). */
type Term = (s: number, t: number, beta: number) => number;

/** −log M by the larger of two log-probabilities that differ by u = t − s: by s where u < 0, else by t. */
function above(u: number, beta: number): number {
  return -Math.log1p((u >= 0 ? 1 - beta : beta) * Math.expm1(-Math.abs(u)));
}

function fromMixture(s: number, t: number, beta: number): number {
  const u = t - s;
  return u >= 0 ? above(u, beta) - u : above(u, beta);
}

const jensen: Term = (s, t, beta) => {
  const u = t - s;
  const a = u >= 0 ? above(u, beta) : above(u, beta) + u;
  return beta * weighted(a, Math.exp(t)) + (1 - beta) * weighted(fromMixture(s, t, beta), Math.exp(s));
};

/** Both rows −inf at a class: no part of either. */
const absent = (s: number, t: number) => s === -Infinity && t === -Infinity;

function divergence(term: Term, r: Term | null): SoftLoop {
  return (x, xAt, xStep, q, qAt, qStep, g, gAt, gStep, classes, scale, constants, _weight, result) => {
    const [temperature, factor, beta] = constants;
    const fine = student.load(x, xAt, xStep, classes, temperature);
    result[1] = 0;
    if (!teacher.load(q, qAt, qStep, classes, temperature) || !fine) {
      result[0] = NaN;
      if (g !== null) fillRow(g, gAt, gStep, classes, NaN);
      return;
    }
    const [s, t] = [student.logs, teacher.logs];
    // r from its value at the student's maximum, where p is nearly 1 and r − Σ p r nearly 0 in a confident row.
    const center = r ? r(s[student.best], t[student.best], beta) : 0;
    let sum = 0;
    let mean = 0;
    for (let c = 0; c < classes; c++) {
      if (absent(s[c], t[c])) continue;
      sum += term(s[c], t[c], beta);
      if (r) mean += weighted(r(s[c], t[c], beta) - center, Math.exp(s[c]));
    }
    result[0] = factor * sum;
    if (g === null) return;
    const k = (factor * scale) / temperature;
    const shared = student.best === teacher.best;
    for (let c = 0, i = gAt; c < classes; c++, i += gStep) {
      const p = Math.exp(s[c]);
      if (!r)
        g[i] = k * (shared && c === student.best ? teacher.missing - student.missing : p - Math.exp(t[c]));
      else g[i] = absent(s[c], t[c]) ? 0 : k * weighted(r(s[c], t[c], beta) - center - mean, p);
    }
  };
}

export const distillation = divergence((s, t) => weighted(t - s, Math.exp(t)), null);
export const reverseDistillation = divergence(
  (s, t) => weighted(s - t, Math.exp(s)),
  (s, t) => s - t,
);
export const jsDivergence = divergence(jensen, (s, t, beta) => (1 - beta) * fromMixture(s, t, beta));
