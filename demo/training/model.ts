/**
 * A classifier of points of the plane: fixed random cosines (Rahimi and Recht 2007), which stand for a Gaussian kernel, and one trained layer on
 * them. Under every convex loss and with a penalty there is one best model, so what a setting does to the boundary is the setting's doing, not
 * that of the way there. It knows no loss: what it takes back is the gradient of one by the scores.
 */
import { normal, uniforms } from './random.js';

export const FEATURES = 80;
/** How far two points are apart that the cosines hardly see as alike. */
const WIDTH = 1.3;
/** The weights' and then the bias. */
export const PARAMETERS = FEATURES + 1;

export class Model {
  /** The weight of each feature, and the bias last. */
  readonly parameters = new Float64Array(PARAMETERS);
  readonly #frequencies = new Float64Array(2 * FEATURES);
  readonly #phases = new Float64Array(FEATURES);

  /** All weights 0: every score is 0 before the first step. */
  constructor(seed: number) {
    const draw = uniforms(seed, 0);
    for (let i = 0; i < 2 * FEATURES; i++) this.#frequencies[i] = normal(draw) / WIDTH;
    for (let i = 0; i < FEATURES; i++) this.#phases[i] = 2 * Math.PI * draw();
  }

  /** The features of points (x and y after one another), a row of FEATURES a point; they do not change in training. */
  features(at: Float64Array): Float64Array {
    const count = at.length / 2;
    const found = new Float64Array(count * FEATURES);
    const scale = Math.sqrt(2 / FEATURES);
    for (let n = 0; n < count; n++)
      for (let i = 0; i < FEATURES; i++) {
        const turn = this.#frequencies[2 * i] * at[2 * n] + this.#frequencies[2 * i + 1] * at[2 * n + 1];
        found[n * FEATURES + i] = scale * Math.cos(turn + this.#phases[i]);
      }
    return found;
  }

  /** The score of each row of features. */
  forward(features: Float64Array, scores: Float64Array): Float64Array {
    const p = this.parameters;
    for (let n = 0; n < scores.length; n++) {
      let score = p[FEATURES];
      for (let i = 0, at = n * FEATURES; i < FEATURES; i++, at++) score += p[i] * features[at];
      scores[n] = score;
    }
    return scores;
  }

  /** The gradient by the parameters, from the one by the scores. */
  backward(features: Float64Array, byScore: Float64Array, gradient: Float64Array): Float64Array {
    gradient.fill(0);
    for (let n = 0; n < byScore.length; n++) {
      const out = byScore[n];
      if (out === 0) continue; // beyond the margin of a hinge
      gradient[FEATURES] += out;
      for (let i = 0, at = n * FEATURES; i < FEATURES; i++, at++) gradient[i] += out * features[at];
    }
    return gradient;
  }

  /** penalty / 2 times the squared weights, the bias apart; adds its gradient. */
  penalise(penalty: number, gradient: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < FEATURES; i++) {
      sum += this.parameters[i] ** 2;
      gradient[i] += penalty * this.parameters[i];
    }
    return (penalty / 2) * sum;
  }
}
