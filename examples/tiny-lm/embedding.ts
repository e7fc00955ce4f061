// The first layer: the vectors of the last CONTEXT words, one after the other.
import { Parameter } from './parameter.js';
import { CONTEXT } from './text.js';

export const EMBEDDING = 32;
export const INPUT = CONTEXT * EMBEDDING;

export class Embedding {
  readonly vectors: Parameter;
  private readonly touched = new Set<number>();

  constructor(words: number) {
    this.vectors = Parameter.random(words * EMBEDDING, 0.1, 1);
  }

  /** `input` gets INPUT numbers a position. */
  forward(tokens: Int32Array, positions: Int32Array, input: Float32Array): void {
    const { value } = this.vectors;
    let at = 0;
    for (const position of positions)
      for (let p = position - CONTEXT; p < position; p++, at += EMBEDDING) {
        const row = tokens[p] * EMBEDDING;
        for (let k = 0; k < EMBEDDING; k++) input[at + k] = value[row + k];
      }
  }

  backward(tokens: Int32Array, positions: Int32Array, inputGradient: Float32Array): void {
    const { gradient } = this.vectors;
    let at = 0;
    for (const position of positions)
      for (let p = position - CONTEXT; p < position; p++, at += EMBEDDING) {
        const row = tokens[p] * EMBEDDING;
        this.touched.add(tokens[p]);
        for (let k = 0; k < EMBEDDING; k++) gradient[row + k] += inputGradient[at + k];
      }
  }

  /** Only the words of the batch: the others have no gradient. */
  step(rate: number): void {
    for (const word of this.touched) {
      const [from, to] = [word * EMBEDDING, (word + 1) * EMBEDDING];
      this.vectors.step(rate, from, to);
      this.vectors.gradient.fill(0, from, to);
    }
    this.touched.clear();
  }
}
