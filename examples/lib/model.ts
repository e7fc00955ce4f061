import type { SparseRows } from './features.js';

/**
 * logits = W · features. The weights of one feature lie side by side (one an output), so both directions run along them.
 * The gradient is as wide as the weights, but only the features of the last batch (`touched`) are ever not zero in it.
 */
export class LinearModel {
  readonly weight: Float32Array;
  readonly gradient: Float32Array;
  readonly touched: Int32Array;
  touchedCount = 0;
  private readonly isTouched: Uint8Array;

  constructor(
    features: number,
    readonly outputs: number,
  ) {
    this.weight = new Float32Array(features * outputs);
    this.gradient = new Float32Array(features * outputs);
    this.touched = new Int32Array(features);
    this.isTouched = new Uint8Array(features);
  }

  /** Writes the logits of the rows `ids` to `logits`. */
  forward(rows: SparseRows, ids: Int32Array, logits: Float32Array): void {
    const { weight, outputs } = this;
    const { starts, features, values } = rows;
    logits.fill(0);
    for (let i = 0; i < ids.length; i++) {
      const to = i * outputs;
      for (let e = starts[ids[i]]; e < starts[ids[i] + 1]; e++) {
        const from = features[e] * outputs;
        const value = values[e];
        for (let c = 0; c < outputs; c++) logits[to + c] += value * weight[from + c];
      }
    }
  }

  /** Adds up the gradient of the weights from the gradient of the logits, which the loss has given. */
  backward(rows: SparseRows, ids: Int32Array, gradLogits: ArrayLike<number>): void {
    const { gradient, outputs, isTouched } = this;
    const { starts, features, values } = rows;
    for (let i = 0; i < ids.length; i++) {
      const from = i * outputs;
      for (let e = starts[ids[i]]; e < starts[ids[i] + 1]; e++) {
        const feature = features[e];
        if (isTouched[feature] === 0) {
          isTouched[feature] = 1;
          this.touched[this.touchedCount++] = feature;
        }
        const to = feature * outputs;
        const value = values[e];
        for (let c = 0; c < outputs; c++) gradient[to + c] += value * gradLogits[from + c];
      }
    }
  }

  clearGradient(): void {
    for (let i = 0; i < this.touchedCount; i++) {
      const feature = this.touched[i];
      this.isTouched[feature] = 0;
      this.gradient.fill(0, feature * this.outputs, (feature + 1) * this.outputs);
    }
    this.touchedCount = 0;
  }
}
