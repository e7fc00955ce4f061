/**
 * Compiled by `tsc --noEmit`, never run: the types that a call gives back. An assertion that does not hold, or an
 * error that no longer is one, fails the build.
 */
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  ctcLoss,
  dpoLoss,
  type Float16ArrayLike,
  gaussianNllLoss,
  klDiv,
  ktoLoss,
  logSumExp,
  mseLoss,
  orpoLoss,
  Perplexity,
  perplexity,
  sequenceLogProbs,
  sigmoid,
  simpoLoss,
  softmax,
  softTargetCrossEntropy,
  tokenLogProbs,
  type TokenLogProbsOptions,
  topLogProbs,
  tripletMarginLoss,
} from '../src/index.js';
import type * as tfjs from '@tensorflow/tfjs';
import type * as tfjsCore from '@tensorflow/tfjs-core';
import type { Pool } from '../src/parallel/index.js';
import { createTfLosses } from '../src/tfjs/index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Float32Array<ArrayBuffer> and Float32Array<ArrayBufferLike> are both what we call a Float32Array. */
type Is<A, B> = [A] extends [B] ? ([A] extends [number] ? Equal<A, B> : true) : false;
declare function expectType<T>(): <A>(value: A, ...ok: Is<A, T> extends true ? [] : ['another type']) => void;

declare const f32: Float32Array;
declare const f64: Float64Array;
declare const plain: number[];
declare const indices: Int32Array;
declare const big: BigInt64Array;

// The gradient has the type of the input.
expectType<Float32Array>()(crossEntropy.valueAndGrad(f32, indices).grad);
expectType<Float64Array>()(crossEntropy.valueAndGrad(f64, big).grad);
expectType<Float64Array>()(crossEntropy.valueAndGrad(plain, plain).grad);
expectType<Float32Array>()(mseLoss.valueAndGrad(f32, f32).grad);
expectType<Float32Array>()(
  crossEntropy.valueAndGrad({ data: f32, dims: [2, 3] }, { data: big, dims: [2] }).grad,
);

// The value is a number, and with 'none' an array of that type.
expectType<number>()(crossEntropy(f32, indices));
expectType<number>()(crossEntropy(f32, indices, { labelSmoothing: 0.1, reduction: 'sum' }));
expectType<number>()(mseLoss.valueAndGrad(f64, f64).value);
expectType<number>()(mseLoss.valueAndGrad(f64, f64).divisor);
expectType<Float32Array>()(crossEntropy(f32, indices, { reduction: 'none' }));
expectType<Float64Array>()(mseLoss(plain, plain, { reduction: 'none' }));
expectType<Float32Array>()(
  softTargetCrossEntropy.valueAndGrad(f32, f32, { classes: 3, reduction: 'none' }).value,
);

// Also through `with`; a call's own reduction wins.
const each = binaryCrossEntropyWithLogits.with({ posWeight: 2, reduction: 'none' });
expectType<Float32Array>()(each(f32, f32));
expectType<Float64Array>()(each.valueAndGrad(f64, f64).value);
expectType<number>()(each(f32, f32, { reduction: 'mean' }));
const mean = crossEntropy.with({ labelSmoothing: 0.1 });
expectType<number>()(mean(f32, indices));
expectType<Float32Array>()(mean(f32, indices, { reduction: 'none' }));
expectType<Float32Array>()(mean.valueAndGrad(f32, indices).grad);

// Several gradients: an object by the inputs' names, and `grad` likewise.
const gaussian = gaussianNllLoss.valueAndGrad(f32, f32, f32, { grad: { variance: null } });
expectType<number>()(gaussian.value);
expectType<Float32Array>()(gaussian.grad.input);
expectType<Float64Array>()(
  tripletMarginLoss.valueAndGrad(f64, f64, f64, { dim: 3, reduction: 'none' }).grad.negative,
);
expectType<Float64Array>()(tripletMarginLoss.with({ p: 1, reduction: 'none' })(plain, plain, plain));
expectType<number>()(ctcLoss(f32, indices, [5], [2], { classes: 4 }));
expectType<Float32Array>()(ctcLoss.valueAndGrad(f32, indices, [5], [2], { classes: 4 }).grad);
expectType<number>()(klDiv(f32, f32, { reduction: 'batchmean' }));

