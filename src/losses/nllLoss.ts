import * as focal from '../kernels/modules/focal.js';
import { classWeightParameter, ignoreIndexParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, IndexArray, NumberArray } from '../types.js';

/**
 * Options of {@link nllLoss}.
 *
 * @category Options
 */
export interface NllLossOptions extends CommonOptions {
  /** A factor a class, `[C]`. */
  weight?: NumberArray | null;
  /** The target that does not count. Default -100. */
  ignoreIndex?: number;
}

/**
 * Negative log-likelihood of log-probabilities against class indices, as `torch.nn.functional.nll_loss`.
 *
 *     loss = −w_y · logProbs_y,  gradient −w_y at the target and 0 elsewhere
 *
 * Shapes, means and ignored rows as crossEntropy. The log-probabilities are taken as they are.
 *
 * @throws RangeError for a target outside [0, C), sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Classification
 */
export const nllLoss = rowLoss<IndexArray, NllLossOptions>({
  name: 'nllLoss',
  inputs: ['logProbs', 'targets'],
  parameters: [classWeightParameter, ignoreIndexParameter],
  kernel: focal.nll,
  constants: () => [],
  mean: 'weights',
});
