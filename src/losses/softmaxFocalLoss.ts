import * as focal from '../kernels/modules/focal.js';
import { classWeightParameter, gammaParameter, ignoreIndexParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, IndexArray, NumberArray } from '../types.js';

/**
 * Options of {@link softmaxFocalLoss}.
 *
 * @category Options
 */
export interface SoftmaxFocalLossOptions extends CommonOptions {
  /** How much easy rows lose weight, >= 0. Default 2. */
  gamma?: number;
  /** A factor a class, `[C]`. */
  weight?: NumberArray | null;
  /** The target that does not count. Default -100. */
  ignoreIndex?: number;
}

/**
 * Focal loss over softmax (Lin et al., arXiv:1708.02002, in its multi-class form) of logits against class indices.
 *
 *     loss = −w_y · (1 − p_y)^γ · log p_y,  p = softmax(logits)
 *
 * Shapes, ignored rows and errors as crossEntropy, which γ = 0 is. 'mean' divides by Σ w_y over the rows that count.
 *
 * @throws RangeError for a target outside [0, C), sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Classification
 */
export const softmaxFocalLoss = rowLoss<IndexArray, SoftmaxFocalLossOptions>({
  name: 'softmaxFocalLoss',
  inputs: ['logits', 'targets'],
  parameters: [gammaParameter, classWeightParameter, ignoreIndexParameter],
  kernel: focal.softmaxFocal,
  constants: (o) => [o.gamma as number],
  mean: 'weights',
});
