/** The fallback backend: every kernel of table.ts as plain TypeScript loops. What runs where WebAssembly cannot, and for tiny calls. */
import type { PointwiseJob, RowJob } from '../jobs.js';
import type { IndexName, Kernels, PointwiseName, RowName, SoftName } from '../table.js';
import { binaryCrossEntropy } from './binaryCrossEntropy.js';
import { binaryCrossEntropyWithLogits } from './binaryCrossEntropyWithLogits.js';
import { crammerSinger } from './crammerSinger.js';
import { crossEntropy } from './crossEntropy.js';
import { hinge } from './hinge.js';
import { huber } from './huber.js';
import { l1 } from './l1.js';
import { mse } from './mse.js';
import { multiMargin } from './multiMargin.js';
import { nll } from './nll.js';
import { runPointwise } from './pointwise.js';
import { sigmoid, softmax } from './probabilities.js';
import { runIndexRows, runSoftRows } from './rows.js';
import { sigmoidFocal } from './sigmoidFocal.js';
import { smoothL1 } from './smoothL1.js';
import { softmaxFocal } from './softmaxFocal.js';
import { softTargetCrossEntropy } from './softTargetCrossEntropy.js';
import { squaredHinge } from './squaredHinge.js';
import type { IndexLoop, PointwiseLoop, SoftLoop } from './types.js';

const pointwiseLoops = {
  mse,
  l1,
  smoothL1,
  huber,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  sigmoidFocal,
  hinge,
  squaredHinge,
} satisfies Record<PointwiseName, PointwiseLoop>;

const indexLoops = {
  crossEntropy,
  softmaxFocal,
  nll,
  multiMargin,
  crammerSinger,
} satisfies Record<IndexName, IndexLoop>;

const softLoops = { softTargetCrossEntropy } satisfies Record<SoftName, SoftLoop>;

export const jsKernels: Kernels = {
  pointwise(name: PointwiseName, job: PointwiseJob): number {
    return runPointwise(pointwiseLoops[name], job);
  },
  rows(name: RowName, job: RowJob): void {
    if (name in softLoops) runSoftRows(softLoops[name as SoftName], job);
    else runIndexRows(indexLoops[name as IndexName], job);
  },
  softmax(_dtype, source, { outer, classes, inner }, out): void {
    softmax(source, outer, classes, inner, out);
  },
  sigmoid(_dtype, source, length, out): void {
    sigmoid(source, length, out);
  },
};
