import { softplusOf } from '../kernels/js/scalar.js';
import type { Settled } from '../options.js';
import { type Domain, type Formula, preferenceLoss, type PreferenceOptions } from '../preferenceLoss.js';
import type { GradientArrays, RealArray } from '../types.js';

/**
 * Options of {@link orpoLoss}.
 *
 * @category Options
 */
export interface OrpoLossOptions extends PreferenceOptions<GradientArrays<'chosen' | 'rejected'>> {
  /** The weight of the term beside the negative log-likelihood, > 0; λ of the paper. Default 0.1. */
  beta?: number;
}

const logProbability: Domain = {
  allows: (x) => !(x > 0),
  expected: 'a log-probability <= 0 (the average over the tokens)',
};

/** log(1 − e^x) for x <= 0: either form loses digits on the other side of −log 2. */
function logOfRest(x: number): number {
  return x < -Math.LN2 ? Math.log1p(-Math.exp(x)) : Math.log(-Math.expm1(x));
}

function formula({ beta: given }: Settled): Formula {
  const beta = given as number;
  return (x, slopes) => {
    const [chosen, rejected] = x;
    const logOdds = chosen - rejected - (logOfRest(chosen) - logOfRest(rejected));
    // The larger probability divided out, so that two tiny ones do not both underflow. 0 − 0 is 0, and −0 would turn the infinite slope round.
    const larger = Math.max(chosen, rejected);
    const p = Math.exp(chosen - larger);
    const q = Math.exp(rejected - larger);
    const chosenRest = 0 - Math.expm1(chosen);
    const rejectedRest = 0 - Math.expm1(rejected);
    // σ(−logOdds) = q · chosenRest / sum, the slope by the log-odds; they rise by 1 / chosenRest, which cancels: no 0 · ∞ at chosen = 0.
    const sum = p * rejectedRest + q * chosenRest;
    slopes[0] = -beta * (q / sum);
    slopes[1] = beta * ((q * chosenRest) / sum / rejectedRest);
    return beta * softplusOf(-logOdds);
  };
}

/**
 * The odds-ratio term of ORPO (Hong et al. 2024, arXiv:2403.07691), as TRL's `ORPOTrainer`: average log-probabilities of a token, in pairs; no reference.
 *
 *     logOdds = (chosen − rejected) − (log(1 − e^chosen) − log(1 − e^rejected))
 *     loss = −beta · log σ(logOdds);  gradients { chosen: −beta · s / (1 − e^chosen), rejected: beta · s / (1 − e^rejected) }, s = σ(−logOdds)
 *
 * Shapes: two arrays of one length and dtype, one number a sequence, as sequenceLogProbs with `average: true` gives them; 'none' gives one loss a
 * pair. 'mean' divides by the pairs; of no pairs it is NaN. Exact near 0 and far below it. At exactly 0 (probability 1) the limits: chosen 0 has loss 0
 * and gradients −beta · e^rejected / (1 − e^rejected) and 0; rejected 0 has loss +inf and gradients −beta / (1 − e^chosen) and +inf. Both 0: loss and
 * rejected's gradient have no limit and are NaN, chosen's is −inf. Both −inf is NaN. A NaN stays in its pair.
 *
 * Not as TRL: its total adds the negative log-likelihood of the chosen sequences (crossEntropy of prompt and response), this is the other term alone,
 * with the sign of a loss. TRL neither refuses positive numbers nor has the limits at 0.
 *
 * @throws RangeError for a log-probability above 0 (sums of other things, logits), lengths or shapes that do not fit, or beta <= 0
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Sequences and preferences
 */
export const orpoLoss = preferenceLoss<[rejected: RealArray], OrpoLossOptions, 'chosen' | 'rejected'>({
  name: 'orpoLoss',
  inputs: ['chosen', 'rejected'],
  gradients: 2,
  parameters: [
    {
      name: 'beta',
      type: 'number',
      default: 0.1,
      exclusiveMin: 0,
      slider: [0.01, 1],
      description: 'the weight of the odds-ratio term beside the negative log-likelihood',
    },
  ],
  domains: { chosen: logProbability, rejected: logProbability },
  formula,
});
