import * as margins from '../kernels/modules/margins.js';
import { smoothParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link diceLoss}.
 *
 * @category Options
 */
export interface DiceLossOptions extends CommonOptions {
  /** Added above and below, >= 0. Default 1. */
  smooth?: number;
}

/**
 * Dice loss of probabilities x against a mask t (Milletari et al. 2016, arXiv:1606.04797): tverskyLoss with alpha = beta = 1/2; s = smooth.
 *
 *     TP = Σ x·t,  FP = Σ x·(1 − t),  FN = Σ (1 − x)·t,  loss = 1 − (TP + s) / (TP + FP/2 + FN/2 + s)
 *
 * One loss a row where `classes`, `shape` or a tensor's shape splits the input into rows, else one over the whole. Targets are any numbers of the
 * input's length. 'none' gives one loss a row, 'mean' divides by the rows. With smooth 0 a row of nothing against nothing is NaN.
 *
 * @throws RangeError for sizes that do not fit, a probability outside [0, 1] or an option out of its range
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Binary
 */
export const diceLoss = rowLoss<NumberArray, DiceLossOptions>({
  name: 'diceLoss',
  inputs: ['input', 'target'],
  parameters: [smoothParameter],
  kernel: margins.tversky,
  constants: (o) => [0.5, 0.5, o.smooth as number],
  mean: 'rows',
  targets: 'mask',
  domain: 'probability',
  oneRow: true,
});
