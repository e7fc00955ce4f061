// The language model of Bengio et al. (2003): the last words' vectors, a tanh layer, and a score for every word.
import { linearCrossEntropy } from 'losskit';
import { Embedding, INPUT } from './embedding.js';
import { TanhLayer } from './layer.js';
import { Parameter } from './parameter.js';
import type { Text } from './text.js';

export const HIDDEN = 64;

export class Model {
  readonly embedding: Embedding;
  readonly layer = new TanhLayer(INPUT, HIDDEN);
  readonly head: Parameter;
  readonly bias: Parameter;

  /** A head of zeros and the frequencies as its bias: training starts from the unigram model, not from chance. */
  constructor(unigram: Float32Array) {
    this.embedding = new Embedding(unigram.length);
    this.head = new Parameter(new Float32Array(unigram.length * HIDDEN));
    this.bias = new Parameter(unigram.slice());
  }

  forward({ tokens, positions }: Text): { input: Float32Array; hidden: Float32Array } {
    const rows = positions.length;
    const input = new Float32Array(rows * INPUT);
    const hidden = new Float32Array(rows * HIDDEN);
    this.embedding.forward(tokens, positions, input);
    this.layer.forward(rows, input, hidden);
    return { input, hidden };
  }

  /** One step of training; the loss is that before it. */
  train(batch: Text, rate: number): number {
    const { embedding, layer, head, bias } = this;
    const { input, hidden } = this.forward(batch);
    const { value, grad } = linearCrossEntropy.valueAndGrad(hidden, head.value, targetsOf(batch), {
      bias: bias.value,
      grad: { head: head.gradient, bias: bias.gradient },
    });
    const inputGradient = new Float32Array(input.length);
    layer.backward(batch.positions.length, input, hidden, grad.hidden, inputGradient);
    embedding.backward(batch.tokens, batch.positions, inputGradient);
    for (const part of [head, bias, layer, embedding]) part.step(rate);
    return value;
  }

  /** However long the text is, one call: its logits are never held together. */
  perplexity(text: Text): number {
    const { hidden } = this.forward(text);
    return Math.exp(linearCrossEntropy(hidden, this.head.value, targetsOf(text), { bias: this.bias.value }));
  }
}

const targetsOf = ({ tokens, positions }: Text) => positions.map((position) => tokens[position]);
