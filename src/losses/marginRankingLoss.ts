import * as binary from '../kernels/modules/binary.js';
import { marginParameter } from '../parameters.js';
import { ternaryLoss } from '../pointwiseLoss.js';
import type { CommonOptions, GradientArrays, NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link marginRankingLoss}.
 *
 * @category Options
 */
export interface MarginRankingLossOptions extends CommonOptions<GradientArrays<'input1' | 'input2'>> {
  /** Default 0. */
  margin?: number;
}

/**
 * Margin ranking loss of two scores: label 1 says that the first is to be higher, −1 the second; as `torch.nn.functional.margin_ranking_loss`.
 *
 *     loss = max(0, margin − t · (input1 − input2));  gradients { input1: −t, input2: t } where the loss is positive
 *
 * Exactly at the margin the gradient is 0. Inputs of one length and dtype, labels any numbers; 'none' gives one loss an element. 'mean' divides by n.
 *
 * @throws RangeError for lengths or shapes that do not fit, or a label that is not ±1
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Embeddings
 */
export const marginRankingLoss = ternaryLoss<
  [input2: RealArray, target: NumberArray],
  MarginRankingLossOptions,
  'input1' | 'input2'
>({
  name: 'marginRankingLoss',
  inputs: { input: 'input1', other: 'input2', target: 'target' },
  parameters: [
    { ...marginParameter, default: 0, description: 'the lead at which a right order costs nothing' },
  ],
  kernel: binary.marginRanking,
  constants: (o) => [o.margin as number],
  labels: true,
  domain: { target: 'sign' },
});
