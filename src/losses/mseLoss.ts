import * as regression from '../kernels/modules/regression.js';
import { weightParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link mseLoss}.
 *
 * @category Options
 */
export interface MseLossOptions extends CommonOptions {
  /** A factor an element, or `[C]` over the class axis. */
  weight?: NumberArray | null;
}

/**
 * Squared error, as `torch.nn.functional.mse_loss`: loss = w · (input − target)², gradient 2w · (input − target).
 *
 * Input and target of one length and dtype; 'none' gives one loss an element. 'mean' divides by n, with weights by Σ w.
 *
 * @throws RangeError for lengths or shapes that do not fit
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Regression
 */
export const mseLoss = pointwiseLoss<RealArray, MseLossOptions>({
  name: 'mseLoss',
  parameters: [weightParameter],
  kernel: regression.mse,
  constants: () => [],
  weightedMean: true,
});
