import * as binary from '../kernels/modules/binary.js';
import { marginParameter, posWeightParameter, weightParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link hingeLoss}.
 *
 * @category Options
 */
export interface HingeLossOptions extends CommonOptions {
  /** Default 1. */
  margin?: number;
  /** A factor an element, or `[C]` over the class axis. */
  weight?: NumberArray | null;
  /** A factor of the positive part: a number, one an element, or `[C]` over the class axis. */
  posWeight?: number | NumberArray | null;
}

/**
 * Hinge loss of scores x against labels t of ±1 (Keras's `hinge`, with a margin); posWeight applies where t is 1.
 *
 *     loss = w · posWeight_t · max(0, margin − t·x);  gradient −t times the factors where the loss is positive
 *
 * Exactly at the margin the gradient is 0. Labels are any numbers of the input's length; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or a label that is not ±1
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Binary
 */
export const hingeLoss = pointwiseLoss<NumberArray, HingeLossOptions>({
  name: 'hingeLoss',
  parameters: [marginParameter, weightParameter, posWeightParameter],
  kernel: binary.hinge,
  constants: (o) => [o.margin as number],
  labels: true,
  domain: { target: 'sign' },
});
