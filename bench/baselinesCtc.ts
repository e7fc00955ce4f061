/** Connectionist temporal classification in log space: see baselines.ts for what the baselines are. */
import type { Floats } from './baselines.js';

let logProbs = new Float64Array(0);
let alphas = new Float64Array(0);
let later = new Float64Array(0);
let next = new Float64Array(0);
let states = new Int32Array(0);

function grow(frames: number, classes: number, labels: number): void {
  const lattice = 2 * labels + 1;
  if (logProbs.length < frames * classes) logProbs = new Float64Array(frames * classes);
  if (alphas.length < frames * lattice) alphas = new Float64Array(frames * lattice);
  if (later.length < lattice) {
    later = new Float64Array(lattice);
    next = new Float64Array(lattice);
    states = new Int32Array(lattice);
  }
}

/** log(e^a + e^b). */
function add2(a: number, b: number): number {
  const max = a > b ? a : b;
  if (max === -Infinity) return max;
  return max + Math.log1p(Math.exp((a > b ? b : a) - max));
}

/** log(e^a + e^b + e^c). */
function add3(a: number, b: number, c: number): number {
  let max = a;
  let second = b;
  if (b > a) {
    max = b;
    second = a;
  }
  let third = c;
  if (c > max) {
    third = max;
    max = c;
  }
  if (max === -Infinity) return max;
  return max + Math.log1p(Math.exp(second - max) + Math.exp(third - max));
}

/**
 * Mean CTC loss of logits [T, samples, C] against targets [samples, width], blank 0, every sample all its T frames long, and its gradient.
 * Only states that can still be reached, and can still reach the end, are visited.
 */
export function ctc(
  x: Floats,
  y: Int32Array,
  lengths: Int32Array,
  frames: number,
  classes: number,
  g: Floats,
): number {
  const samples = lengths.length;
  const width = y.length / samples;
  grow(frames, classes, width);
  const [lp, alpha, label] = [logProbs, alphas, states];
  let total = 0;
  for (let n = 0; n < samples; n++) {
    const length = lengths[n];
    const last = 2 * length;
    const size = last + 1;
    const scale = 1 / (Math.max(1, length) * samples);
    for (let s = 0; s <= last; s++) label[s] = s % 2 === 1 ? y[n * width + (s >> 1)] : 0;

    // Log-softmax to lp, the softmax of the gradient to g.
    for (let t = 0; t < frames; t++) {
      const at = (t * samples + n) * classes;
      const to = t * classes;
      let max = -Infinity;
      for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
      let sum = 0;
      for (let c = 0; c < classes; c++) {
        const e = Math.exp(x[at + c] - max);
        g[at + c] = e;
        sum += e;
      }
      const lse = Math.log(sum) + max;
      const k = scale / sum;
      for (let c = 0; c < classes; c++) {
        lp[to + c] = x[at + c] - lse;
        g[at + c] *= k;
      }
    }

    alpha.fill(-Infinity, 0, frames * size);
    alpha[0] = lp[0];
    if (length > 0) alpha[1] = lp[label[1]];
    for (let t = 1; t < frames; t++) {
      const row = t * size;
      const before = row - size;
      const low = Math.max(0, size - 2 * (frames - t));
      const high = Math.min(last, 2 * t + 1);
      for (let s = low; s <= high; s++) {
        const c = label[s];
        const stay = alpha[before + s];
        const step = s > 0 ? alpha[before + s - 1] : -Infinity;
        const sum =
          s % 2 === 1 && s > 1 && c !== label[s - 2]
            ? add3(stay, step, alpha[before + s - 2])
            : add2(stay, step);
        alpha[row + s] = sum + lp[t * classes + c];
      }
    }
    const end = (frames - 1) * size + last;
    const logZ = length > 0 ? add2(alpha[end], alpha[end - 1]) : alpha[end];
    total -= logZ / Math.max(1, length);

    // after[s]: beta of frame t + 1 with its emission.
    let after = later;
    let now = next;
    for (let t = frames - 1; t >= 0; t--) {
      const row = t * size;
      const at = (t * samples + n) * classes;
      const low = Math.max(0, size - 2 * (frames - t));
      const high = Math.min(last, 2 * t + 1);
      now.fill(-Infinity, 0, size);
      for (let s = low; s <= high; s++) {
        const c = label[s];
        let beta = 0;
        if (t < frames - 1) {
          const stay = after[s];
          const step = s < last ? after[s + 1] : -Infinity;
          beta =
            s % 2 === 1 && s + 2 <= last && c !== label[s + 2]
              ? add3(stay, step, after[s + 2])
              : add2(stay, step);
        }
        now[s] = beta + lp[t * classes + c];
        g[at + c] -= scale * Math.exp(alpha[row + s] + beta - logZ);
      }
      [after, now] = [now, after];
    }
  }
  return total / samples;
}
