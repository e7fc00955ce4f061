import * as regression from '../kernels/modules/regression.js';
import { fullParameter } from '../parameters.js';
import { ternaryLoss } from '../pointwiseLoss.js';
import type { CommonOptions, GradientArrays, RealArray } from '../types.js';

/**
 * Options of {@link gaussianNllLoss}.
 *
 * @category Options
 */
export interface GaussianNllLossOptions extends CommonOptions<GradientArrays<'input' | 'variance'>> {
  /** Adds log(2π)/2. Default false. */
  full?: boolean;
  /** Least variance, >= 0. Default 1e-6. */
  eps?: number;
}

/**
 * Negative log-likelihood of targets under Gaussians of mean x and a variance, as `torch.nn.functional.gaussian_nll_loss` (Nix & Weigend 1994).
 *
 *     v = max(variance, eps),  d = input − target,  loss = (log v + d²/v) / 2, full: + log(2π)/2
 *     gradients { input: d/v, variance: (1 − d²/v) / 2v }, the latter as if nothing were clamped
 *
 * All of one dtype; the variance has one number an element, or one a row: of the input's shape without its last axis, or with 1 there (for flat
 * arrays: a length that divides the input's); its gradient has its shape. 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, a negative variance, or eps < 0
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Regression
 */
export const gaussianNllLoss = ternaryLoss<
  [target: RealArray, variance: RealArray],
  GaussianNllLossOptions,
  'input' | 'variance'
>({
  name: 'gaussianNllLoss',
  inputs: { input: 'input', target: 'target', other: 'variance' },
  parameters: [
    fullParameter,
    {
      name: 'eps',
      type: 'number',
      default: 1e-6,
      min: 0,
      slider: [0, 0.5],
      description: 'the least variance; smaller ones are taken as this',
    },
  ],
  kernel: regression.gaussianNll,
  constants: (o) => [o.full ? 1 : 0, o.eps as number],
  domain: { other: 'variance' },
  otherARow: true,
});
