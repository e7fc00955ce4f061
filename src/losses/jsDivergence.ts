import * as divergences from '../kernels/modules/divergences.js';
import { rowMaskParameter, temperatureParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link jsDivergence}.
 *
 * @category Options
 */
export interface JsDivergenceOptions extends CommonOptions {
  /** The teacher's share of the mixture, in [0, 1]. Default 0.5. */
  beta?: number;
  /** What both rows of logits are divided by, > 0. Default 1. */
  temperature?: number;
  /** One a row: rows with a 0 do not count. */
  mask?: NumberArray | null;
}

/**
 * Generalised Jensen-Shannon divergence of a student's logits from a teacher's (Agarwal et al., arXiv:2306.13649); not in PyTorch.
 *
 *     p = softmax(logits / T), M = β · p_teacher + (1 − β) · p_student
 *     loss = β · KL(p_teacher ‖ M) + (1 − β) · KL(p_student ‖ M);  β 0 is KL(p_teacher ‖ p_student), β 1 the reverse
 *     gradient by the student's logits 1/T · p_student (r − Σ p_student r) with r = (1 − β)(log p_student − log M)
 *
 * Shapes and mask as distillationLoss; −inf in one row alone is finite for β inside (0, 1). There is no factor T², and 'mean' divides by the rows that count.
 *
 * @throws RangeError for sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array, mixed dtypes or unknown options
 * @function
 * @category Divergences
 */
export const jsDivergence = rowLoss<RealArray, JsDivergenceOptions>({
  name: 'jsDivergence',
  inputs: ['student', 'teacher'],
  parameters: [
    {
      name: 'beta',
      type: 'number',
      default: 0.5,
      min: 0,
      max: 1,
      slider: [0, 1],
      description: "the teacher's share of the mixture that both are compared with",
    },
    temperatureParameter,
    rowMaskParameter,
  ],
  // At its ends the mixture is one of the two, and the other term the plain divergence.
  kernel: ({ beta }) =>
    beta === 0
      ? divergences.distillation
      : beta === 1
        ? divergences.reverseDistillation
        : divergences.jsDivergence,
  constants: ({ temperature, beta }) => [temperature as number, 1, beta as number],
  targets: 'distribution',
  oneRow: true,
  readsAllWeights: (o) => o.temperature !== 1,
  mean: 'rows',
});
