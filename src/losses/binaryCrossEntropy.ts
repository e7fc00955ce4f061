import * as binary from '../kernels/modules/binary.js';
import { weightParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link binaryCrossEntropy}.
 *
 * @category Options
 */
export interface BinaryCrossEntropyOptions extends CommonOptions {
  /** A factor an element, or `[C]` over the class axis. */
  weight?: NumberArray | null;
}

/**
 * Cross-entropy of probabilities against targets in [0, 1], as `torch.nn.functional.binary_cross_entropy`. From logits,
 * binaryCrossEntropyWithLogits is exact where this is clamped.
 *
 *     loss = −w · (t · max(log x, −100) + (1 − t) · max(log(1 − x), −100));  gradient w · (x − t) / max(x(1 − x), 1e-12)
 *
 * Targets are any numbers of the input's length; 'none' gives one loss an element. 'mean' divides by n. A NaN gives NaN.
 *
 * @throws RangeError for lengths or shapes that do not fit, or a probability outside [0, 1]
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Binary
 */
export const binaryCrossEntropy = pointwiseLoss<NumberArray, BinaryCrossEntropyOptions>({
  name: 'binaryCrossEntropy',
  parameters: [weightParameter],
  kernel: binary.binaryCrossEntropy,
  constants: () => [],
  labels: true,
  domain: { input: 'probability' },
});
