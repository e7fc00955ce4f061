import * as regression from '../kernels/modules/regression.js';
import { weightParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link l1Loss}.
 *
 * @category Options
 */
export interface L1LossOptions extends CommonOptions {
  /** A factor an element, or `[C]` over the class axis. */
  weight?: NumberArray | null;
}

/**
 * Absolute error, as `torch.nn.functional.l1_loss`: loss = w · |input − target|, gradient w · sign(input − target), 0 where they are equal.
 *
 * Input and target of one length and dtype; 'none' gives one loss an element. 'mean' divides by n, with weights by Σ w.
 *
 * @throws RangeError for lengths or shapes that do not fit
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Regression
 */
export const l1Loss = pointwiseLoss<RealArray, L1LossOptions>({
  name: 'l1Loss',
  parameters: [weightParameter],
  kernel: regression.l1,
  constants: () => [],
  weightedMean: true,
});
