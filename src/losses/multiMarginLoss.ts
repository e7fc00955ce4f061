import * as margins from '../kernels/modules/margins.js';
import { classWeightParameter, marginParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, IndexArray, NumberArray } from '../types.js';

/**
 * Options of {@link multiMarginLoss}.
 *
 * @category Options
 */
export interface MultiMarginLossOptions extends CommonOptions {
  /** 1 or 2. Default 1. */
  p?: 1 | 2;
  /** Default 1. */
  margin?: number;
  /** A factor a class, `[C]`. */
  weight?: NumberArray | null;
}

/**
 * Multi-class margin loss (sum form), as `torch.nn.functional.multi_margin_loss`.
 *
 *     loss = w_y / C · Σ_{c≠y} max(0, margin − x_y + x_c)^p
 *
 * Exactly at the margin the gradient is 0. Shapes as crossEntropy; there is no ignoreIndex. 'mean' divides by the rows.
 *
 * @throws RangeError for a target outside [0, C), p other than 1 or 2, sizes that do not fit
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Classification
 */
export const multiMarginLoss = rowLoss<IndexArray, MultiMarginLossOptions>({
  name: 'multiMarginLoss',
  inputs: ['input', 'targets'],
  parameters: [
    { name: 'p', type: 'choice', default: 1, choices: [1, 2], description: 'the power of each shortfall' },
    marginParameter,
    classWeightParameter,
  ],
  kernel: margins.multiMargin,
  constants: (o) => [o.p as number, o.margin as number],
  mean: 'rows',
});