expectType<Float32Array>()(softmax(f32));
expectType<Float32Array>()(logSumExp.valueAndGrad(f32, { gradOutput: 2 }).grad);
expectType<Float64Array>()(sigmoid(plain));
expectType<string>()(crossEntropy.lossName);

// Scores: arrays of the logits' kind, statistics where they are asked for.
expectType<Float32Array>()(tokenLogProbs(f32, indices, { shift: 1 }));
expectType<Float64Array>()(tokenLogProbs(f64, big, { stats: true }).entropy);
expectType<Int32Array>()(tokenLogProbs.valueAndGrad(f32, big, { stats: true }).value.argmax);
expectType<Float64Array>()(tokenLogProbs.valueAndGrad(plain, plain).grad);
declare const some: TokenLogProbsOptions;
const either = tokenLogProbs(f32, indices, some);
expectType<Float32Array>()('entropy' in either ? either.entropy : either);
const withStats = tokenLogProbs.with({ stats: true });
expectType<Float32Array>()(withStats(f32, indices).entropy);
expectType<Int32Array>()(withStats.valueAndGrad(f32, indices, { shift: 1 }).value.argmax);
expectType<Float64Array>()(tokenLogProbs.with({ shift: 1 })(f64, indices));
declare const halves: Float16ArrayLike;
expectType<Float32Array>()(tokenLogProbs(halves, indices, { mask: [1n, 0n] }));
expectType<Float32Array>()(topLogProbs(f32, { k: 5 }).logProbs);
expectType<Int32Array>()(topLogProbs(plain, { k: 5 }).indices);
expectType<number>()(perplexity(f32, big, { shift: 1, mask: big }));
expectType<Float32Array>()(perplexity.with({ shift: 1 }).valueAndGrad(f32, indices).grad);
expectType<number>()(new Perplexity().add(f32, big, { shift: 1 }).bitsPerByte(100));

// A tensor as ONNX Runtime declares it, with data of any kind.
declare const session: {
  data: Float32Array | Uint16Array | BigInt64Array | string[] | Float64Array;
  dims: readonly number[];
  type: 'float32' | 'float16' | 'int64' | 'string';
};
expectType<Float32Array | Float64Array>()(tokenLogProbs(session, session, { mask: session }));
expectType<number>()(crossEntropy(session, session));

// @ts-expect-error k is needed
topLogProbs(f32);
// @ts-expect-error a number or nothing
perplexity(f32, indices, { softcap: '30' });
// @ts-expect-error a typo is not an option
crossEntropy(f32, indices, { labelSmooting: 0.1 });
// @ts-expect-error no such reduction
crossEntropy(f32, indices, { reduction: 'average' });
// @ts-expect-error soft targets know no ignoreIndex
softTargetCrossEntropy(f32, f32, { ignoreIndex: 1 });
// @ts-expect-error batchmean is klDiv's alone
mseLoss(f32, f32, { reduction: 'batchmean' });
// @ts-expect-error one array is no object of gradients
gaussianNllLoss.valueAndGrad(f32, f32, f32, { grad: f32 });
// @ts-expect-error no such gradient
gaussianNllLoss.valueAndGrad(f32, f32, f32, { grad: { target: f32 } });
// @ts-expect-error nested arrays are no input
mseLoss([[1, 2]], [[1, 2]]);

