/** The public surface of losskit: one line a loss. */
export { crossEntropy, type CrossEntropyOptions } from './losses/crossEntropy.js';
export {
  softTargetCrossEntropy,
  type SoftTargetCrossEntropyOptions,
} from './losses/softTargetCrossEntropy.js';
export { nllLoss, type NllLossOptions } from './losses/nllLoss.js';
export { mseLoss, type MseLossOptions } from './losses/mseLoss.js';
export { l1Loss, type L1LossOptions } from './losses/l1Loss.js';
export { smoothL1Loss, type SmoothL1LossOptions } from './losses/smoothL1Loss.js';
export { huberLoss, type HuberLossOptions } from './losses/huberLoss.js';
export { binaryCrossEntropy, type BinaryCrossEntropyOptions } from './losses/binaryCrossEntropy.js';
export {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyWithLogitsOptions,
} from './losses/binaryCrossEntropyWithLogits.js';
export { sigmoidFocalLoss, type SigmoidFocalLossOptions } from './losses/sigmoidFocalLoss.js';
export { softmaxFocalLoss, type SoftmaxFocalLossOptions } from './losses/softmaxFocalLoss.js';
export { hingeLoss, type HingeLossOptions } from './losses/hingeLoss.js';
export { squaredHingeLoss, type SquaredHingeLossOptions } from './losses/squaredHingeLoss.js';
export { multiMarginLoss, type MultiMarginLossOptions } from './losses/multiMarginLoss.js';
export { crammerSingerLoss, type CrammerSingerLossOptions } from './losses/crammerSingerLoss.js';

export { classWeights, sigmoid, softmax, type SoftmaxOptions } from './activations.js';
export { createArena, type Arena } from './arena.js';
export { backend, backendError, initSync, useBackend, type Backend, type Modules } from './backend.js';
export { commonParameters, type Parameter } from './parameters.js';
export type { IntegerArray, Tensor } from './tensor.js';
export type {
  BinaryLoss,
  CommonOptions,
  ElementwiseLoss,
  IndexArray,
  Loss,
  NumberArray,
  RealArray,
  Reduction,
  ValueAndGrad,
} from './types.js';
