import * as embeddings from '../kernels/modules/embeddings.js';
import { embeddingLoss } from '../embeddingLoss.js';
import type { CommonOptions, GradientArrays, NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link cosineEmbeddingLoss}.
 *
 * @category Options
 */
export interface CosineEmbeddingLossOptions extends CommonOptions<GradientArrays<'input1' | 'input2'>> {
  /** The cosine up to which a pair of label −1 costs nothing; [-1, 1] makes sense. Default 0. */
  margin?: number;
  /** Elements a row of flat arrays. Default: input1.length / target.length. */
  dim?: number;
}

/**
 * Cosine embedding loss, as `torch.nn.functional.cosine_embedding_loss`: label 1 draws two vectors together, label −1 drives them apart.
 *
 *     cos = x·y / √((x·x + e) · (y·y + e)),  e = 1e-12 (as float32)
 *     loss = 1 − cos where the target is 1, max(0, cos − margin) where it is −1
 *
 * Shapes: input1 and input2 rows x dim, of one length and dtype (flat, or tensors [N, D], or [D] for one row); target one label a row, ±1 in
 * any numbers; 'none' gives one loss a row. 'mean' divides by the rows; of no rows it is NaN. Gradients { input1, input2 }, 0 where cos is
 * exactly the margin. A NaN gives NaN in its row only. Nearly parallel vectors lose no digit to 1 − cos, and the squares of large ones
 * (1e30 in float32) do not overflow.
 *
 * @throws RangeError for a target that is not ±1, sizes or shapes that do not fit or contradict `dim`
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Embeddings
 */
export const cosineEmbeddingLoss = embeddingLoss<
  [input2: RealArray, target: NumberArray],
  CosineEmbeddingLossOptions,
  'input1' | 'input2'
>({
  name: 'cosineEmbeddingLoss',
  inputs: ['input1', 'input2'],
  labels: 'target',
  parameters: [
    {
      name: 'margin',
      type: 'number',
      default: 0,
      slider: [-1, 1],
      description: 'the cosine up to which a pair of label -1 costs nothing',
    },
  ],
  kernel: embeddings.cosineEmbedding,
  constants: (o) => [o.margin as number],
});
