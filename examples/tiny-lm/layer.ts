// The hidden layer, tanh(W x + b), forward and backward.
import { Parameter } from './parameter.js';

export class TanhLayer {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(
    readonly inputs: number,
    readonly outputs: number,
  ) {
    this.weight = Parameter.random(inputs * outputs, Math.sqrt(3 / inputs), 2);
    this.bias = new Parameter(new Float32Array(outputs));
  }

  forward(rows: number, x: Float32Array, out: Float32Array): void {
    const { inputs, outputs } = this;
    const weight = this.weight.value;
    for (let n = 0; n < rows; n++)
      for (let h = 0; h < outputs; h++) {
        let sum = this.bias.value[h];
        for (let i = 0, a = n * inputs, w = h * inputs; i < inputs; i++) sum += x[a + i] * weight[w + i];
        out[n * outputs + h] = Math.tanh(sum);
      }
  }

  /** From the gradient of what `forward` returned as `out` to that of x, and of the parameters. */
  backward(
    rows: number,
    x: Float32Array,
    out: Float32Array,
    outGradient: Float32Array,
    xGradient: Float32Array,
  ): void {
    const { inputs, outputs } = this;
    const { value: weight, gradient: weightGradient } = this.weight;
    weightGradient.fill(0);
    this.bias.gradient.fill(0);
    xGradient.fill(0);
    for (let n = 0; n < rows; n++)
      for (let h = 0; h < outputs; h++) {
        const y = out[n * outputs + h];
        const slope = outGradient[n * outputs + h] * (1 - y * y);
        this.bias.gradient[h] += slope;
        for (let i = 0, a = n * inputs, w = h * inputs; i < inputs; i++) {
          weightGradient[w + i] += slope * x[a + i];
          xGradient[a + i] += slope * weight[w + i];
        }
      }
  }

  step(rate: number): void {
    this.weight.step(rate);
    this.bias.step(rate);
  }
}
