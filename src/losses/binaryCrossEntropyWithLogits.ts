import * as binary from '../kernels/modules/binary.js';
import { labelSmoothingParameter, posWeightParameter, weightParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link binaryCrossEntropyWithLogits}.
 *
 * @category Options
 */
export interface BinaryCrossEntropyWithLogitsOptions extends CommonOptions {
  /** A factor an element, or `[C]` over the class axis. */
  weight?: NumberArray | null;
  /** A factor of the positive part: a number, one an element, or `[C]` over the class axis. */
  posWeight?: number | NumberArray | null;
  /** Moves targets towards 1/2, in [0, 1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy of logits against targets in [0, 1], as `torch.nn.functional.binary_cross_entropy_with_logits`.
 *
 *     t' = t(1 − ε) + ε/2,  loss = w · (posWeight · t' · softplus(−x) + (1 − t') · softplus(x))
 *
 * gradient w · ((1 − t') · σ(x) − posWeight · t' · σ(−x)). Nothing overflows and nothing cancels: a confident right answer keeps its digits.
 * Targets are any numbers of the input's length; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or an option out of its range
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Binary
 */
export const binaryCrossEntropyWithLogits = pointwiseLoss<NumberArray, BinaryCrossEntropyWithLogitsOptions>({
  name: 'binaryCrossEntropyWithLogits',
  parameters: [weightParameter, posWeightParameter, labelSmoothingParameter],
  kernel: binary.binaryCrossEntropyWithLogits,
  constants: (o) => [o.labelSmoothing as number],
  labels: true,
});
