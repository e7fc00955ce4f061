/** softmax, sigmoid and class weights: what goes with the losses, without gradients. */
import { sideFor } from './backend.js';
import { logSumExp } from './kernels/modules/softmax.js';
import { plainJob } from './kernels/plainJob.js';
import { runRows, runSigmoid } from './kernels/run.js';
import { OptionTable } from './options.js';
import { commonOptions } from './parameters.js';
import { takeArray } from './reduce.js';
import { layoutOfRows, type RowFunctionOptions } from './rowFunction.js';
import { checkTargets } from './targets.js';
import { parseIntegers, parseReal } from './tensor.js';
import type { ArrayLikeOf, IndexArray, RealArray } from './types.js';

const softmaxTable = new OptionTable('softmax', [], commonOptions('shape', 'axis', 'classes', 'out'));
const sigmoidTable = new OptionTable('sigmoid', [], commonOptions('out'));
const classWeightsTable = new OptionTable('classWeights', [], commonOptions('classes'));

/**
 * e^x_c / Σ e^x over the class axis, as `torch.nn.functional.softmax`. A NaN or +inf in a row, or a row all −inf, gives NaN in that row.
 * `out` may be the input. A flat array without classes or shape is one row.
 *
 * @throws RangeError for sizes that do not fit; TypeError for a wrong kind of array or an unknown option
 * @category Tools
 */
export function softmax<A extends RealArray>(input: A, options?: RowFunctionOptions): ArrayLikeOf<A> {
  const settled = softmaxTable.settle(options, softmaxTable.defaults);
  const source = parseReal('softmax', 'input', input);
  const layout = layoutOfRows('softmax', source, settled);
  const out = takeArray('softmax', 'out', settled.out, source.dtype, source.length);
  // The gradient of logSumExp.
  const side = sideFor(source.dtype, source.length);
  runRows(side, logSumExp, { ...plainJob(source, layout), grad: out });
  return out as ArrayLikeOf<A>;
}

/**
 * 1 / (1 + e^−x), element by element, as `torch.sigmoid`; without overflow, and without cancellation on either side.
 *
 * @throws RangeError for an `out` of another length; TypeError for a wrong kind of array or an unknown option
 * @category Tools
 */
export function sigmoid<A extends RealArray>(
  input: A,
  options?: { out?: Float32Array | Float64Array },
): ArrayLikeOf<A> {
  const settled = sigmoidTable.settle(options, sigmoidTable.defaults);
  const source = parseReal('sigmoid', 'input', input);
  const out = takeArray('sigmoid', 'out', settled.out, source.dtype, source.length);
  runSigmoid(sideFor(source.dtype, source.length), source.dtype, source, source.length, out);
  return out as ArrayLikeOf<A>;
}

/**
 * Weights that make every class count the same: N / (C · count of the class), 0 for classes that do not occur (scikit-learn's 'balanced').
 * `classes` is needed where the highest class may be absent; without it C is the highest target + 1.
 *
 * @throws RangeError for a target outside [0, classes); TypeError for a wrong kind of array or an unknown option
 * @category Tools
 */
export function classWeights(targets: IndexArray, options?: { classes?: number }): Float32Array {
  const settled = classWeightsTable.settle(options, classWeightsTable.defaults);
  const parsed = parseIntegers('classWeights', 'targets', targets);
  const classes =
    (settled.classes as number | null) ?? highest(parsed.data as ArrayLike<number | bigint>) + 1;
  checkTargets('classWeights', parsed, parsed.length, classes, null, {
    ignoreIndex: null,
    shift: 0,
    sequence: parsed.length,
    mask: null,
  });
  const counts = new Float64Array(classes);
  for (let i = 0; i < parsed.length; i++) counts[Number(parsed.data[i])]++;
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : parsed.length / (classes * count)));
}

function highest(targets: ArrayLike<number | bigint>): number {
  let most = -1;
  for (let i = 0; i < targets.length; i++) if (Number(targets[i]) > most) most = Number(targets[i]);
  return Number.isSafeInteger(most) ? most : -1;
}
