import * as margins from '../kernels/modules/margins.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, IndexArray } from '../types.js';

/**
 * Options of {@link multilabelMarginLoss}.
 *
 * @category Options
 */
export type MultilabelMarginLossOptions = CommonOptions;

/**
 * Multi-label margin loss, as `torch.nn.functional.multilabel_margin_loss`: every label of a row is to lead every other class by 1.
 *
 *     loss = Σ_{j label} Σ_{i no label} max(0, 1 − x_j + x_i) / C
 *
 * Targets have the input's shape: a row's labels come first and −1 ends them; what follows is not read as a label. Exactly at the margin the gradient
 * is 0. Flat arrays need `classes` or `shape`. 'none' gives one loss a row, 'mean' divides by the rows.
 *
 * @throws RangeError for a target outside [0, C) other than −1, sizes that do not fit
 * @throws TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Binary
 */
export const multilabelMarginLoss = rowLoss<IndexArray, MultilabelMarginLossOptions>({
  name: 'multilabelMarginLoss',
  inputs: ['input', 'targets'],
  parameters: [],
  kernel: margins.multilabelMargin,
  constants: () => [],
  mean: 'rows',
  targets: 'labels',
});
