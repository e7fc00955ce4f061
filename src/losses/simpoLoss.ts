import { sigmoidOf, softplusOf } from '../kernels/js/scalar.js';
import type { Settled } from '../options.js';
import { type Formula, preferenceLoss, type PreferenceOptions } from '../preferenceLoss.js';
import type { GradientArrays, RealArray } from '../types.js';

/**
 * Options of {@link simpoLoss}.
 *
 * @category Options
 */
export interface SimpoLossOptions extends PreferenceOptions<GradientArrays<'chosen' | 'rejected'>> {
  /** Factor of the log-probabilities, > 0. Default 2. */
  beta?: number;
  /** The margin of beta · (chosen − rejected). Default 0.5. */
  gamma?: number;
}

function formula(options: Settled): Formula {
  const { beta, gamma } = options as Required<SimpoLossOptions>;
  return (x, slopes) => {
    const z = beta * (x[0] - x[1]) - gamma;
    const slope = beta * sigmoidOf(-z);
    slopes[0] = -slope;
    slopes[1] = slope;
    return softplusOf(-z);
  };
}

/**
 * Simple preference optimization (Meng et al. 2024, arXiv:2405.14734), as TRL's `CPOTrainer` with loss type 'simpo': average log-probabilities of a
 * token, in pairs; no reference.
 *
 *     z = beta · (chosen − rejected) − gamma, that is a margin of gamma / beta between the averages
 *     loss = −log σ(z);  gradients { chosen: −beta · σ(−z), rejected: beta · σ(−z) }
 *
 * Shapes: two arrays of one length and dtype, one number a sequence, as sequenceLogProbs with `average: true` gives them; 'none' gives one loss a
 * pair. 'mean' divides by the pairs; of no pairs it is NaN. A NaN stays in its pair.
 *
 * Not as TRL: beta is 0.1 there by default, 2 here, as in the paper; its total adds the negative log-likelihood of the chosen sequences unless `cpo_alpha`
 * is 0; label smoothing and AlphaPO are not here.
 *
 * @throws RangeError for lengths or shapes that do not fit, or beta <= 0
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Sequences and preferences
 */
export const simpoLoss = preferenceLoss<[rejected: RealArray], SimpoLossOptions, 'chosen' | 'rejected'>({
  name: 'simpoLoss',
  inputs: ['chosen', 'rejected'],
  gradients: 2,
  parameters: [
    {
      name: 'beta',
      type: 'number',
      default: 2,
      exclusiveMin: 0,
      slider: [0.5, 10],
      description: 'factor of the average log-probabilities',
    },
    {
      name: 'gamma',
      type: 'number',
      default: 0.5,
      slider: [0, 5],
      description: 'the margin: by how much beta times chosen is to exceed beta times rejected',
    },
  ],
  formula,
});
