/**
 * The public surface of losskit: one line a loss.
 *
 * @module losskit
 */
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
export { logCoshLoss, type LogCoshLossOptions } from './losses/logCoshLoss.js';
export { quantileLoss, type QuantileLossOptions } from './losses/quantileLoss.js';
export { klDiv, type KlDivOptions } from './losses/klDiv.js';
export { poissonNllLoss, type PoissonNllLossOptions } from './losses/poissonNllLoss.js';
export { gaussianNllLoss, type GaussianNllLossOptions } from './losses/gaussianNllLoss.js';
export { softMarginLoss, type SoftMarginLossOptions } from './losses/softMarginLoss.js';
export { hingeEmbeddingLoss, type HingeEmbeddingLossOptions } from './losses/hingeEmbeddingLoss.js';
export { marginRankingLoss, type MarginRankingLossOptions } from './losses/marginRankingLoss.js';
export { poly1Loss, type Poly1LossOptions } from './losses/poly1Loss.js';
export { diceLoss, type DiceLossOptions } from './losses/diceLoss.js';
export { tverskyLoss, type TverskyLossOptions } from './losses/tverskyLoss.js';
export { multilabelMarginLoss, type MultilabelMarginLossOptions } from './losses/multilabelMarginLoss.js';
export {
  multilabelSoftMarginLoss,
  type MultilabelSoftMarginLossOptions,
} from './losses/multilabelSoftMarginLoss.js';
export { cosineEmbeddingLoss, type CosineEmbeddingLossOptions } from './losses/cosineEmbeddingLoss.js';
export { tripletMarginLoss, type TripletMarginLossOptions } from './losses/tripletMarginLoss.js';
export { ctcLoss, type CtcLossOptions } from './losses/ctcLoss.js';
export { linearCrossEntropy, type LinearCrossEntropyOptions } from './losses/linearCrossEntropy.js';
export { sampledSoftmaxLoss, type SampledSoftmaxLossOptions } from './losses/sampledSoftmaxLoss.js';
export { distillationLoss, type DistillationLossOptions } from './losses/distillationLoss.js';
export { jsDivergence, type JsDivergenceOptions } from './losses/jsDivergence.js';
export { infoNceLoss, type InfoNceLossOptions, type InfoNceMode } from './losses/infoNceLoss.js';
export { dpoLoss, type DpoLossOptions } from './losses/dpoLoss.js';
export { orpoLoss, type OrpoLossOptions } from './losses/orpoLoss.js';
export { simpoLoss, type SimpoLossOptions } from './losses/simpoLoss.js';
export { ktoLoss, type KtoLossOptions } from './losses/ktoLoss.js';

export { classWeights, sigmoid, softmax } from './activations.js';
export { logSoftmax, logSumExp } from './logSoftmax.js';
export type {
  RowFunction,
  RowFunctionOptions,
  RowGradientOptions,
  RowFunctionOptions as SoftmaxOptions,
} from './rowFunction.js';
export {
  tokenLogProbs,
  type TokenLogProbsFunction,
  type TokenLogProbsOptions,
  type TokenStats,
} from './scoring/tokenLogProbs.js';
export {
  topLogProbs,
  type TopLogProbs,
  type TopLogProbsFunction,
  type TopLogProbsOptions,
} from './scoring/topLogProbs.js';
export {
  sequenceLogProbs,
  type SequenceLogProbs,
  type SequenceLogProbsOptions,
} from './scoring/sequenceLogProbs.js';
export { perplexity, type PerplexityFunction, type PerplexityOptions } from './scoring/perplexity.js';
export { Perplexity, type PerplexitySums } from './scoring/corpus.js';
export type { ScoringOptions } from './scoring/score.js';
export { createArena, type Arena } from './arena.js';
export { backend, backendError, initSync, useBackend, type Backend, type Modules } from './backend.js';
export { commonParameters, type Parameter } from './parameters.js';
export type { IntegerArray, Tensor } from './tensor.js';
export type {
  AnyTensor,
  ArrayLikeOf,
  BinaryLoss,
  CommonOptions,
  DifferentiableLoss,
  ElementwiseLoss,
  Float16ArrayLike,
  GradientArrays,
  GradientOf,
  IndexArray,
  Loss,
  NumberArray,
  RealArray,
  Reduction,
  ValueAndGrad,
} from './types.js';
