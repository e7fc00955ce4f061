import * as embeddings from '../kernels/modules/embeddings.js';
import { embeddingLoss } from '../embeddingLoss.js';
import type { CommonOptions, GradientArrays, RealArray } from '../types.js';

/**
 * Options of {@link tripletMarginLoss}.
 *
 * @category Options
 */
export interface TripletMarginLossOptions extends CommonOptions<
  GradientArrays<'anchor' | 'positive' | 'negative'>
> {
  /** How much farther than the positive the negative has to be, > 0. Default 1. */
  margin?: number;
  /** Of the norm, >= 1. Default 2. */
  p?: number;
  /** Added to every component of a difference, >= 0. Default 1e-6. */
  eps?: number;
  /** The negative's distance is the smaller of its distances from anchor and positive. Default false. */
  swap?: boolean;
  /** Elements a row of flat arrays, which need it. */
  dim?: number;
}

/**
 * Triplet margin loss, as `torch.nn.functional.triplet_margin_loss` (FaceNet, arXiv:1503.03832; `swap`: Balntas et al. 2016,
 * doi:10.5244/C.30.119).
 *
 *     d(x, y) = ‖x − y + eps‖_p, eps added to every component
 *     loss = max(0, margin + d(anchor, positive) − d(anchor, negative)),  with swap − min(d(anchor, negative), d(positive, negative))
 *
 * Shapes: anchor, positive and negative rows x dim, of one length and dtype (flat with `dim`, or tensors [N, D], or [D] for one row); 'none'
 * gives one loss a row. 'mean' divides by the rows; of no rows it is NaN. Gradients { anchor, positive, negative }, 0 exactly at the margin
 * and for a distance of 0; where swap finds both distances equal each has half the slope. A NaN gives NaN in its row only.
 *
 * @throws RangeError for sizes or shapes that do not fit or contradict `dim`, flat arrays without `dim`, margin <= 0, p < 1 or eps < 0
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Embeddings
 */
export const tripletMarginLoss = embeddingLoss<
  [positive: RealArray, negative: RealArray],
  TripletMarginLossOptions,
  'anchor' | 'positive' | 'negative'
>({
  name: 'tripletMarginLoss',
  inputs: ['anchor', 'positive', 'negative'],
  parameters: [
    {
      name: 'margin',
      type: 'number',
      default: 1,
      exclusiveMin: 0,
      slider: [0.1, 4],
      description: 'how much farther than the positive the negative has to be',
    },
    {
      name: 'p',
      type: 'number',
      default: 2,
      min: 1,
      slider: [1, 4],
      description: 'of the norm',
    },
    {
      name: 'eps',
      type: 'number',
      default: 1e-6,
      min: 0,
      description: 'added to every component of a difference',
    },
    {
      name: 'swap',
      type: 'boolean',
      default: false,
      description: "the negative's distance is the smaller of its distances from anchor and positive",
    },
  ],
  kernel: embeddings.tripletMargin,
  constants: (o) => [o.margin as number, o.p as number, o.eps as number, o.swap ? 1 : 0],
});
