/**
 * The kernels a backend must have: name -> family, and the order of each one's constants. Knows no backend.
 * A backend's list is checked against these names by the type `Kernels`.
 */
import type {
  CtcJob,
  Domain,
  Dtype,
  EmbeddingJob,
  PointwiseJob,
  Real,
  RowJob,
  TopJob,
  LinearJob,
  LinearScores,
} from './jobs.js';
import type { Source } from './source.js';

/** Pointwise: inputs of one length. */
export type PointwiseName =
  | 'mse' // []
  | 'l1' // []
  | 'smoothL1' // [beta]
  | 'huber' // [delta]
  | 'logCosh' // []
  | 'quantile' // [quantile]
  | 'binaryCrossEntropy' // []
  | 'binaryCrossEntropyWithLogits' // [labelSmoothing]
  | 'sigmoidFocal' // [alpha (-1: off), gamma]
  | 'klDiv' // []
  | 'klDivLogTarget' // []
  | 'poissonNll' // [full (1 or 0)], of the logarithm of the rate
  | 'poissonNllRate' // [full (1 or 0), eps]
  | 'hinge' // [margin]
  | 'squaredHinge' // [margin]
  | 'softMargin' // []
  | 'hingeEmbedding' // [margin]
  | TernaryName;

/** Those of two differentiable inputs. */
export type TernaryName =
  | 'gaussianNll' // [full (1 or 0), eps]
  | 'marginRanking'; // [margin]

/** Row-wise against a class index. */
export type IndexName =
  | 'crossEntropy' // [labelSmoothing, zLoss, softcap (0: off), temperature, zRatio, Σ classWeight, 1 where the job has stats (else 0)]
  | 'softmaxFocal' // [gamma]
  | 'poly1' // [epsilon]
  | 'nll' // []
  | 'multiMargin' // [p, margin]
  | 'crammerSinger'; // [margin]

/** Row-wise against one value a class: a distribution, a 0/1 mask, a list of labels that -1 ends. */
export type SoftName =
  | 'softTargetCrossEntropy' // [labelSmoothing]
  | 'tversky' // [alpha, beta, smooth]
  | 'multilabelMargin' // []
  | DivergenceName;

/** Of logits against a teacher's. Targets, which must be there, say which rows count. */
export type DivergenceName =
  | 'distillation' // [temperature, factor]
  | 'reverseDistillation' // [temperature, factor]
  | 'jsDivergence'; // [temperature, factor, beta]

/** Row-wise without a target. The gradient of logSumExp is softmax; what logSoftmax writes as its gradient is its value, and it has no loss. */
export type PlainName =
  | 'logSumExp' // []
  | 'logSoftmax'; // []

export type RowName = IndexName | SoftName | PlainName;

export type EmbeddingName =
  | 'cosineEmbedding' // [margin]
  | 'tripletMargin'; // [margin, p, eps, swap (1 or 0)]

export interface Kernels {
  /** Checks the job's domains, before anything is written, runs it and gives the sum of its (weighted) losses. */
  pointwise(name: PointwiseName, job: PointwiseJob): number;
  /** Runs the job; the sums go to job.totals. */
  rows(name: RowName, job: RowJob): void;
  /** Log-probabilities of the likeliest classes of each row. */
  topLogProbs(job: TopJob): void;
  /** Runs the job and gives the sum of its losses. */
  embedding(name: EmbeddingName, job: EmbeddingJob): number;
  ctc(job: CtcJob): number;
  /** The scores that a loss makes itself, a chunk at a time; its rows are then a job of `rows` in place. */
  linear(job: LinearJob): LinearScores;
  sigmoid(dtype: Dtype, source: Source, length: number, out: Real): void;
  /** The first of `length` elements outside the domain, or -1. */
  firstOutside(domain: Domain, dtype: Dtype, source: Source, length: number): number;
}
