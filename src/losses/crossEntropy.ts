import { crossEntropy as kernel } from '../kernels/modules/crossEntropy.js';
import {
  crossEntropyConstants,
  crossEntropyParameters,
  crossEntropyReadsAllWeights,
} from '../crossEntropyOptions.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, IndexArray, NumberArray } from '../types.js';

/**
 * Options of {@link crossEntropy}.
 *
 * @category Options
 */
export interface CrossEntropyOptions extends CommonOptions {
  /** A factor a class, `[C]`. */
  weight?: NumberArray | null;
  /** The target that does not count. Default -100. */
  ignoreIndex?: number;
  /** In [0, 1]. Default 0. */
  labelSmoothing?: number;
  /** Factor of lse², >= 0. Default 0. */
  zLoss?: number;
  /** Logits become softcap · tanh(logits / softcap), > 0. Default off. */
  softcap?: number | null;
  /** Logits (after softcap) are divided by it, > 0. Default 1. */
  temperature?: number;
  /** Row t of a sequence is scored against target t + shift. Default 0. */
  shift?: number;
  /** Aligned with the targets: rows whose target has a 0 do not count. */
  mask?: NumberArray | null;
}

/**
 * Cross-entropy of logits `[…, C]` against class indices, as `torch.nn.functional.cross_entropy`; with the z term of PaLM
 * (arXiv:2204.02311, section 5) and the softcap of Gemma 2 (arXiv:2408.00118).
 *
 *     x = softcap · tanh(logits / softcap) / temperature,  lse = log Σ_c e^x_c,  y = target,  ε = labelSmoothing
 *     loss = (1 − ε) · w_y · (lse − x_y) + ε/C · Σ_c w_c · (lse − x_c) + zLoss · lse²
 *
 * Shapes: logits rows x classes (flat with one target a row, or a tensor, or `shape` + `axis`); targets one a row; 'none' gives one loss a row.
 * 'mean' divides by Σ w_y over the rows that count, the z term by their number; a given `divisor` replaces both.
 * A row whose target is `ignoreIndex` (or that `shift` or `mask` leaves out) has loss 0 and gradient 0 and is never read.
 * Nothing counted: mean NaN, sum 0, gradient 0. A NaN or +inf logit gives NaN in its row's value and gradient only.
 *
 * @throws RangeError for a target outside [0, C), sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array, mixed or unknown options
 * @function
 * @category Classification
 */
export const crossEntropy = rowLoss<IndexArray, CrossEntropyOptions>({
  name: 'crossEntropy',
  inputs: ['logits', 'targets'],
  parameters: crossEntropyParameters,
  kernel,
  constants: crossEntropyConstants,
  readsAllWeights: crossEntropyReadsAllWeights,
  mean: 'weights',
  secondTerm: true,
});
