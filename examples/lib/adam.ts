import type { LinearModel } from './model.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Adam (Kingma and Ba 2015) in its lazy form: only the features of the batch are updated. Of tens of thousands of
 * hashed features a batch holds a few hundred; the others have no gradient, and walking over them would be all the time.
 */
export class Adam {
  private readonly mean: Float32Array;
  private readonly square: Float32Array;
  private steps = 0;

  constructor(private readonly model: LinearModel) {
    this.mean = new Float32Array(model.weight.length);
    this.square = new Float32Array(model.weight.length);
  }

  step(learningRate: number): void {
    const { mean, square } = this;
    const { weight, gradient, outputs, touched, touchedCount } = this.model;
    this.steps++;
    const rate = learningRate / (1 - BETA1 ** this.steps);
    const correction = 1 / (1 - BETA2 ** this.steps);
    for (let i = 0; i < touchedCount; i++) {
      const start = touched[i] * outputs;
      for (let k = start; k < start + outputs; k++) {
        const g = gradient[k];
        mean[k] += (1 - BETA1) * (g - mean[k]);
        square[k] += (1 - BETA2) * (g * g - square[k]);
        weight[k] -= (rate * mean[k]) / (Math.sqrt(square[k] * correction) + EPSILON);
      }
    }
    this.model.clearGradient();
  }
}
