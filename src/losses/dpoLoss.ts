import { sigmoidOf, weighted } from '../kernels/js/scalar.js';
import type { Settled } from '../options.js';
import { labelSmoothingParameter } from '../parameters.js';
import { type Formula, preferenceLoss, type PreferenceOptions } from '../preferenceLoss.js';
import type { GradientArrays, RealArray } from '../types.js';

/**
 * Options of {@link dpoLoss}.
 *
 * @category Options
 */
export interface DpoLossOptions extends PreferenceOptions<GradientArrays<'policyChosen' | 'policyRejected'>> {
  /** How closely the policy is held to the reference, > 0; τ of IPO. Default 0.1. */
  beta?: number;
  /** Default 'sigmoid'. */
  type?: 'sigmoid' | 'hinge' | 'ipo' | 'robust';
  /** How many preferences are taken to be the wrong way round, in [0, 1], for 'robust' in [0, 0.5). Default 0. */
  labelSmoothing?: number;
}

/** The loss of d, the difference of the two log-ratios, and its derivative by d. */
interface Shape {
  loss(d: number): number;
  slope(d: number): number;
}

/** up · softplus(−z) + down · softplus(z) where up + down = 1: the logarithm has factor 1, and no difference of two softplus is taken. */
function logistic(beta: number, up: number, down: number): Shape {
  return {
    loss(d) {
      const z = beta * d;
      return Math.log1p(Math.exp(-Math.abs(z))) + weighted(Math.abs(z), z < 0 ? up : down);
    },
    slope: (d) => beta * (down * sigmoidOf(beta * d) - up * sigmoidOf(-beta * d)),
  };
}

function shapeOf(beta: number, type: DpoLossOptions['type'], smoothing: number): Shape {
  switch (type) {
    case 'hinge':
      // Both comparisons of the slope are false for a NaN, which is no tie.
      return {
        loss: (d) => Math.max(0, 1 - beta * d),
        slope: (d) => (beta * d >= 1 ? 0 : beta * d < 1 ? -beta : NaN),
      };
    case 'ipo': {
      const target = 1 / (2 * beta);
      return { loss: (d) => (d - target) * (d - target), slope: (d) => 2 * (d - target) };
    }
    case 'robust': {
      if (smoothing >= 0.5)
        throw new RangeError(
          `dpoLoss: labelSmoothing is ${smoothing}, expected a finite number in [0, 0.5) with type 'robust'`,
        );
      const rest = 1 - 2 * smoothing;
      return logistic(beta, (1 - smoothing) / rest, -smoothing / rest);
    }
    default:
      return logistic(beta, 1 - smoothing, smoothing);
  }
}

function formula(options: Settled): Formula {
  const { beta, type, labelSmoothing } = options as Required<DpoLossOptions>;
  const shape = shapeOf(beta, type, labelSmoothing);
  return (x, slopes) => {
    // Each ratio first: policy and reference are near each other, and their difference is exact then.
    const d = x[0] - x[2] - (x[1] - x[3]);
    const slope = shape.slope(d);
    slopes[0] = slope;
    slopes[1] = -slope;
    return shape.loss(d);
  };
}

/**
 * Direct preference optimization (Rafailov et al. 2023, arXiv:2305.18290), as TRL's `DPOTrainer`: log-probabilities of whole sequences in pairs, under
 * the policy and under a frozen reference.
 *
 *     d = (policyChosen − referenceChosen) − (policyRejected − referenceRejected),  z = beta · d,  ε = labelSmoothing
 *     'sigmoid'  −(1 − ε) · log σ(z) − ε · log σ(−z);  ε > 0 is cDPO (ericmitchell.ai/cdpo.pdf)
 *     'robust'   (−(1 − ε) · log σ(z) + ε · log σ(−z)) / (1 − 2ε), unbiased where a share ε of the labels is flipped (arXiv:2403.00409)
 *     'hinge'    max(0, 1 − z) (SLiC, arXiv:2305.10425; RSO, arXiv:2309.06657)
 *     'ipo'      (d − 1 / (2 · beta))² (arXiv:2310.12036)
 *
 * Shapes: four arrays of one length and dtype, one number a sequence: sums over its tokens, for 'ipo' their averages, as sequenceLogProbs gives them.
 * 'none' gives one loss a pair, 'mean' divides by the pairs; of no pairs it is NaN. Gradients { policyChosen, policyRejected }, one the other's
 * negative; the reference has none. Exactly at the hinge's margin they are 0. A NaN stays in its pair.
 *
 * Not as TRL: from 0.29 on its 'sigmoid' leaves labelSmoothing out of account (before, it was cDPO, as here); it divides the log-ratios of 'ipo' by the
 * number of tokens itself, here the caller does; 'robust' with labelSmoothing >= 0.5, of which it warns, is an error. 'hinge' and 'ipo' have no
 * smoothing and ignore the option, as there. Its other types, divergences and weightings are not here.
 *
 * @throws RangeError for lengths or shapes that do not fit, beta <= 0, labelSmoothing outside [0, 1], or of [0, 0.5) with 'robust', an unknown type
 * @throws TypeError for a wrong kind of array, mixed dtypes or an unknown option
 * @function
 * @category Sequences and preferences
 */
export const dpoLoss = preferenceLoss<
  [policyRejected: RealArray, referenceChosen: RealArray, referenceRejected: RealArray],
  DpoLossOptions,
  'policyChosen' | 'policyRejected'
>({
  name: 'dpoLoss',
  inputs: ['policyChosen', 'policyRejected', 'referenceChosen', 'referenceRejected'],
  gradients: 2,
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
      name: 'type',
      type: 'choice',
      default: 'sigmoid',
      choices: ['sigmoid', 'hinge', 'ipo', 'robust'],
      description: 'what becomes of the difference of the log-ratios',
    },
    {
      ...labelSmoothingParameter,
      slider: [0, 0.45],
      description: "how many preferences are taken to be the wrong way round; below 0.5 for 'robust'",
    },
  ],
  formula,
});
