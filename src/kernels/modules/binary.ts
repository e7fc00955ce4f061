/** Pointwise kernels of labels and of probabilities. The order of each one's constants stands beside it. */
import { binaryCrossEntropy as binaryCrossEntropyLoop } from '../js/binaryCrossEntropy.js';
import { binaryCrossEntropyWithLogits as binaryCrossEntropyWithLogitsLoop } from '../js/binaryCrossEntropyWithLogits.js';
import { hinge as hingeLoop } from '../js/hinge.js';
import { hingeEmbedding as hingeEmbeddingLoop } from '../js/hingeEmbedding.js';
import { klDiv as klDivLoop } from '../js/klDiv.js';
import { klDivLogTarget as klDivLogTargetLoop } from '../js/klDivLogTarget.js';
import { marginRanking as marginRankingLoop } from '../js/marginRanking.js';
import { sigmoidFocal as sigmoidFocalLoop } from '../js/sigmoidFocal.js';
import { softMargin as softMarginLoop } from '../js/softMargin.js';
import { squaredHinge as squaredHingeLoop } from '../js/squaredHinge.js';
import type { PointwiseKernel } from '../kernel.js';
import { binary as module } from '../wasm/embedded/binary.js';

/** [] */
export const binaryCrossEntropy: PointwiseKernel = {
  name: 'binaryCrossEntropy',
  module,
  loop: binaryCrossEntropyLoop,
};

/** [labelSmoothing] */
export const binaryCrossEntropyWithLogits: PointwiseKernel = {
  name: 'binaryCrossEntropyWithLogits',
  module,
  loop: binaryCrossEntropyWithLogitsLoop,
  changesTargets: ([labelSmoothing]) => labelSmoothing > 0,
};

/** [alpha (-1: off), gamma] */
export const sigmoidFocal: PointwiseKernel = {
  name: 'sigmoidFocal',
  module,
  loop: sigmoidFocalLoop,
  exportOf: ([, gamma]) => (gamma === 2 ? 'sigmoidFocalSquare' : 'sigmoidFocal'),
};

/** [] */
export const klDiv: PointwiseKernel = { name: 'klDiv', module, loop: klDivLoop };

/** [] */
export const klDivLogTarget: PointwiseKernel = { name: 'klDivLogTarget', module, loop: klDivLogTargetLoop };

/** [margin] */
export const hinge: PointwiseKernel = { name: 'hinge', module, loop: hingeLoop, light: true };

/** [margin] */
export const squaredHinge: PointwiseKernel = {
  name: 'squaredHinge',
  module,
  loop: squaredHingeLoop,
  light: true,
};

/** [] */
export const softMargin: PointwiseKernel = { name: 'softMargin', module, loop: softMarginLoop };

/** [margin] */
export const hingeEmbedding: PointwiseKernel = {
  name: 'hingeEmbedding',
  module,
  loop: hingeEmbeddingLoop,
  light: true,
};

/** [margin], with a second differentiable input */
export const marginRanking: PointwiseKernel = {
  name: 'marginRanking',
  module,
  loop: marginRankingLoop,
  light: true,
};
