import * as binary from '../kernels/modules/binary.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link softMarginLoss}.
 *
 * @category Options
 */
export type SoftMarginLossOptions = CommonOptions;

/**
 * Soft margin loss of scores x against labels t of ±1, the logistic loss of two classes, as `torch.nn.functional.soft_margin_loss`.
 *
 *     loss = log(1 + e^(−t·x));  gradient −t · σ(−t·x)
 *
 * Stable: nothing overflows (PyTorch's does from 89 in float32). Labels are any numbers of the input's length; 'none' gives one loss an element.
 * 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or a label that is not ±1
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Binary
 */
export const softMarginLoss = pointwiseLoss<NumberArray, SoftMarginLossOptions>({
  name: 'softMarginLoss',
  parameters: [],
  kernel: binary.softMargin,
  constants: () => [],
  labels: true,
  domain: { target: 'sign' },
});
