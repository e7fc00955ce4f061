import * as margins from '../kernels/modules/margins.js';
import { smoothParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link tverskyLoss}.
 *
 * @category Options
 */
export interface TverskyLossOptions extends CommonOptions {
  /** Added above and below, >= 0. Default 1. */
  smooth?: number;
  /** Factor of the false positives, >= 0. Default 0.5. */
  alpha?: number;
  /** Factor of the false negatives, >= 0. Default 0.5. */
  beta?: number;
}

/**
 * Tversky loss of probabilities x against a mask t (Salehi et al. 2017, arXiv:1706.05721), as Keras's `tversky`; s = smooth.
 *
 *     TP = Σ x·t,  FP = Σ x·(1 − t),  FN = Σ (1 − x)·t,  loss = 1 − (TP + s) / (TP + α·FP + β·FN + s)
 *
 * One loss a row where `classes`, `shape` or a tensor's shape splits the input into rows, else one over the whole. Targets are any numbers of the
 * input's length. 'none' gives one loss a row, 'mean' divides by the rows. With smooth 0 a row of nothing against nothing is NaN.
 *
 * @throws RangeError for sizes that do not fit, a probability outside [0, 1] or an option out of its range
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Binary
 */
export const tverskyLoss = rowLoss<NumberArray, TverskyLossOptions>({
  name: 'tverskyLoss',
  inputs: ['input', 'target'],
  parameters: [
    smoothParameter,
    {
      name: 'alpha',
      type: 'number',
      default: 0.5,
      min: 0,
      slider: [0, 1],
      description: 'factor of the false positives',
    },
    {
      name: 'beta',
      type: 'number',
      default: 0.5,
      min: 0,
      slider: [0, 1],
      description: 'factor of the false negatives',
    },
  ],
  kernel: margins.tversky,
  constants: (o) => [o.alpha as number, o.beta as number, o.smooth as number],
  mean: 'rows',
  targets: 'mask',
  domain: 'probability',
  oneRow: true,
});
