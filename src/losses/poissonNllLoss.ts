import * as regression from '../kernels/modules/regression.js';
import { fullParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, RealArray } from '../types.js';

/**
 * Options of {@link poissonNllLoss}.
 *
 * @category Options
 */
export interface PoissonNllLossOptions extends CommonOptions {
  /** The input is the logarithm of the rate. Default true. */
  logInput?: boolean;
  /** Adds Stirling's approximation of log t! where t > 1. Default false. */
  full?: boolean;
  /** Added to the rate before its logarithm where logInput is false, >= 0. Default 1e-8. */
  eps?: number;
}

/**
 * Negative log-likelihood of counts t under a Poisson distribution, as `torch.nn.functional.poisson_nll_loss`.
 *
 *     loss = e^x − t · x;  gradient e^x − t;  without logInput  loss = x − t · log(x + eps);  gradient 1 − t / (x + eps)
 *     full: + t · log t − t + log(2πt)/2 where t > 1
 *
 * A rate below −eps gives NaN. Input and target of one length and dtype; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or eps < 0
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Regression
 */
export const poissonNllLoss = pointwiseLoss<RealArray, PoissonNllLossOptions>({
  name: 'poissonNllLoss',
  parameters: [
    {
      name: 'logInput',
      type: 'boolean',
      default: true,
      description: 'whether the input is the logarithm of the rate',
    },
    fullParameter,
    {
      name: 'eps',
      type: 'number',
      default: 1e-8,
      min: 0,
      slider: [0, 0.1],
      description: 'added to the rate before its logarithm, where the input is the rate',
    },
  ],
  kernel: (o) => (o.logInput ? regression.poissonNll : regression.poissonNllRate),
  constants: (o) => [o.full ? 1 : 0, o.eps as number],
});
