import type { Real, RowStats } from '../kernels/jobs.js';
import { crossEntropy } from '../kernels/modules/crossEntropy.js';
import { tokenStats } from '../kernels/modules/tokenStats.js';
import { newReal } from '../kernels/source.js';
import { OptionTable, type Settled } from '../options.js';
import { commonOptions, type Parameter } from '../parameters.js';
import { sameMemory, takeArray, takeUpstream } from '../reduce.js';
import type { Input } from '../tensor.js';
import type { ArrayLikeOf, IndexArray, NumberArray, RealArray } from '../types.js';
import {
  checkResults,
  runScoring,
  type Scoring,
  type ScoringGradient,
  type ScoringOptions,
  scoringOf,
  scoringParameters,
} from './score.js';

/**
 * Options of {@link tokenLogProbs}.
 *
 * @category Options
 */
export interface TokenLogProbsOptions extends ScoringOptions, ScoringGradient {
  /** Entropy, likeliest class and accuracy from the same pass. Default false. */
  stats?: boolean;
  /** Upstream gradient: a number, or one a row. Default 1. */
  gradOutput?: number | NumberArray;
  /** Where the log-probabilities go: one a row, of the logits' dtype. Default a new array. */
  out?: Float32Array | Float64Array;
}

/** What `stats: true` gives: arrays of one entry a row. */
export interface TokenStats<A = Float32Array | Float64Array> {
  /** log p(target), 0 where the row does not count. */
  logProbs: A;
  /** −Σ p log p in nats, 0 where the row does not count. */
  entropy: A;
  /** The likeliest class, of equal ones the lower, −1 where the row does not count. */
  argmax: Int32Array;
  /** The share of the rows that count whose likeliest class is the target; NaN where none counts. */
  accuracy: number;
}

/** @inline */
type WithStats = TokenLogProbsOptions & { stats: true };
/** @inline */
type WithoutStats = TokenLogProbsOptions & { stats?: false };
/** Options of which it is not known whether they ask for statistics. */
type Either = TokenLogProbsOptions;

/** @inline */
interface Graded<V, A> {
  /** What the function itself gives. */
  value: V;
  /** Of Σ gradOutput · log p(target), by the logits. */
  grad: A;
  /** The rows that count. */
  divisor: number;
}

/** tokenLogProbs, or the same with options bound. `S`: whether `stats` is bound. */
export interface TokenLogProbsFunction<S extends boolean = false> {
  <A extends RealArray>(logits: A, targets: IndexArray, options: WithStats): TokenStats<ArrayLikeOf<A>>;
  <A extends RealArray>(
    logits: A,
    targets: IndexArray,
    options?: S extends true ? Omit<Either, 'stats'> : WithoutStats,
  ): S extends true ? TokenStats<ArrayLikeOf<A>> : ArrayLikeOf<A>;
  <A extends RealArray>(
    logits: A,
    targets: IndexArray,
    options: Either,
  ): ArrayLikeOf<A> | TokenStats<ArrayLikeOf<A>>;
  /** The value, and the gradient of Σ gradOutput · log p(target) by the logits. */
  valueAndGrad: {
    <A extends RealArray>(
      logits: A,
      targets: IndexArray,
      options: WithStats,
    ): Graded<TokenStats<ArrayLikeOf<A>>, ArrayLikeOf<A>>;
    <A extends RealArray>(
      logits: A,
      targets: IndexArray,
      options?: S extends true ? Omit<Either, 'stats'> : WithoutStats,
    ): Graded<S extends true ? TokenStats<ArrayLikeOf<A>> : ArrayLikeOf<A>, ArrayLikeOf<A>>;
    <A extends RealArray>(
      logits: A,
      targets: IndexArray,
      options: Either,
    ): Graded<ArrayLikeOf<A> | TokenStats<ArrayLikeOf<A>>, ArrayLikeOf<A>>;
  };
  /** The same function with these options bound and checked once; a call's own options win. */
  with: {
    (options: WithStats): TokenLogProbsFunction<true>;
    (options: TokenLogProbsOptions): TokenLogProbsFunction<S>;
  };
  /** Its own options. */
  readonly parameters: readonly Parameter[];
}

const NAME = 'tokenLogProbs';

const parameters: readonly Parameter[] = [
  ...scoringParameters,
  {
    name: 'stats',
    type: 'boolean',
    default: false,
    description: 'whether entropy, likeliest class and accuracy are given, too',
  },
];

const table = new OptionTable(
  NAME,
  parameters,
  commonOptions('shape', 'axis', 'classes', 'out', 'grad', 'gradOutput'),
);

