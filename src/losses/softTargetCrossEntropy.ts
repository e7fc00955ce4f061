import * as softmax from '../kernels/modules/softmax.js';
import { classWeightParameter, labelSmoothingParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link softTargetCrossEntropy}.
 *
 * @category Options
 */
export interface SoftTargetCrossEntropyOptions extends CommonOptions {
  /** A factor a class, `[C]`. */
  weight?: NumberArray | null;
  /** In [0, 1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy of logits against class probabilities q of the same shape, as `torch.nn.functional.cross_entropy` with probability targets.
 *
 *     q' = (1 − ε) · q + ε/C,  loss = Σ_c w_c · q'_c · (lse − x_c),  gradient Q · p_c − w_c · q'_c with Q = Σ w_c · q'_c
 *
 * The q need not add up to 1. Flat arrays need `classes` or `shape`. 'none' gives one loss a row, 'mean' divides by the rows.
 *
 * @throws RangeError for sizes that do not fit or an option out of its range
 * @throws TypeError for index targets, mixed dtypes or an unknown option (`ignoreIndex` goes with indices: crossEntropy)
 * @function
 * @category Classification
 */
export const softTargetCrossEntropy = rowLoss<RealArray, SoftTargetCrossEntropyOptions>({
  name: 'softTargetCrossEntropy',
  inputs: ['logits', 'targets'],
  parameters: [classWeightParameter, labelSmoothingParameter],
  kernel: softmax.softTargetCrossEntropy,
  constants: (o) => [o.labelSmoothing as number],
  readsAllWeights: () => true,
  mean: 'rows',
  targets: 'distribution',
});
