// An array of weights with its gradient and Adagrad (Duchi et al. 2011), which is lazy by nature: no gradient, no change.
import { mulberry32 } from '../lib/random.js';

/** The squares start here, or the first gradient of a rare word would move it by a full step whatever its size. */
const INITIAL_SQUARE = 1e-5;

export class Parameter {
  readonly gradient: Float32Array;
  private readonly squares: Float32Array;

  constructor(readonly value: Float32Array) {
    this.gradient = new Float32Array(value.length);
    this.squares = new Float32Array(value.length).fill(INITIAL_SQUARE);
  }

  /** Uniform in ±bound. */
  static random(length: number, bound: number, seed: number): Parameter {
    const random = mulberry32(seed);
    return new Parameter(Float32Array.from({ length }, () => bound * (2 * random() - 1)));
  }

  /** Of a part only, where the rest is known to have no gradient. */
  step(rate: number, from = 0, to = this.value.length): void {
    const { value, gradient, squares } = this;
    for (let i = from; i < to; i++) {
      const g = gradient[i];
      squares[i] += g * g;
      value[i] -= (rate * g) / Math.sqrt(squares[i]);
    }
  }
}
