/** Adam (Kingma and Ba 2015). Knows parameters and gradients, not what they are of. */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export class Adam {
  readonly #parameters: Float64Array;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;

  constructor(parameters: Float64Array) {
    this.#parameters = parameters;
    this.#mean = new Float64Array(parameters.length);
    this.#square = new Float64Array(parameters.length);
  }

  step(gradient: Float64Array, learningRate: number): void {
    const [mean, square, p] = [this.#mean, this.#square, this.#parameters];
    this.#steps++;
    const rate = learningRate / (1 - BETA1 ** this.#steps);
    const correction = 1 / (1 - BETA2 ** this.#steps);
    for (let i = 0; i < p.length; i++) {
      const g = gradient[i];
      mean[i] += (1 - BETA1) * (g - mean[i]);
      square[i] += (1 - BETA2) * (g * g - square[i]);
      p[i] -= (rate * mean[i]) / (Math.sqrt(square[i] * correction) + EPSILON);
    }
  }
}
