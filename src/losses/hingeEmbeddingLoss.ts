import * as binary from '../kernels/modules/binary.js';
import { marginParameter } from '../parameters.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, NumberArray } from '../types.js';

/**
 * Options of {@link hingeEmbeddingLoss}.
 *
 * @category Options
 */
export interface HingeEmbeddingLossOptions extends CommonOptions {
  /** Default 1. */
  margin?: number;
}

/**
 * Hinge embedding loss of distances x against labels t (1: alike, −1: not), as `torch.nn.functional.hinge_embedding_loss`.
 *
 *     loss = x where t = 1, max(0, margin − x) where t = −1;  gradient 1, and −1 where that is positive
 *
 * Exactly at the margin the gradient is 0. Labels are any numbers of the input's length; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or a label that is not ±1
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Embeddings
 */
export const hingeEmbeddingLoss = pointwiseLoss<NumberArray, HingeEmbeddingLossOptions>({
  name: 'hingeEmbeddingLoss',
  parameters: [marginParameter],
  kernel: binary.hingeEmbedding,
  constants: (o) => [o.margin as number],
  labels: true,
  domain: { target: 'sign' },
});
