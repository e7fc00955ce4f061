import * as regression from '../kernels/modules/regression.js';
import { weightParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link huberLoss}.
 *
 * @category Options
 */
export interface HuberLossOptions extends CommonOptions {
  /** Where the parabola meets the line, > 0. Default 1. */
  delta?: number;
  /** A factor an element, or `[C]` over the class axis. */
  weight?: NumberArray | null;
}

/**
 * Huber loss, as `torch.nn.functional.huber_loss` (Huber 1964, doi:10.1214/aoms/1177703732); d = input − target.
 *
 *     loss = w · d²/2 where |d| <= δ, else w · δ · (|d| − δ/2);  gradient w · d clipped to ±δ
 *
 * Input and target of one length and dtype; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or delta <= 0
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Regression
 */
export const huberLoss = pointwiseLoss<RealArray, HuberLossOptions>({
  name: 'huberLoss',
  parameters: [
    {
      name: 'delta',
      type: 'number',
      default: 1,
      exclusiveMin: 0,
      slider: [0.1, 4],
      description: 'where the parabola meets the line',
    },
    weightParameter,
  ],
  kernel: regression.huber,
  constants: (o) => [o.delta as number],
});
