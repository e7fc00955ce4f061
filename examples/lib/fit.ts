import { Adam } from './adam.js';
import type { SparseRows } from './features.js';
import { LinearModel } from './model.js';
import { mulberry32, shuffle } from './random.js';

export type Targets = Int32Array | Float32Array;

/** What the loop asks of a loss: every loss of losskit, plain or made by `.with(…)`, is one. */
export interface Criterion<T extends Targets = Targets> {
  (logits: Float32Array, targets: T): number;
  valueAndGrad(
    logits: Float32Array,
    targets: T,
    options: { grad: Float32Array; divisor: number },
  ): { value: number; grad: Float32Array | Float64Array };
}

export interface FitOptions {
  outputs: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  seed: number;
  onEpoch?: (epoch: number, meanLoss: number) => void;
}

export interface Fit {
  model: LinearModel;
  /** Mean training loss of each of the `MARKS` equal stretches of the training. */
  curve: number[];
  epochLosses: number[];
  milliseconds: number;
  /** The part of `milliseconds` that was spent inside `criterion.valueAndGrad`, call by call. */
  lossMilliseconds: number[];
}

const MARKS = 24;

/** Copies `targets[ids]` to a new array of the same kind. */
export function gather<T extends Targets>(
  targets: T,
  ids: Int32Array,
  out = targets.slice(0, ids.length) as T,
): T {
  for (let i = 0; i < ids.length; i++) out[i] = targets[ids[i]];
  return out;
}

/** Mini-batches, Adam, a learning rate that falls to zero: the same loop for every loss of these examples. */
export function fit<T extends Targets>(
  rows: SparseRows,
  targets: T,
  train: Int32Array,
  criterion: Criterion<T>,
  options: FitOptions,
): Fit {
  const { outputs, epochs, batchSize, learningRate } = options;
  const random = mulberry32(options.seed);
  const order = train.slice();
  const model = new LinearModel(rows.width, outputs);
  const adam = new Adam(model);
  const logits = new Float32Array(batchSize * outputs);
  const grad = new Float32Array(batchSize * outputs);
  const labels = targets.slice(0, batchSize) as T;
  const result: Fit = { model, curve: [], epochLosses: [], milliseconds: 0, lossMilliseconds: [] };
  const total = epochs * order.length;
  let seen = 0;
  let [markLoss, markRows] = [0, 0];

  const begin = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    shuffle(order, random);
    let epochLoss = 0;
    for (let at = 0; at < order.length; at += batchSize) {
      const ids = order.subarray(at, at + batchSize);
      const size = ids.length * outputs;
      const batch = { logits: logits.subarray(0, size), grad: grad.subarray(0, size) };
      const batchLabels = gather(targets, ids, labels.subarray(0, ids.length) as T);
      model.forward(rows, ids, batch.logits);

      // The divisor is the full batch size everywhere: in the last, shorter batch no row counts for more than in
      // the others, and with class weights a batch full of rare classes takes the larger step that it stands for.
      const start = performance.now();
      const { value, grad: gradLogits } = criterion.valueAndGrad(batch.logits, batchLabels, {
        grad: batch.grad,
        divisor: batchSize,
      });
      result.lossMilliseconds.push(performance.now() - start);

      model.backward(rows, ids, gradLogits);
      adam.step(learningRate * (1 - seen / total));
      seen += ids.length;
      epochLoss += value * batchSize;
      markLoss += value * batchSize;
      markRows += ids.length;
      if (seen * MARKS >= (result.curve.length + 1) * total) {
        result.curve.push(markLoss / markRows);
        [markLoss, markRows] = [0, 0];
      }
    }
    result.epochLosses.push(epochLoss / order.length);
    options.onEpoch?.(epoch, epochLoss / order.length);
  }
  result.milliseconds = performance.now() - begin;
  return result;
}

/** The logits of `ids` under a trained model. */
export function predict(model: LinearModel, rows: SparseRows, ids: Int32Array): Float32Array {
  const logits = new Float32Array(ids.length * model.outputs);
  model.forward(rows, ids, logits);
  return logits;
}
