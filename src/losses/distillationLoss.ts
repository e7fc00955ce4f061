import * as divergences from '../kernels/modules/divergences.js';
import { rowMaskParameter, temperatureParameter } from '../parameters.js';
import { rowLoss } from '../rowLoss.js';
import type { CommonOptions, NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link distillationLoss}.
 *
 * @category Options
 */
export interface DistillationLossOptions extends CommonOptions {
  /** What both rows of logits are divided by, > 0. Default 1. */
  temperature?: number;
  /** Which way the divergence goes. Default 'forward'. */
  direction?: 'forward' | 'reverse';
  /** One a row: rows with a 0 do not count. */
  mask?: NumberArray | null;
}

/**
 * Distillation of a teacher's logits into a student's (Hinton, Vinyals and Dean, arXiv:1503.02531); not in PyTorch.
 *
 *     p = softmax(logits / T), loss = T² · Σ_c p_teacher (log p_teacher − log p_student)   (direction 'forward')
 *                              loss = T² · Σ_c p_student (log p_student − log p_teacher)   (direction 'reverse', as MiniLLM, arXiv:2306.08543)
 *     gradient by the student's logits T · (p_student − p_teacher), or T · p_student (d − Σ p_student d) with d = log p_student − log p_teacher
 *
 * Shapes: student and teacher `[…, C]`, alike and of one dtype; 'none' gives one loss a row. 'mean' divides by shape[0] (flat arrays: the rows), as
 * 'batchmean' in PyTorch; with `mask` by the rows that count. The factor T² keeps gradients of one size as T changes.
 * Equal logits give exactly 0. −inf in the row whose probabilities are summed: no part; in the other row alone: +inf. NaN, +inf or a row all −inf: NaN in that row.
 *
 * @throws RangeError for sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array, mixed dtypes or unknown options
 * @function
 * @category Divergences
 */
export const distillationLoss = rowLoss<RealArray, DistillationLossOptions>({
  name: 'distillationLoss',
  inputs: ['student', 'teacher'],
  parameters: [
    temperatureParameter,
    {
      name: 'direction',
      type: 'choice',
      default: 'forward',
      choices: ['forward', 'reverse'],
      description: 'KL(teacher, student), which covers the teacher, or the reverse, which seeks its peaks',
    },
    rowMaskParameter,
  ],
  kernel: (o) => (o.direction === 'reverse' ? divergences.reverseDistillation : divergences.distillation),
  constants: ({ temperature }) => [temperature as number, (temperature as number) ** 2],
  targets: 'distribution',
  oneRow: true,
  readsAllWeights: (o) => o.temperature !== 1,
  mean: 'batch',
});
