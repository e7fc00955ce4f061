/**
 * The losses of preferences in float64, straight from their definitions: for one pair or example the loss and its derivatives by the differentiable
 * inputs. Independent of src/, slow and plain on purpose.
 */
import { logistic, softplus, sum, times } from './sums.js';

export interface PreferenceReferenceOptions {
  beta?: number;
  type?: 'sigmoid' | 'hinge' | 'ipo' | 'robust';
  labelSmoothing?: number;
  gamma?: number;
  kl?: number;
  desirableWeight?: number;
  undesirableWeight?: number;
}

export interface PreferenceAnswer {
  loss: number;
  slopes: number[];
}

/** The elements of the inputs in the order of the arguments. */
export type Preference = (x: readonly number[], options: PreferenceReferenceOptions) => PreferenceAnswer;

const dpo: Preference = ([pc, pr, rc, rr], { beta = 0.1, type = 'sigmoid', labelSmoothing: e = 0 }) => {
  const d = sum([pc!, -rc!, -pr!, rr!]);
  const z = beta * d;
  const both = (loss: number, slope: number) => ({ loss, slopes: [slope, -slope] });
  const [right, wrong] = [softplus(-z), softplus(z)];
  if (type === 'hinge') return both(z < 1 ? 1 - z : 0, z < 1 ? -beta : 0);
  if (type === 'ipo') return both((d - 0.5 / beta) ** 2, 2 * d - 1 / beta);
  const sign = type === 'robust' ? -1 : 1;
  const all = type === 'robust' ? 1 - 2 * e : 1;
  return both(
    (times(1 - e, right) + times(sign * e, wrong)) / all,
    (beta * (sign * e * logistic(z) - (1 - e) * logistic(-z))) / all,
  );
};

/** log(p / (1 − p)) of a log-probability: −log(1/p − 1). */
const logOdds = (x: number) => (x < -700 ? x : -Math.log(Math.expm1(-x)));

const orpo: Preference = ([c, r], { beta = 0.1 }) => {
  const z = logOdds(c!) - logOdds(r!);
  const slope = beta * logistic(-z);
  return { loss: beta * softplus(-z), slopes: [slope / Math.expm1(c!), -slope / Math.expm1(r!)] };
};

const simpo: Preference = ([c, r], { beta = 2, gamma = 0.5 }) => {
  const z = beta * (c! - r! - gamma / beta);
  return { loss: softplus(-z), slopes: [-beta * logistic(-z), beta * logistic(-z)] };
};

const kto: Preference = (
  [policy, reference, label],
  { beta = 0.1, kl = 0, desirableWeight = 1, undesirableWeight = 1 },
) => {
  const ratio = policy! - reference!;
  const z = beta * (label ? ratio - kl : kl - ratio);
  const weight = label ? desirableWeight : undesirableWeight;
  const slope = weight * beta * logistic(z) * logistic(-z);
  return { loss: weight * logistic(-z), slopes: [label ? -slope : slope] };
};

export const preference: Record<string, Preference> = {
  dpoLoss: dpo,
  orpoLoss: orpo,
  simpoLoss: simpo,
  ktoLoss: kto,
};
