/**
 * Connectionist temporal classification in float64, once as the forward and backward recursions in log space and once
 * as what they stand for: the sum over every path. One sample at a time; independent of src/ and assembly/.
 */
import { softmax } from './rows.js';
import { Sum, sum } from './sums.js';

export interface CtcOptions {
  blank?: number;
  zeroInfinity?: boolean;
  fromLogits?: boolean;
}

/** One sample: its frames x classes, its labels. */
export interface CtcTask {
  frames: readonly Float64Array[];
  labels: readonly number[];
  options: CtcOptions;
}

export interface CtcAnswer {
  loss: number;
  /** Of each frame: exp(lp) − occupancy, which for logits is the derivative. */
  grads: Float64Array[];
}

function logSum(...terms: number[]): number {
  const max = terms.reduce((a, b) => Math.max(a, b), -Infinity);
  return max === -Infinity ? -Infinity : max + Math.log(sum(terms.map((x) => Math.exp(x - max))));
}

const logProbs = ({ frames, options }: CtcTask) =>
  options.fromLogits
    ? frames.map((x) => {
        const s = softmax(x);
        return x.map((_, c) => -s.nll(c));
      })
    : [...frames];

export function ctc(task: CtcTask): CtcAnswer {
  const { labels, options } = task;
  const { blank = 0, zeroInfinity = false } = options;
  const lp = logProbs(task);
  const T = lp.length;
  /** Blank, label, blank, label, …, blank. */
  const path = [blank, ...labels.flatMap((y) => [y, blank])];
  const S = path.length;
  const skips = (s: number) => s >= 2 && path[s] !== blank && path[s] !== path[s - 2];
  const start = (s: number) => (s < 2 ? 0 : -Infinity);
  // Every row less its maximum, so that long sequences round as little as short ones; the maxima of alpha add up to the loss.
  const total = new Sum();
  const alpha: number[][] = [];
  for (let t = 0; t < T; t++) {
    const before = (s: number) => alpha[t - 1]?.[s] ?? -Infinity;
    const [row, max] = lessItsMaximum(
      path.map(
        (c, s) =>
          lp[t]![c]! +
          (t === 0 ? start(s) : logSum(before(s), before(s - 1), skips(s) ? before(s - 2) : -Infinity)),
      ),
    );
    alpha.push(row);
    total.add(max);
  }
  /** Without the frame's own probability. */
  const beta: number[][] = [];
  for (let t = T - 1; t >= 0; t--) {
    const after = (s: number) => (s < S ? beta[t + 1]![s]! + lp[t + 1]![path[s]!]! : -Infinity);
    const row = path.map((_, s) =>
      t === T - 1
        ? start(S - 1 - s)
        : logSum(after(s), after(s + 1), skips(s + 2) ? after(s + 2) : -Infinity),
    );
    [beta[t]] = lessItsMaximum(row);
  }
  const last = alpha[T - 1];
  // No frame: only the empty list of labels has a path.
  const rest = last ? logSum(last[S - 1]!, last[S - 2] ?? -Infinity) : S === 1 ? 0 : -Infinity;
  const classes = lp[0]?.length ?? 0;
  if (rest === -Infinity) {
    const nothing = zeroInfinity ? 0 : NaN;
    return {
      loss: zeroInfinity ? 0 : Infinity,
      grads: lp.map(() => new Float64Array(classes).fill(nothing)),
    };
  }
  total.add(rest);
  const grads = lp.map((row, t) => {
    const passing = path.map((_, s) => alpha[t]![s]! + beta[t]![s]!);
    const all = logSum(...passing);
    const at = row.map(() => -Infinity);
    path.forEach((c, s) => (at[c] = logSum(at[c]!, passing[s]!)));
    return row.map((x, c) => Math.exp(x) - Math.exp(at[c]! - all));
  });
  return { loss: -total.value, grads };
}

function lessItsMaximum(row: number[]): [number[], number] {
  const max = row.reduce((a, b) => Math.max(a, b), -Infinity);
  return max === -Infinity ? [row, 0] : [row.map((x) => x - max), max];
}

/** −log Σ over every sequence of classes that collapses to the labels. */
export function ctcByEnumeration(task: CtcTask): number {
  const { labels, options } = task;
  const { blank = 0 } = options;
  const lp = logProbs(task);
  const classes = lp[0]!.length;
  const terms: number[] = [];
  for (let code = 0; code < classes ** lp.length; code++) {
    const walk = lp.map((_, t) => Math.floor(code / classes ** t) % classes);
    const collapsed = walk.filter((c, t) => c !== blank && c !== walk[t - 1]);
    if (collapsed.length === labels.length && collapsed.every((c, i) => c === labels[i]))
      terms.push(sum(walk.map((c, t) => lp[t]![c]!)));
  }
  return -logSum(-Infinity, ...terms);
}
