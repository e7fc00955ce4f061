import { sideFor } from '../backend.js';
import { runTopLogProbs } from '../kernels/run.js';
import { newReal } from '../kernels/source.js';
import { isFlat, layoutOf, wholeRow } from '../layout.js';
import { kindOf, OptionTable, type Settled } from '../options.js';
import { commonOptions, type Parameter, softcapParameter, temperatureParameter } from '../parameters.js';
import { parseReal } from '../tensor.js';
import type { ArrayLikeOf, RealArray } from '../types.js';

/**
 * Options of {@link topLogProbs}.
 *
 * @category Options
 */
export interface TopLogProbsOptions {
  /** How many of each row, in [1, C]. */
  k: number;
  /** Logits (after softcap) are divided by it, > 0. Default 1. */
  temperature?: number;
  /** Logits become softcap · tanh(logits / softcap), > 0. Default off. */
  softcap?: number | null;
  /** The shape of flat logits; without it, and without classes, they are one row. */
  shape?: readonly number[];
  /** The class axis. Default -1. */
  axis?: number;
  /** Classes a row of flat logits. */
  classes?: number;
}

/** k entries a row, the likeliest first: the logits' shape with k in place of the classes. */
export interface TopLogProbs<A = Float32Array | Float64Array> {
  /** The classes. */
  indices: Int32Array;
  /** Their log-probabilities. */
  logProbs: A;
}

/** topLogProbs. */
export interface TopLogProbsFunction {
  /** The k likeliest classes of each row. */
  <A extends RealArray>(logits: A, options: TopLogProbsOptions): TopLogProbs<ArrayLikeOf<A>>;
  /** Its own options. */
  readonly parameters: readonly Parameter[];
}

const NAME = 'topLogProbs';

const parameters: readonly Parameter[] = [
  {
    name: 'k',
    type: 'number',
    default: null,
    required: true,
    min: 1,
    integer: true,
    description: 'how many of the likeliest classes of each row',
  },
  temperatureParameter,
  softcapParameter,
];

const table = new OptionTable(NAME, parameters, commonOptions('shape', 'axis', 'classes'));

function evaluate(logits: unknown, options: unknown): TopLogProbs {
  const settled: Settled = table.settle(options, table.defaults);
  const source = parseReal(NAME, 'logits', logits);
  const k = settled.k as number | null;
  if (k === null)
    throw new TypeError(
      `${NAME}: k is ${kindOf((options as Settled | undefined)?.k)}, expected how many classes of each row`,
    );
  const { outer, classes, inner, rows } = isFlat(source, settled)
    ? wholeRow(source.length)
    : layoutOf(NAME, 'logits', source, null, settled);
  if (k > classes && source.length > 0)
    throw new RangeError(`${NAME}: k is ${k}, expected at most the ${classes} classes of a row`);
  const { dtype } = source;
  const logProbs = newReal(dtype, rows * k);
  const indices = new Int32Array(rows * k);
  runTopLogProbs(sideFor(dtype, Infinity), {
    dtype,
    outer,
    classes,
    inner,
    input: source,
    k,
    softcap: (settled.softcap as number | null) ?? 0,
    temperature: settled.temperature as number,
    indices,
    logProbs,
  });
  return { indices, logProbs };
}

/**
 * The k likeliest classes of each row of logits `[…, C]` and their log-probabilities, the likeliest first, as `torch.topk(log_softmax(x), k)`, with
 * x = softcap · tanh(logits / softcap) / temperature; of equal logits the lower class comes first.
 *
 * One sum of exponentials a row and a selection of O(C log k) at worst. Where a softcap makes logits equal, they are equal here. The last bit of a
 * log-probability may differ from tokenLogProbs's where C is at most 64. A flat array without `classes` or `shape` is one row. With another class axis, or
 * a shape, the results have the logits' shape with k in place of the classes. A row with NaN or +inf, or all −inf, has NaN for all its
 * log-probabilities, its classes in the order of the logits with NaN first.
 *
 * @throws RangeError for k outside [1, C], sizes that do not fit, an option out of its range
 * @throws TypeError for a missing k, a wrong kind of array, a tensor that is not on the CPU, an unknown option
 * @function
 * @category Language models
 */
export const topLogProbs = Object.assign((logits: unknown, options: unknown) => evaluate(logits, options), {
  parameters,
}) as TopLogProbsFunction;
