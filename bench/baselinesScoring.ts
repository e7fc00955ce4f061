/** Scores of language models: see baselines.ts for what the baselines are. */
import type { Floats } from './baselines.js';

/** log p of each row's token to `out`; gives their sum. */
export function tokenLogProbs(x: Floats, y: Int32Array, classes: number, out: Floats): number {
  let total = 0;
  for (let r = 0; r < y.length; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(x[at + c] - max);
    out[r] = x[at + y[r]] - max - Math.log(sum);
    total += out[r];
  }
  return total;
}

/** The same, and entropy of each row. */
export function tokenStats(x: Floats, y: Int32Array, classes: number, out: Floats): number {
  let total = 0;
  for (let r = 0; r < y.length; r++) {
    const at = r * classes;
    let max = -Infinity;
    let best = 0;
    for (let c = 0; c < classes; c++) {
      if (x[at + c] > max) {
        max = x[at + c];
        best = c;
      }
    }
    let sum = 0;
    let gaps = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(x[at + c] - max);
      sum += e;
      gaps += e * (max - x[at + c]);
    }
    out[r] = x[at + y[r]] - max - Math.log(sum);
    total += Math.log(sum) + gaps / sum + best;
  }
  return total;
}

/** The k largest log-probabilities of each row to `out`, kept in order by insertion; gives their sum. */
export function topLogProbs(x: Floats, classes: number, k: number, out: Floats, indices: Int32Array): number {
  let total = 0;
  for (let r = 0; r < x.length / classes; r++) {
    const at = r * classes;
    const to = r * k;
    let kept = 0;
    for (let c = 0; c < classes; c++) {
      const v = x[at + c];
      if (kept === k && v <= out[to + k - 1]) continue;
      let n = kept < k ? kept++ : k - 1;
      for (; n > 0 && out[to + n - 1] < v; n--) {
        out[to + n] = out[to + n - 1];
        indices[to + n] = indices[to + n - 1];
      }
      out[to + n] = v;
      indices[to + n] = c;
    }
    const max = out[to];
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(x[at + c] - max);
    const log = Math.log(sum);
    for (let n = 0; n < k; n++) {
      out[to + n] -= max + log;
      total += out[to + n];
    }
  }
  return total;
}

/**
 * log p of each row's token by a whole log-softmax of the row, with the passes and the new array of Transformers.js 4.3 (`log_softmax` of its
 * src/utils/maths.js).
 */
export function byWholeRows(x: Floats, y: Int32Array, classes: number, out: Floats): number {
  let total = 0;
  for (let r = 0; r < y.length; r++) {
    out[r] = logSoftmax(x.subarray(r * classes, (r + 1) * classes) as Float32Array)[y[r]];
    total += out[r];
  }
  return total;
}

function logSoftmax(row: Float32Array): Float32Array {
  let max = row[0];
  for (let c = 1; c < row.length; c++) if (row[c] > max) max = row[c];
  let sum = 0;
  for (let c = 0; c < row.length; c++) sum += Math.exp(row[c] - max);
  const log = Math.log(sum);
  return row.map((v) => v - max - log);
}
