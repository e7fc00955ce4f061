import * as binary from '../kernels/modules/binary.js';
import { pointwiseLoss } from '../pointwiseLoss.js';
import type { CommonOptions, RealArray } from '../types.js';

/**
 * Options of {@link klDiv}.
 *
 * @category Options
 */
export interface KlDivOptions extends CommonOptions<
  Float32Array | Float64Array,
  'mean' | 'sum' | 'none' | 'batchmean'
> {
  /** Targets are log-probabilities. Default false. */
  logTarget?: boolean;
}

/**
 * Kullback-Leibler divergence of log-probabilities x from target probabilities t, as `torch.nn.functional.kl_div`.
 *
 *     loss = t · (log t − x);  gradient −t;  with logTarget  loss = e^t · (t − x);  gradient −e^t
 *
 * 0 where the target probability is 0, also where x is −inf; a target probability > 0 there gives +inf. Input and target of one length and dtype;
 * 'none' gives one loss an element. 'mean' divides by n, 'batchmean' (the divergence itself) by shape[0]: the length of a flat array, or its rows
 * where `classes` or `shape` says so.
 *
 * @throws RangeError for lengths or shapes that do not fit
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Divergences
 */
export const klDiv = pointwiseLoss<RealArray, KlDivOptions>({
  name: 'klDiv',
  parameters: [
    {
      name: 'logTarget',
      type: 'boolean',
      default: false,
      description: 'whether the targets are log-probabilities',
    },
  ],
  kernel: (o) => (o.logTarget ? binary.klDivLogTarget : binary.klDiv),
  constants: () => [],
  batchmean: true,
});
