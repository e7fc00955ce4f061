import * as binary from '../kernels/modules/binary.js';
import { classWeightParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link multilabelSoftMarginLoss}.
 *
 * @category Options
 */
export interface MultilabelSoftMarginLossOptions extends CommonOptions {
  /** A factor a class, `[C]`. */
  weight?: NumberArray | null;
}

/**
 * Multi-label soft margin loss, as `torch.nn.functional.multilabel_soft_margin_loss`: the mean over a row's classes of binary cross-entropy with logits.
 *
 *     loss = −1/C · Σ_c w_c · (t_c · log σ(x_c) + (1 − t_c) · log σ(−x_c));  gradient w_c · (σ(x_c) − t_c) / C
 *
 * Targets are any numbers of the input's length; flat arrays need `classes` or `shape`. 'none' gives one loss a row, 'mean' divides by the rows.
 *
 * @throws RangeError for sizes that do not fit
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Binary
 */
export const multilabelSoftMarginLoss = pointwiseLoss<NumberArray, MultilabelSoftMarginLossOptions>({
  name: 'multilabelSoftMarginLoss',
  parameters: [classWeightParameter],
  kernel: binary.binaryCrossEntropyWithLogits,
  constants: () => [0],
  labels: true,
  rowMeans: true,
});
