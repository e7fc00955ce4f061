import * as binary from '../kernels/modules/binary.js';
import { gammaParameter, posWeightParameter, weightParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link sigmoidFocalLoss}.
 *
 * @category Options
 */
export interface SigmoidFocalLossOptions extends CommonOptions {
  /** Weight of the positive class, at most 1; null or negative: off. Default 0.25. */
  alpha?: number | null;
  /** How much easy elements lose weight, >= 0. Default 2. */
  gamma?: number;
  /** A factor an element, or `[C]` over the class axis. */
  weight?: NumberArray | null;
  /** A factor of the positive part: a number, one an element, or `[C]` over the class axis. */
  posWeight?: number | NumberArray | null;
}

/**
 * Focal loss (Lin et al., arXiv:1708.02002), as torchvision's `sigmoid_focal_loss`; p = σ(x), p_t = p · t + (1 − p)(1 − t).
 *
 *     loss = w · α_t · (1 − p_t)^γ · BCE(x, t),  α_t = α · t + (1 − α)(1 − t)
 *
 * 1 − p_t is summed, not subtracted, so confident answers keep their digits; γ = 0 is BCE times α_t to the bit.
 * Targets in [0, 1] are any numbers of the input's length; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, alpha > 1 or gamma < 0
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Binary
 */
export const sigmoidFocalLoss = pointwiseLoss<NumberArray, SigmoidFocalLossOptions>({
  name: 'sigmoidFocalLoss',
  parameters: [
    {
      name: 'alpha',
      type: 'number',
      default: 0.25,
      max: 1,
      nullable: true,
      slider: [0, 1],
      description: 'weight of the positive class; null or negative: off',
    },
    gammaParameter,
    weightParameter,
    posWeightParameter,
  ],
  kernel: binary.sigmoidFocal,
  constants: (o) => [
    o.alpha === null || (o.alpha as number) < 0 ? -1 : (o.alpha as number),
    o.gamma as number,
  ],
  labels: true,
});
