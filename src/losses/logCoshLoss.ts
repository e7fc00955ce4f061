import * as regression from '../kernels/modules/regression.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, RealArray } from '../types.js';

/**
 * Options of {@link logCoshLoss}.
 *
 * @category Options
 */
export type LogCoshLossOptions = CommonOptions;

/**
 * Log-cosh loss of d = input − target (Keras's and optax's `log_cosh`).
 *
 *     loss = log(cosh(d));  gradient tanh(d)
 *
 * Exact for small d, where log1p(2 sinh²(d/2)) is used (the loss at d = 1e-4 is 5e-9, in float32 too), and without overflow for large ones.
 * Input and target of one length and dtype; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Regression
 */
export const logCoshLoss = pointwiseLoss<RealArray, LogCoshLossOptions>({
  name: 'logCoshLoss',
  parameters: [],
  kernel: regression.logCosh,
  constants: () => [],
});
