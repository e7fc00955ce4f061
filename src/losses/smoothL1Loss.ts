import * as regression from '../kernels/modules/regression.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, RealArray } from '../types.js';

/**
 * Options of {@link smoothL1Loss}.
 *
 * @category Options
 */
export interface SmoothL1LossOptions extends CommonOptions {
  /** Where the parabola meets the line, >= 0; 0 is l1Loss. Default 1. */
  beta?: number;
}

/**
 * Smooth L1, as `torch.nn.functional.smooth_l1_loss`; d = input − target.
 *
 *     loss = d² / (2β) where |d| < β, else |d| − β/2;  gradient d/β clipped to ±1
 *
 * Input and target of one length and dtype; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or beta < 0
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Regression
 */
export const smoothL1Loss = pointwiseLoss<RealArray, SmoothL1LossOptions>({
  name: 'smoothL1Loss',
  parameters: [
    {
      name: 'beta',
      type: 'number',
      default: 1,
      min: 0,
      slider: [0, 4],
      description: 'where the parabola meets the line; 0 is L1',
    },
  ],
  kernel: (o) => (o.beta === 0 ? regression.l1 : regression.smoothL1),
  constants: (o) => [o.beta as number],
});
