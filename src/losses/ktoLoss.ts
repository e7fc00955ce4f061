import { sigmoidOf } from '../kernels/js/scalar.js';
import type { Settled } from '../options.js';
import { type Domain, type Formula, preferenceLoss, type PreferenceOptions } from '../preferenceLoss.js';
import type { NumberArray, RealArray } from '../types.js';

/**
 * Options of {@link ktoLoss}.
 *
 * @category Options
 */
export interface KtoLossOptions extends PreferenceOptions {
  /** How closely the policy is held to the reference, > 0. Default 0.1. */
  beta?: number;
  /** The reference point: an estimate of the divergence of policy and reference, >= 0; without gradient. Default 0. */
  kl?: number;
  /** Factor of desirable examples, >= 0. Default 1. */
  desirableWeight?: number;
  /** Factor of undesirable examples, >= 0. Default 1. */
  undesirableWeight?: number;
}

const label: Domain = {
  allows: (x) => x === 0 || x === 1,
  expected: '1 or true (desirable), 0 or false (undesirable); map ±1 labels with t > 0',
};

function formula(options: Settled): Formula {
  const { beta, kl, desirableWeight, undesirableWeight } = options as Required<KtoLossOptions>;
  return (x, slopes) => {
    const desirable = x[2] === 1;
    const reward = beta * (x[0] - x[1] - kl);
    const weight = desirable ? desirableWeight : undesirableWeight;
    const loss = weight * sigmoidOf(desirable ? -reward : reward);
    slopes[0] = (desirable ? -beta : beta) * loss * sigmoidOf(desirable ? reward : -reward);
    return loss;
  };
}

const weightOf = (name: string, which: string) =>
  ({
    name,
    type: 'number',
    default: 1,
    min: 0,
    slider: [0, 4],
    description: `factor of the losses of ${which} examples`,
  }) as const;

/**
 * Kahneman-Tversky optimization (Ethayarajh et al. 2024, arXiv:2402.01306), as TRL's `KTOTrainer`: single sequences, each labelled desirable or not.
 *
 *     z = beta · (policy − reference − kl)
 *     desirable    loss = w · (1 − σ(z)),   gradient −w · beta · σ(z) · σ(−z),  w = desirableWeight
 *     undesirable  loss = w · (1 − σ(−z)),  gradient +w · beta · σ(z) · σ(−z),  w = undesirableWeight
 *
 * Shapes: policy and reference of one length and dtype, one log-probability a sequence (sums over its tokens, as sequenceLogProbs gives them); labels
 * booleans, 0 and 1 of any kind, or a bool tensor. 'none' gives one loss an example in their order. 'mean' divides by the examples, whatever their
 * weights; of no examples it is NaN. The gradient is by policy alone. A NaN stays in its example.
 *
 * Not as TRL: it estimates `kl` itself, from prompts with other prompts' answers, as max(0, mean(policy − reference)) over the batch; here it is a number
 * that is given, and a negative one is an error. Its mean leaves NaN losses out, here they show; it takes any label but 0, −1 as well, for desirable.
 *
 * @throws RangeError for a label other than 0 and 1, lengths or shapes that do not fit, beta <= 0, kl < 0 or a negative weight
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Sequences and preferences
 */
export const ktoLoss = preferenceLoss<[reference: RealArray, labels: NumberArray], KtoLossOptions>({
  name: 'ktoLoss',
  inputs: ['policy', 'reference'],
  gradients: 1,
  labels: 'labels',
  parameters: [
    {
      name: 'beta',
      type: 'number',
      default: 0.1,
      exclusiveMin: 0,
      slider: [0.01, 1],
      description: 'how closely the policy is held to the reference',
    },
    {
      name: 'kl',
      type: 'number',
      default: 0,
      min: 0,
      slider: [0, 10],
      description: 'the reference point: an estimate of the divergence of policy and reference; no gradient',
    },
    weightOf('desirableWeight', 'desirable'),
    weightOf('undesirableWeight', 'undesirable'),
  ],
  domains: { labels: label },
  formula,
});
