/**
 * The nine names of tf.losses, with its signatures: six of them by kernels of ours. What a kernel cannot take goes to tf.losses itself, so that
 * results and errors are TensorFlow.js's own. Knows which loss is which; how it is recorded is tensorLoss.ts's.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  hingeLoss,
  huberLoss,
  l1Loss,
  mseLoss,
  softTargetCrossEntropy,
} from '../index.js';
import type { Loss } from '../types.js';
import { oneHotClasses, signs } from './labels.js';
import { compute, numberOf } from './memory.js';
import { float32, record, share } from './record.js';
import { evaluate, type Named, run } from './tensorLoss.js';
import type { TensorFlow } from './types.js';

type Name = keyof TensorFlow['losses'];
type Anything = (...args: unknown[]) => Tensor;

/** tf.Reduction. */
const NONE = 0;
const SUM = 2;
const SUM_BY_NONZERO_WEIGHTS = 3;

interface Batch {
  readonly tf: TensorFlow;
  readonly labels: Tensor;
  readonly predictions: Tensor;
  /** delta or labelSmoothing; NaN where there is none. */
  readonly extra: number;
}

interface Fused {
  readonly loss: Loss;
  /** Whether there is one loss a row. */
  readonly rows?: true;
  /** Its third option's default, where tf's has one before the reduction. */
  readonly extra?: number;
  /** The inputs and options, and another loss where the labels allow one; null: nothing for a kernel. */
  named(batch: Batch): (Named & { readonly instead?: Loss }) | null;
  /** The gradient by the labels; `dy` a number a loss, or one for their sum. */
  byLabels(batch: Batch, dy: Tensor): Tensor;
}

/** Losses of the difference: the labels' gradient is that of the predictions with both changed over. */
const ofDifference = (loss: Loss, options: (extra: number) => Named | null): Fused => ({
  loss,
  named({ labels, predictions, extra }) {
    const more = options(extra);
    return more && { input: predictions, target: labels, ...more };
  },
  byLabels({ tf, labels, predictions, extra }, dy) {
    const reduction = dy.rank === 0 && labels.rank > 0 ? 'sum' : 'none';
    const gradOutput = reduction === 'sum' ? numberOf(loss.lossName, dy) : dy;
    const named = { input: labels, target: predictions, ...options(extra), reduction, gradOutput };
    return run(tf, loss, named, ['input']).grads[0];
  },
});

const smoothing = (extra: number) => (extra > 0 ? extra : 0);

const fused: Readonly<Partial<Record<Name, Fused>>> = {
  absoluteDifference: ofDifference(l1Loss, () => ({})),
  meanSquaredError: ofDifference(mseLoss, () => ({})),
  huberLoss: {
    ...ofDifference(huberLoss, (delta) => (delta > 0 && delta < Infinity ? { delta } : null)),
    extra: 1,
  },
  hingeLoss: {
    loss: hingeLoss,
    named({ tf, labels, predictions }) {
      const target = reread(tf, 'hingeLoss', labels, labels.shape, signs);
      return target && { input: predictions, target };
    },
    byLabels({ tf, labels, predictions }, dy) {
      const signed = tf.sub(tf.mul(labels, 2), 1);
      const active = tf.step(tf.sub(1, tf.mul(signed, predictions)));
      return tf.mul(tf.mul(tf.mul(predictions, -2), active), dy);
    },
  },
  sigmoidCrossEntropy: {
    loss: binaryCrossEntropyWithLogits,
    extra: 0,
    named: ({ labels, predictions, extra }) =>
      extra > 1 ? null : { input: predictions, target: labels, labelSmoothing: smoothing(extra) },
    byLabels: ({ tf, predictions, extra }, dy) => tf.mul(tf.mul(predictions, smoothing(extra) - 1), dy),
  },
  softmaxCrossEntropy: {
    loss: softTargetCrossEntropy,
    extra: 0,
    rows: true,
    named({ tf, labels, predictions, extra }) {
      const { rank, shape } = labels;
      if (extra > 1 || rank === 0) return null; // no class axis, no classes: tf's own error
      const labelSmoothing = smoothing(extra);
      const classes = shape[rank - 1];
      const targets = reread(tf, 'softmaxCrossEntropy', labels, shape.slice(0, -1), (data) =>
        oneHotClasses(data, classes),
      );
      return targets
        ? { logits: predictions, targets, labelSmoothing, instead: crossEntropy }
        : { logits: predictions, targets: labels, labelSmoothing };
    },
    byLabels({ tf, predictions, extra }, dy) {
      const rows = dy.rank === 0 ? dy : tf.reshape(dy, [...dy.shape, 1]);
      return tf.mul(tf.mul(tf.logSoftmax(predictions), smoothing(extra) - 1), rows);
    },
  },
};

export function tfLosses(tf: TensorFlow): Readonly<TensorFlow['losses']> {
  const own: Record<string, Anything> = {};
  for (const name of Object.keys(tf.losses) as Name[]) {
    const theirs = tf.losses[name] as Anything;
    const kernel = fused[name];
    own[name] = kernel ? tfLoss(tf, name, theirs, kernel) : (...args) => theirs(...args);
  }
  return own as unknown as TensorFlow['losses'];
}

