import * as focal from '../kernels/modules/focal.js';
import { classWeightParameter, ignoreIndexParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, IndexArray, NumberArray } from '../types.js';

/**
 * Options of {@link poly1Loss}.
 *
 * @category Options
 */
export interface Poly1LossOptions extends CommonOptions {
  /** Factor of 1 − p_y. Default 1; 0 is cross-entropy. */
  epsilon?: number;
  /** A factor a class, `[C]`. */
  weight?: NumberArray | null;
  /** The target that does not count. Default -100. */
  ignoreIndex?: number;
}

/**
 * Poly-1 cross-entropy (Leng et al. 2022, arXiv:2204.12511), as optax's `poly_loss_cross_entropy`; p = softmax(logits), y = target.
 *
 *     loss = w_y · (−log p_y + ε · (1 − p_y));  gradient w_y · (1 + ε · p_y) · (p_c − [c = y])
 *
 * Shapes, ignored rows and NaN as crossEntropy. 'none' gives one loss a row, 'mean' divides by Σ w_y over the rows that count.
 *
 * @throws RangeError for a target outside [0, C), sizes that do not fit
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Classification
 */
export const poly1Loss = rowLoss<IndexArray, Poly1LossOptions>({
  name: 'poly1Loss',
  inputs: ['logits', 'targets'],
  parameters: [
    {
      name: 'epsilon',
      type: 'number',
      default: 1,
      slider: [-1, 4],
      description: 'factor of 1 − p_y, the first term of the polynomial',
    },
    classWeightParameter,
    ignoreIndexParameter,
  ],
  kernel: focal.poly1,
  constants: (o) => [o.epsilon as number],
  mean: 'weights',
});