interface Evaluation {
  value: Real | TokenStats;
  grad: Real | null;
  divisor: number;
}

function evaluate(logits: unknown, tokens: unknown, options: Settled, wantGrad: boolean): Evaluation {
  const scoring = scoringOf(NAME, logits, tokens, options);
  const { source, layout, targets } = scoring;
  const { rows } = layout;
  const gradOutput =
    wantGrad && typeof options.gradOutput !== 'number'
      ? takeUpstream(NAME, options.gradOutput, source.dtype, rows)
      : null;
  const out = takeArray(NAME, 'out', options.out, source.dtype, rows);
  const grad = wantGrad ? takeArray(NAME, 'grad', options.grad, source.dtype, source.length) : null;
  checkResults(NAME, scoring, out, grad, gradOutput);
  const stats: RowStats | null = options.stats
    ? { entropy: newReal(source.dtype, rows), argmax: new Int32Array(rows) }
    : null;
  run(scoring, options, { out, stats, grad }, gradOutput);
  const value = stats ? { logProbs: out, ...stats, accuracy: accuracyOf(scoring, stats.argmax) } : out;
  return { value, grad, divisor: targets.counted };
}

/**
 * log p to `out`, what else is wanted where it belongs. Where the gradient takes the place of the logits, the statistics come first: a row with a
 * NaN is ranked by its logits at the end.
 */
function run(
  scoring: Scoring,
  options: Settled,
  wanted: { out: Real; stats: RowStats | null; grad: Real | null },
  gradOutput: Input | null,
): void {
  const factor = typeof options.gradOutput === 'number' ? options.gradOutput : 1;
  const common = { scale: -factor, gradOutput };
  const grad = factor === 0 ? null : wanted.grad;
  if (factor === 0) wanted.grad?.fill(0);
  const first = wanted.stats && grad && sameMemory(grad, scoring.source.data);
  if (first) runScoring(tokenStats, scoring, options, { ...common, ...wanted, grad: null });
  const stats = first ? null : wanted.stats;
  runScoring(stats ? tokenStats : crossEntropy, scoring, options, { ...common, ...wanted, grad, stats });
  for (let r = 0; r < wanted.out.length; r++) wanted.out[r] = 0 - wanted.out[r];
}

function accuracyOf({ targets, layout }: Scoring, argmax: Int32Array): number {
  const classes = new Int32Array(1024);
  let right = 0;
  for (let r = 0; r < layout.rows; r += classes.length) {
    const count = Math.min(classes.length, layout.rows - r);
    targets.read(r, count, classes, 0);
    for (let i = 0; i < count; i++) if (classes[i] >= 0 && classes[i] === argmax[r + i]) right++;
  }
  return right / targets.counted;
}

function bind(base: Settled): TokenLogProbsFunction {
  const plain = (logits: unknown, tokens: unknown, options?: unknown) =>
    evaluate(logits, tokens, table.settle(options, base), false).value;
  const valueAndGrad = (logits: unknown, tokens: unknown, options?: unknown) =>
    evaluate(logits, tokens, table.settle(options, base), true);
  const members = { valueAndGrad, with: (options: unknown) => bind(table.settle(options, base)), parameters };
  return Object.assign(plain, members) as unknown as TokenLogProbsFunction;
}

/**
 * The log-probability that logits `[…, C]` give to each target: log_softmax(x)_y, with x = softcap · tanh(logits / softcap) / temperature.
 *
 *     value    x_y − log Σ_c e^x_c, one a row of the logits; 0 where the row does not count
 *     gradient gradOutput · ([c = y] − softmax(x)_c) · dx_c/dlogits_c
 *
 * `shift: 1` scores row t against token t + 1, as where the targets are the very tokens that went into the model; the last row of each
 * sequence does not count then. Sequences are the axis before the classes of the logits' tensor or `shape` (not of the targets); flat logits, and
 * logits [rows, C], are one sequence. A row whose target
 * is `ignoreIndex`, or that shift or mask leaves out, is never read. With padding on the left the first token of a text is scored from a row of
 * padding, unless the mask leaves it out. A NaN or +inf logit gives NaN in its row, −inf at the target −inf.
 *
 * `stats: true` gives `{ logProbs, entropy, argmax, accuracy }` instead: entropy −Σ p log p (nats) and likeliest class of each row that counts
 * (0 and −1 of others; a NaN is the largest, as in PyTorch), and the share of targets that are likeliest.
 *
 * @throws RangeError for a target outside [0, C), sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array, a tensor that is not on the CPU, an unknown option
 * @function
 * @category Language models
 */
export const tokenLogProbs: TokenLogProbsFunction = bind(table.defaults);