function tfLoss(tf: TensorFlow, name: Name, theirs: Anything, kernel: Fused): Anything {
  return (...args) =>
    tf.tidy(name, () => {
      const call = argumentsOf(tf, args, kernel);
      const named = call && kernel.named(call.batch);
      if (!call || !named) return theirs(...args);
      const { batch, weights, reduction } = call;
      if (!weights) return losses(kernel, batch, named, call.byLabels, reduction);
      const each = losses(kernel, batch, named, call.byLabels, NONE);
      return tf.losses.computeWeightedLoss(each, weights, reduction);
    });
}

interface Arguments {
  readonly batch: Batch;
  readonly weights: Tensor | null;
  readonly reduction: number;
  /** Whether the labels came as a tensor, which may have a gradient. */
  readonly byLabels: boolean;
}

/** The arguments, converted as TensorFlow.js does; null for all that is not the plain case. */
function argumentsOf(tf: TensorFlow, args: readonly unknown[], kernel: Fused): Arguments | null {
  const more = kernel.extra === undefined ? 0 : 1;
  const extra = more ? (args[3] ?? kernel.extra) : NaN;
  // Only undefined stands for the default there, null does not.
  const reduction = args[3 + more] === undefined ? SUM_BY_NONZERO_WEIGHTS : args[3 + more];
  if (typeof extra !== 'number' || args[3] === null) return null;
  if (typeof reduction !== 'number' || ![NONE, 1, SUM, SUM_BY_NONZERO_WEIGHTS].includes(reduction))
    return null;
  // The tape knows one level; second derivatives are TensorFlow.js's.
  if (tf.engine().state.gradientDepth > 1) return null;
  const labels = tensorOf(tf, args[0]);
  const predictions = tensorOf(tf, args[1]);
  const weights = (args[2] ?? null) === null ? null : tensorOf(tf, args[2]);
  if (!labels || !predictions || weights === undefined) return null;
  if (predictions.dtype !== 'float32' || predictions.size === 0) return null;
  if (!sameShape(labels.shape, predictions.shape)) return null;
  const batch = { tf, labels: float32(tf, labels), predictions, extra };
  return { batch, weights, reduction, byLabels: args[0] instanceof tf.Tensor };
}

/** A tensor of numbers; undefined: TensorFlow.js shall say what is wrong with it. */
function tensorOf(tf: TensorFlow, value: unknown): Tensor | undefined {
  const tensor = value instanceof tf.Tensor ? value : converted(tf, value);
  const usable = tensor && !tensor.isDisposed && ['float32', 'int32', 'bool'].includes(tensor.dtype);
  return usable ? tensor : undefined;
}

function converted(tf: TensorFlow, value: unknown): Tensor | undefined {
  const like = typeof value === 'number' || typeof value === 'boolean' || Array.isArray(value);
  if (!like && !ArrayBuffer.isView(value)) return undefined;
  try {
    return tf.tensor(value as number[]);
  } catch {
    return undefined;
  }
}

/** The losses, or their sum or mean. */
function losses(
  kernel: Fused,
  batch: Batch,
  { instead, ...inputs }: Named & { readonly instead?: Loss },
  byLabels: boolean,
  how: number,
): Tensor {
  const { tf, labels, predictions } = batch;
  const reduction = how === NONE ? 'none' : how === SUM ? 'sum' : 'mean';
  const [input] = Object.keys(inputs);
  const value = evaluate(tf, instead ?? kernel.loss, { ...inputs, reduction }, [input]);
  if (!byLabels || !tf.engine().isTapeOn()) return value;
  // Recorded apart from the gradient by the predictions, so that labels which lead from no variable cost nothing. −0 is what changes no number.
  const nothing = record(
    tf,
    kernel.loss.lossName,
    [labels],
    () => ({ value: tf.fill(value.shape, -0), kept: [share(tf, labels), share(tf, predictions)] }),
    (dy, [kept, others]) => {
      const each = reduction === 'mean' ? tf.mul(dy, 1 / lossCount(kernel, predictions)) : dy;
      return [kernel.byLabels({ ...batch, labels: kept, predictions: others }, each)];
    },
  );
  return tf.add(value, nothing);
}

function lossCount({ rows }: Fused, { size, shape }: Tensor): number {
  return rows ? size / shape[shape.length - 1] : size;
}

/** Labels in another form, an array of its own that outlives the call; null where they have none. */
function reread<T extends Float32Array | Int32Array>(
  tf: TensorFlow,
  name: string,
  labels: Tensor,
  dims: readonly number[],
  read: (labels: Float32Array) => T | null,
): { data: T; dims: readonly number[] } | null {
  const { returned } = compute(tf, name, [labels], [], ([{ data }]) => read(data as Float32Array));
  return returned && { data: returned, dims };
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((dim, d) => dim === b[d]);
