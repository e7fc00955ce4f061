import * as regression from '../kernels/modules/regression.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, RealArray } from '../types.js';

/**
 * Options of {@link quantileLoss}.
 *
 * @category Options
 */
export interface QuantileLossOptions extends CommonOptions {
  /** The quantile q that the input is to be, in (0, 1). Default 0.5, half the absolute error. */
  quantile?: number;
}

/**
 * Quantile loss, or pinball loss (Koenker & Bassett 1978, doi:10.2307/1913643), as scikit-learn's `mean_pinball_loss`; e = target − input.
 *
 *     loss = q · e where e >= 0, else (q − 1) · e;  gradient −q where e > 0, 1 − q where e < 0, 0 where e = 0
 *
 * Input and target of one length and dtype; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or a quantile outside (0, 1)
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Regression
 */
export const quantileLoss = pointwiseLoss<RealArray, QuantileLossOptions>({
  name: 'quantileLoss',
  parameters: [
    {
      name: 'quantile',
      type: 'number',
      default: 0.5,
      exclusiveMin: 0,
      exclusiveMax: 1,
      slider: [0.05, 0.95],
      description: 'the quantile of the target that the input is to be',
    },
  ],
  kernel: regression.quantile,
  constants: (o) => [o.quantile as number],
});
