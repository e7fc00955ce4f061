import * as margins from '../kernels/modules/margins.js';
import { classWeightParameter, ignoreIndexParameter, marginParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, IndexArray, NumberArray } from '../types.js';

/**
 * Options of {@link crammerSingerLoss}.
 *
 * @category Options
 */
export interface CrammerSingerLossOptions extends CommonOptions {
  /** Default 1. */
  margin?: number;
  /** A factor a class, `[C]`. */
  weight?: NumberArray | null;
  /** The target that does not count. Default -100. */
  ignoreIndex?: number;
}

/**
 * Multi-class hinge loss in the max form of Crammer and Singer (JMLR 2, 2001, pages 265-292).
 *
 *     loss = w_y · max(0, margin + max_{c≠y} x_c − x_y)
 *
 * Of equal rivals the lowest class has the gradient; exactly at the margin it is 0. Shapes and ignored rows as crossEntropy.
 * 'mean' divides by the rows that count.
 *
 * @throws RangeError for a target outside [0, C), sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Classification
 */
export const crammerSingerLoss = rowLoss<IndexArray, CrammerSingerLossOptions>({
  name: 'crammerSingerLoss',
  inputs: ['input', 'targets'],
  parameters: [marginParameter, classWeightParameter, ignoreIndexParameter],
  kernel: margins.crammerSinger,
  constants: (o) => [o.margin as number],
  mean: 'rows',
});
