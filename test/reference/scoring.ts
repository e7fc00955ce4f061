/** Scores of a row of logits in float64: log-probabilities, entropy, ranking, gradient. Independent of src/ and assembly/, slow and plain on purpose. */
import { softmax } from './rows.js';
import { Sum, times } from './sums.js';

export interface ScoreOptions {
  softcap?: number;
  temperature?: number;
}

export interface Score {
  /** log p of each class. */
  logProbs: Float64Array;
  entropy: number;
  /** d log p(y) / d logits. */
  gradient(y: number): Float64Array;
  /** All classes, the likeliest first, of equal logits the lower first, NaN before everything. */
  order: number[];
}

const rank = (x: number) => (Number.isNaN(x) ? Infinity : x);

/** `nudge`: a relative change of the logits, and of what they are after the softcap, that tells how well the answer can be known. */
export function score(
  given: ArrayLike<number>,
  { softcap, temperature = 1 }: ScoreOptions = {},
  nudge = 0,
): Score {
  const x = Float64Array.from(given, (v) => v * (1 + nudge));
  const capped = x.map((v) => (softcap === undefined ? v : softcap * Math.tanh(v / softcap) * (1 + nudge)));
  const s = softmax(capped.map((v) => v / temperature));
  const logProbs = capped.map((_, c) => -s.nll(c));
  const entropy = new Sum();
  logProbs.forEach((l, c) => entropy.add(times(s.p[c]!, -l)));
  const gradient = (y: number) =>
    x.map((v, c) => {
      const slope = softcap === undefined ? 1 : 1 / Math.cosh(v / softcap) ** 2;
      return ((c === y ? s.rest(y) : -s.p[c]!) * slope) / temperature;
    });
  const nan = Array.from(x, (v) => Number.isNaN(v));
  const order = [...capped.keys()].sort(
    (a, b) => Number(nan[b]) - Number(nan[a]) || rank(capped[b]!) - rank(capped[a]!) || a - b,
  );
  // Infinity - Infinity is NaN, which || takes for 0: equal, as it should be.
  return { logProbs, entropy: entropy.value, gradient, order };
}

/** The class that each row is scored against, −1 where it does not count: by the definition of shift and mask, one row at a time. */
export function countedTargets(
  targets: ArrayLike<number>,
  sequence: number,
  { shift = 0, ignoreIndex = -100 }: { shift?: number; ignoreIndex?: number },
  mask?: ArrayLike<number>,
): number[] {
  return Array.from(targets, (_, row) => {
    const at = row + shift;
    if ((row % sequence) + shift >= sequence || (mask && mask[at] === 0)) return -1;
    return targets[at] === ignoreIndex ? -1 : targets[at]!;
  });
}