// Preferences: gradients by the policy's inputs, labels of any kind.
const preferences = dpoLoss.valueAndGrad(f32, f32, f32, f32, { type: 'ipo', grad: { policyRejected: null } });
expectType<number>()(preferences.value);
expectType<Float32Array>()(preferences.grad.policyChosen);
expectType<Float64Array>()(dpoLoss.with({ reduction: 'none' })(plain, plain, plain, plain));
expectType<Float64Array>()(orpoLoss.valueAndGrad(f64, f64).grad.rejected);
expectType<Float32Array>()(simpoLoss(f32, f32, { gamma: 1, reduction: 'none' }));
expectType<Float32Array>()(ktoLoss.valueAndGrad(f32, f32, [true, false], { kl: 0.1 }).grad);
expectType<Float32Array>()(sequenceLogProbs(f32, { lengths: big, average: true }));
expectType<Float64Array>()(sequenceLogProbs.with({ mask: indices }).valueAndGrad(plain).grad);

// @ts-expect-error no gradient by the reference
dpoLoss.valueAndGrad(f32, f32, f32, f32, { grad: { referenceChosen: f32 } });
// @ts-expect-error no such type
dpoLoss(f32, f32, f32, f32, { type: 'kto' });
// @ts-expect-error labels are wanted
ktoLoss(f32, f32);
// @ts-expect-error one number a sequence has no classes
simpoLoss(f32, f32, { classes: 2 });

// A pool: as the loss itself, in a promise.
declare const pool: Pool;
expectType<Promise<number>>()(pool.value(crossEntropy, f32, indices, { classes: 3 }));
expectType<Promise<Float32Array>>()(pool.value(crossEntropy, f32, indices, { reduction: 'none' }));
expectType<number>()(pool.valueSync(mseLoss, f64, f64));
expectType<Float64Array>()(pool.valueAndGradSync(mseLoss, f64, f64).grad);
expectType<Float32Array>()(pool.valueAndGradSync(gaussianNllLoss, f32, f32, f32).grad.variance);
expectType<number | Float32Array>()(pool.valueSync(crossEntropy.with({ reduction: 'none' }), f32, indices));
// @ts-expect-error no such option
void pool.value(crossEntropy, f32, indices, { gamma: 2 });
// @ts-expect-error targets are wanted
void pool.value(crossEntropy, f32);
// @ts-expect-error no loss
void pool.value(softmax, f32);

// TensorFlow.js: tf's own signatures, and ours with tensors where arrays go.
declare const tf: typeof tfjs;
declare const core: typeof tfjsCore;
declare const t: tfjsCore.Tensor;
const L = createTfLosses(tf);
expectType<tfjsCore.Tensor>()(createTfLosses(core).hingeLoss(t, t));
expectType<tfjsCore.Scalar>()(
  L.softmaxCrossEntropy<tfjsCore.Tensor, tfjsCore.Scalar>(t, t, undefined, 0.1, tf.Reduction.MEAN),
);
expectType<tfjsCore.Tensor>()(L.crossEntropy(t, t, { weight: t, labelSmoothing: 0.1 }));
expectType<tfjsCore.Tensor>()(L.crossEntropy(t, indices, { reduction: 'none' }));
expectType<tfjsCore.Tensor>()(L.ctcLoss(t, [[1, 2]], [9], indices, { fromLogits: true }));
expectType<tfjsCore.Tensor>()(L.infoNceLoss(t, t, { mode: 'paired', negatives: t }));
expectType<tfjsCore.Tensor>()(L.linearCrossEntropy(t, f32, t, { bias: t }));
expectType<tfjsCore.Tensor>()(L.losskit.hingeLoss(t, t, { margin: 2 }));
const model = tf.sequential();
model.compile({ optimizer: 'sgd', loss: (yTrue, yPred) => L.sigmoidFocalLoss(yPred, yTrue) });
// @ts-expect-error tf's hinge loss has weights there
L.hingeLoss(t, t, { margin: 2 });
// @ts-expect-error gradients are tensors
L.mseLoss(t, t, { grad: f32 });
// @ts-expect-error unknown options are refused
L.mseLoss(t, t, { wieght: f32 });
// @ts-expect-error a number is no tensor
L.crossEntropy(t, t, { labelSmoothing: t });
// @ts-expect-error targets are wanted
L.crossEntropy(t);
// @ts-expect-error no TensorFlow.js
createTfLosses({});
