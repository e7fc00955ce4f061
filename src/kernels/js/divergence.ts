/** Divergences of the softmax of a student's and a teacher's row of logits: forward and reverse Kullback-Leibler, generalised Jensen-Shannon. */
import type { Real } from '../jobs.js';
import { weighted } from './scalar.js';
import { cool, fillRow, loadRow } from './softmaxRow.js';
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
    const best = loadRow(x, at, step, classes, logs);
    const max = logs[best];
    cool(logs, classes, max, temperature);
    let others = 0;
    for (let c = 0; c < classes; c++) if (c !== best) others += Math.exp(logs[c]);
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

/** p·log(p/q) + q − p with u = log(p/q); what is added is 0 over all classes, and leaves no term negative. */
function divergenceTerm(p: number, q: number, u: number): number {
  return Math.abs(u) <= 1 ? Math.max(p * (u + Math.expm1(-u)), 0) : weighted(u, p) + (q - p);
}

/** −log(share·e^u + rest), share + rest = 1: how far a log-probability lies above the mixture's, u the other one's distance above it. */
function aboveMixture(share: number, rest: number, u: number): number {
  const y = share * Math.expm1(u);
  return y < -0.5 ? -Math.log(share * Math.exp(u) + rest) : -Math.log1p(y);
}

const jensen: Term = (s, t, beta) => {
  const [ps, pt] = [Math.exp(s), Math.exp(t)];
  const m = beta * pt + (1 - beta) * ps;
  const ofTeacher = divergenceTerm(pt, m, aboveMixture(1 - beta, beta, s - t));
  return beta * ofTeacher + (1 - beta) * divergenceTerm(ps, m, aboveMixture(beta, 1 - beta, t - s));
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

export const distillation = divergence((s, t) => divergenceTerm(Math.exp(t), Math.exp(s), t - s), null);
export const reverseDistillation = divergence(
  (s, t) => divergenceTerm(Math.exp(s), Math.exp(t), s - t),
  (s, t) => s - t,
);
export const jsDivergence = divergence(
  jensen,
  (s, t, beta) => (1 - beta) * aboveMixture(beta, 1 - beta, t - s),
);
