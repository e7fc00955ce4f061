import type { Real } from '../kernels/jobs.js';
import { elementOf } from '../kernels/source.js';
import { OptionTable, type Settled } from '../options.js';
import { commonOptions, type Parameter } from '../parameters.js';
import { checkMemory, takeArray, takeUpstream } from '../reduce.js';
import { checkLengths } from '../sequences.js';
import { checkShape, type Input, parseIntegers, parseNumbers, parseReal, product } from '../tensor.js';
import type { ArrayLikeOf, IndexArray, NumberArray, RealArray } from '../types.js';
import { type ScoringGradient } from './score.js';

/**
 * Options of {@link sequenceLogProbs}.
 *
 * @category Options
 */
export interface SequenceLogProbsOptions extends ScoringGradient {
  /** One an entry of tokenLogProbs: where it is 0, the entry does not count. */
  mask?: NumberArray | null;
  /** One a sequence: its first so many entries count. */
  lengths?: IndexArray | null;
  /** The mean of the entries that count instead of their sum. Default false. */
  average?: boolean;
  /** The shape of a flat array, sequences along the last axis; without it the array is one sequence. */
  shape?: readonly number[];
  /** Upstream gradient: a number, or one a sequence. Default 1. */
  gradOutput?: number | NumberArray;
  /** Where the sums go: one a sequence, of the input's dtype. Default a new array. */
  out?: Float32Array | Float64Array;
}

/** sequenceLogProbs, or the same with options bound. */
export interface SequenceLogProbs {
  <A extends RealArray>(tokenLogProbs: A, options?: SequenceLogProbsOptions): ArrayLikeOf<A>;
  /** The same value, and the gradient of Σ gradOutput · value by the entries. `divisor`: the entries that count. */
  valueAndGrad<A extends RealArray>(
    tokenLogProbs: A,
    options?: SequenceLogProbsOptions,
  ): {
    /** What the function itself gives. */
    value: ArrayLikeOf<A>;
    /** The gradient by the entries. */
    grad: ArrayLikeOf<A>;
    /** The entries that count. */
    divisor: number;
  };
  /** The same function with these options bound and checked once; a call's own options win. */
  with(options: SequenceLogProbsOptions): SequenceLogProbs;
  /** Its own options. */
  readonly parameters: readonly Parameter[];
}

const NAME = 'sequenceLogProbs';
const INPUT = 'tokenLogProbs';

const parameters: readonly Parameter[] = [
  {
    name: 'mask',
    type: 'array',
    default: null,
    description: 'one an entry of tokenLogProbs: where it is 0, the entry does not count',
  },
  {
    name: 'lengths',
    type: 'array',
    default: null,
    description: 'one a sequence: its first so many entries count',
  },
  {
    name: 'average',
    type: 'boolean',
    default: false,
    description: 'whether sums are divided by the entries that count',
  },
];

const table = new OptionTable(NAME, parameters, commonOptions('shape', 'out', 'grad', 'gradOutput'));

interface Evaluation {
  value: Real;
  grad: Real | null;
  divisor: number;
}

function evaluate(tokenLogProbs: unknown, options: Settled, wantGrad: boolean): Evaluation {
  const source = parseReal(NAME, INPUT, tokenLogProbs);
  const { dtype } = source;
  const [sequences, tokens] = extentOf(source, options.shape);
  if (options.mask !== null && options.lengths !== null)
    throw new TypeError(
      `${NAME}: mask and lengths are given, expected one of them (null switches a bound one off)`,
    );
  const mask = options.mask === null ? null : parseNumbers(NAME, 'mask', options.mask, dtype);
  if (mask && mask.length !== source.length)
    throw new RangeError(
      `${NAME}: mask has ${mask.length} elements, expected ${source.length}, one an entry of ${INPUT}`,
    );
  const given = options.lengths === null ? null : parseIntegers(NAME, 'lengths', options.lengths);
  const lengths = given && lengthsOf(given, sequences, tokens);
  const upstream = wantGrad ? options.gradOutput : 1;
  const gradOutput = typeof upstream === 'number' ? null : takeUpstream(NAME, upstream, dtype, sequences);
  const out = takeArray(NAME, 'out', options.out, dtype, sequences);
  const grad = wantGrad ? takeArray(NAME, 'grad', options.grad, dtype, source.length) : null;
  checkMemory(NAME, { grad }, out, [source], [mask, given, gradOutput]);

  let counted = 0;
  for (let b = 0; b < sequences; b++) {
    const start = b * tokens;
    const end = start + (lengths ? lengths[b] : tokens);
    let sum = 0;
    let count = 0;
    for (let at = start; at < end; at++) {
      if (mask && elementOf(mask, at) === 0) continue;
      sum += elementOf(source, at);
      count++;
    }
    counted += count;
    out[b] = options.average ? sum / count : sum;
    if (!grad) continue;
    const factor = gradOutput ? elementOf(gradOutput, b) : (upstream as number);
    const slope = options.average ? factor / count : factor;
    for (let at = start; at < start + tokens; at++)
      grad[at] = at < end && !(mask && elementOf(mask, at) === 0) ? slope : 0;
  }
  return { value: out, grad, divisor: counted };
}

