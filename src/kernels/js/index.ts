/** The fallback backend: every kernel of table.ts as plain TypeScript loops. What runs where WebAssembly cannot, and for tiny calls. */
import type { CtcJob, EmbeddingJob, PointwiseJob, RowJob, TopJob, LinearJob } from '../jobs.js';
import type {
  EmbeddingName,
  IndexName,
  Kernels,
  PlainName,
  PointwiseName,
  RowName,
  SoftName,
} from '../table.js';
import { binaryCrossEntropy } from './binaryCrossEntropy.js';
import { binaryCrossEntropyWithLogits } from './binaryCrossEntropyWithLogits.js';
import { cosineEmbedding } from './cosineEmbedding.js';
import { crammerSinger } from './crammerSinger.js';
import { crossEntropy } from './crossEntropy.js';
import { runCtc } from './ctc.js';
import { firstOutside } from './domain.js';
import { distillation, jsDivergence, reverseDistillation } from './divergence.js';
import { runEmbedding } from './embedding.js';
import { JsScores } from './linear.js';
import { gaussianNll } from './gaussianNll.js';
import { hinge } from './hinge.js';
import { hingeEmbedding } from './hingeEmbedding.js';
import { huber } from './huber.js';
import { klDiv } from './klDiv.js';
import { klDivLogTarget } from './klDivLogTarget.js';
import { l1 } from './l1.js';
import { logCosh } from './logCosh.js';
import { logSoftmax } from './logSoftmax.js';
import { logSumExp } from './logSumExp.js';
import { marginRanking } from './marginRanking.js';
import { mse } from './mse.js';
import { multilabelMargin } from './multilabelMargin.js';
import { multiMargin } from './multiMargin.js';
import { nll } from './nll.js';
import { runPointwise } from './pointwise.js';
import { poissonNll } from './poissonNll.js';
import { poissonNllRate } from './poissonNllRate.js';
import { poly1 } from './poly1.js';
import { sigmoid } from './probabilities.js';
import { quantile } from './quantile.js';
import { runIndexRows, runPlainRows, runSoftRows } from './rows.js';
import { sigmoidFocal } from './sigmoidFocal.js';
import { smoothL1 } from './smoothL1.js';
import { softMargin } from './softMargin.js';
import { softmaxFocal } from './softmaxFocal.js';
import { softTargetCrossEntropy } from './softTargetCrossEntropy.js';
import { squaredHinge } from './squaredHinge.js';
import { runTopLogProbs } from './topLogProbs.js';
import { tripletMargin } from './tripletMargin.js';
import { tversky } from './tversky.js';
import type { EmbeddingLoop, IndexLoop, PlainLoop, PointwiseLoop, SoftLoop } from './types.js';

const pointwiseLoops = {
  mse,
  l1,
  smoothL1,
  huber,
  logCosh,
  quantile,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  sigmoidFocal,
  klDiv,
  klDivLogTarget,
  poissonNll,
  poissonNllRate,
  gaussianNll,
  hinge,
  squaredHinge,
  softMargin,
  hingeEmbedding,
  marginRanking,
} satisfies Record<PointwiseName, PointwiseLoop>;

const indexLoops = {
  crossEntropy,
  softmaxFocal,
  poly1,
  nll,
  multiMargin,
  crammerSinger,
} satisfies Record<IndexName, IndexLoop>;

const softLoops = {
  softTargetCrossEntropy,
  tversky,
  multilabelMargin,
  distillation,
  reverseDistillation,
  jsDivergence,
} satisfies Record<SoftName, SoftLoop>;

const plainLoops = {
  logSumExp,
  logSoftmax,
} satisfies Record<PlainName, PlainLoop>;

const embeddingLoops = {
  cosineEmbedding,
  tripletMargin,
} satisfies Record<EmbeddingName, EmbeddingLoop>;

export const jsKernels: Kernels = {
  pointwise(name: PointwiseName, job: PointwiseJob): number {
    return runPointwise(pointwiseLoops[name], job);
  },
  rows(name: RowName, job: RowJob): void {
    if (name in indexLoops) runIndexRows(indexLoops[name as IndexName], job);
    else if (name in softLoops) runSoftRows(softLoops[name as SoftName], job);
    else runPlainRows(plainLoops[name as PlainName], job);
  },
  topLogProbs(job: TopJob): void {
    runTopLogProbs(job);
  },
  embedding(name: EmbeddingName, job: EmbeddingJob): number {
    return runEmbedding(embeddingLoops[name], job);
  },
  ctc(job: CtcJob): number {
    return runCtc(job);
  },
  linear: (job: LinearJob) => new JsScores(job),
  sigmoid(_dtype, source, length, out): void {
    sigmoid(source, length, out);
  },
  firstOutside(domain, _dtype, source, length): number {
    return firstOutside(domain, source, length);
  },
};
