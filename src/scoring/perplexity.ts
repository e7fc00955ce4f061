import { crossEntropy } from '../kernels/modules/crossEntropy.js';
import { kindOf, OptionTable, type Settled } from '../options.js';
import { commonOptions, type Parameter } from '../parameters.js';
import { takeArray } from '../reduce.js';
import type { Real } from '../kernels/jobs.js';
import type { ArrayLikeOf, IndexArray, RealArray } from '../types.js';
import {
  checkResults,
  runScoring,
  type ScoringGradient,
  type ScoringOptions,
  scoringOf,
  scoringParameters,
  sumOnly,
} from './score.js';

/**
 * Options of {@link perplexity}.
 *
 * @category Options
 */
export interface PerplexityOptions extends ScoringOptions, ScoringGradient {
  /** Upstream gradient. Default 1. */
  gradOutput?: number;
}

/** perplexity, or the same with options bound. */
export interface PerplexityFunction {
  (logits: RealArray, targets: IndexArray, options?: PerplexityOptions): number;
  /** The value, and its gradient by the logits. `divisor`: the tokens that count. */
  valueAndGrad<A extends RealArray>(
    logits: A,
    targets: IndexArray,
    options?: PerplexityOptions,
  ): {
    /** What the function itself gives. */
    value: number;
    /** The gradient by the logits. */
    grad: ArrayLikeOf<A>;
    /** The tokens that count. */
    divisor: number;
  };
  /** The same function with these options bound and checked once; a call's own options win. */
  with(options: PerplexityOptions): PerplexityFunction;
  /** Its own options. */
  readonly parameters: readonly Parameter[];
}

const NAME = 'perplexity';

const table = new OptionTable(
  NAME,
  scoringParameters,
  commonOptions('shape', 'axis', 'classes', 'grad', 'gradOutput'),
);

interface Evaluation {
  value: number;
  grad: Real | null;
  divisor: number;
}

function evaluate(logits: unknown, tokens: unknown, options: Settled, wantGrad: boolean): Evaluation {
  const scoring = scoringOf(NAME, logits, tokens, options);
  const { source, targets } = scoring;
  const divisor = targets.counted;
  const factor = wantGrad ? (options.gradOutput as unknown) : 1;
  if (typeof factor !== 'number')
    throw new TypeError(`${NAME}: gradOutput is ${kindOf(factor)}, expected a number`);
  const grad = wantGrad ? takeArray(NAME, 'grad', options.grad, source.dtype, source.length) : null;
  checkResults(NAME, scoring, null, grad, null);
  const value = Math.exp(runScoring(crossEntropy, scoring, options, sumOnly) / divisor);
  // Its factor holds the value: a second pass. (Perplexities beyond 3.4e38 have no float32 gradient.)
  if (grad) {
    if (divisor === 0 || factor === 0) grad.fill(0);
    else runScoring(crossEntropy, scoring, options, { ...sumOnly, grad, scale: (factor * value) / divisor });
  }
  return { value, grad, divisor };
}

function bind(base: Settled): PerplexityFunction {
  const plain = (logits: unknown, tokens: unknown, options?: unknown) =>
    evaluate(logits, tokens, table.settle(options, base), false).value;
  const valueAndGrad = (logits: unknown, tokens: unknown, options?: unknown) =>
    evaluate(logits, tokens, table.settle(options, base), true);
  const members = {
    valueAndGrad,
    with: (options: unknown) => bind(table.settle(options, base)),
    parameters: scoringParameters,
  };
  return Object.assign(plain, members) as unknown as PerplexityFunction;
}

/**
 * exp of the mean of −log p(target) over the tokens that count, as `torch.exp(cross_entropy(logits, targets))`.
 *
 *     gradient gradOutput · value / tokens · (softmax(x)_c − [c = y]) · dx_c/dlogits_c
 *
 * Logits, targets and options as tokenLogProbs. Nothing counted: NaN, gradient 0. For more than one batch, sum with the class `Perplexity`: the
 * mean of perplexities is not the perplexity.
 *
 * @throws RangeError for a target outside [0, C), sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array, a tensor that is not on the CPU, an unknown option
 * @function
 * @category Language models
 */
export const perplexity: PerplexityFunction = bind(table.defaults);