/** How many sequences of how many tokens. */
function extentOf({ length, shape: own }: Input, given: unknown): [sequences: number, tokens: number] {
  const shape = given === null ? own : checkShape(NAME, 'shape', given);
  if (shape === null) return [1, length];
  const text = `shape [${shape.join(', ')}]`;
  if (product(shape) !== length)
    throw new RangeError(`${NAME}: ${text} is ${product(shape)} elements, but ${INPUT} has ${length}`);
  if (shape.length === 0)
    throw new RangeError(`${NAME}: ${INPUT} has ${text}, expected [T] or [sequences, T]`);
  return [product(shape.slice(0, -1)), shape[shape.length - 1]];
}

function lengthsOf(given: Input, sequences: number, tokens: number): Int32Array {
  if (given.length !== sequences)
    throw new RangeError(
      `${NAME}: lengths has ${given.length} elements, expected ${sequences}, one a sequence (a flat array is one sequence without shape)`,
    );
  return checkLengths(NAME, 'lengths', given, sequences, tokens, 'the entries of a sequence');
}

function bind(base: Settled): SequenceLogProbs {
  const plain = (tokenLogProbs: unknown, options?: unknown) =>
    evaluate(tokenLogProbs, table.settle(options, base), false).value;
  const valueAndGrad = (tokenLogProbs: unknown, options?: unknown) =>
    evaluate(tokenLogProbs, table.settle(options, base), true);
  const members = { valueAndGrad, with: (options: unknown) => bind(table.settle(options, base)), parameters };
  return Object.assign(plain, members) as unknown as SequenceLogProbs;
}

/**
 * The log-probability of each sequence from those of its tokens `[…, T]` (tokenLogProbs, or a server's): what dpoLoss, orpoLoss, simpoLoss and ktoLoss take,
 * as `get_batch_logps` of TRL's trainers.
 *
 *     value     Σ of the entries that count, one a sequence; with `average` divided by how many they are
 *     gradient  gradOutput of the sequence, with `average` / how many count, at entries that count; 0 at others
 *
 * Sequences lie along the last axis of a tensor or `shape`; a flat array is one sequence. `mask` or `lengths`, not both, say what counts, by the place
 * in this array: after tokenLogProbs with `shift: 1` the entry of token t + 1 is at t, so that a mask of tokens, or of a completion, has to be moved by one
 * as well (the entries that tokenLogProbs left out are 0: they do no harm to a sum, but count in an average). What does not count is not
 * read, not even a NaN; unlike TRL's, which multiplies by the mask. Sums in float64. Nothing counts: 0, average NaN, gradient 0.
 *
 *     const scores = tokenLogProbs(logits, tokens, { shift: 1, shape: [B, T, V] });
 *     sequenceLogProbs(scores, { shape: [B, T], mask: completion.map((_, i) => ((i + 1) % T ? completion[i + 1] : 0)), average: true });
 *
 * @throws RangeError for sizes that do not fit, or a length outside [0, T]
 * @throws TypeError for a wrong kind of array, both mask and lengths, a tensor that is not on the CPU, an unknown option
 * @function
 * @category Language models
 */
export const sequenceLogProbs: SequenceLogProbs = bind(table.defaults);
