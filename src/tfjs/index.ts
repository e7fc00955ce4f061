/**
 * `losskit/tfjs`: losskit's losses for tensors of TensorFlow.js, and tf.losses at their speed.
 *
 * @module losskit/tfjs
 */
import * as losskit from '../index.js';
import type { Loss } from '../types.js';
import { tensorLoss } from './tensorLoss.js';
import { tfLosses } from './tfLosses.js';
import type { LosskitLosses, TensorFlow, TfLosses } from './types.js';

export type {
  ArrayOption,
  LossName,
  LosskitLosses,
  OrTensor,
  OrTensors,
  TensorFlow,
  TensorLoss,
  TensorOptions,
  TfLosses,
} from './types.js';

/**
 * The losses of `tf.losses` and of losskit for tensors of this `tf` (`@tensorflow/tfjs` or `@tensorflow/tfjs-core`, version 4), on its backends 'cpu'
 * and 'wasm' and others whose data can be read synchronously.
 *
 *     const L = createTfLosses(tf);
 *     L.softmaxCrossEntropy(labels, logits);                                           // as tf.losses.softmaxCrossEntropy, labels first
 *     L.crossEntropy(logits, classes, { labelSmoothing: 0.1 });                        // losskit's, its arguments and options
 *     L.losskit.hingeLoss(scores, signs);                                              // losskit's where tf.losses has the name, too
 *     model.compile({ optimizer: 'adam', loss: (yTrue, yPred) => L.softmaxCrossEntropy(yTrue, yPred) });
 *
 * Layers want yTrue in the shape of the model's output; losses of class indices take yTrue.argMax(-1) there.
 *
 * All work in tf.grad, tf.grads, tf.valueAndGrads, optimizer.minimize and model.fit. float32 throughout; gradients are computed with the value, in
 * one pass, where a gradient is being recorded.
 *
 * **The nine names of tf.losses** have its signatures, defaults, weights, reductions, broadcasting, errors, and gradients by predictions, labels and
 * weights. absoluteDifference, meanSquaredError, huberLoss, hingeLoss, sigmoidCrossEntropy and softmaxCrossEntropy run in kernels of losskit;
 * computeWeightedLoss, cosineDistance and logLoss are those of `tf`, as are calls that a kernel does not take (int32 predictions, hinge labels other
 * than 0 and 1, a delta <= 0, empty tensors, gradients of gradients). Results differ from those of tfjs 4.22 where they should:
 *
 * - softmaxCrossEntropy with labelSmoothing divides by the number of classes; tfjs by shape[1], at rank 3 another axis.
 * - its gradient by the logits is p · Σ labels − labels, which for labels that do not sum to 1 tfjs does not have; by the labels it is −log p, in
 *   tfjs labels − p.
 * - a class of label 0 and logit −inf, or an infinite logit on the right side of sigmoidCrossEntropy, costs 0, and one on the wrong side infinity; tfjs gives NaN.
 * - at a tie the gradient of absoluteDifference is 0, in tfjs 1 by the predictions and −1 by the labels.
 *
 * **losskit's losses** take tensors (or arrays, which get no gradient) in losskit's order, tensors also as options (`weight`, `mask`, `bias`, …). They give
 * a scalar or, for `reduction: 'none'`, the shape of the losses. Gradients go to the inputs and options that `valueAndGrad` names and that are tensors:
 * a frozen head of linearCrossEntropy given as an array costs none. Class indices may be float32, as yTrue of layers is. `grad`, `out`, `gradOutput` and
 * `accumulate` are TypeErrors; gradients of gradients an Error.
 *
 * @throws TypeError where `tf` is not TensorFlow.js; in calls the errors of tf.losses or of the loss, and an Error for tensors of a backend that does
 * not give data synchronously (webgpu): use 'wasm' or 'cpu', or losskit on arrays
 * @category Tools
 */
export function createTfLosses(tf: TensorFlow): TfLosses {
  if (typeof tf?.customGrad !== 'function' || typeof tf.losses !== 'object')
    throw new TypeError(
      "createTfLosses: tf is not TensorFlow.js, expected import * as tf from '@tensorflow/tfjs' (or tfjs-core)",
    );
  const own: Record<string, unknown> = {};
  for (const loss of Object.values(losskit) as readonly Partial<Loss>[])
    if (loss.lossName !== undefined) own[loss.lossName] = tensorLoss(tf, loss as Loss);
  const frozen = Object.freeze(own) as unknown as LosskitLosses;
  return Object.freeze({ ...frozen, ...tfLosses(tf), losskit: frozen });
}
