/**
 * The kernels a backend must have: name -> family, and the order of each one's constants. Knows no backend.
 * A backend's list is checked against these names by the type `Kernels`.
 */
import type { Dtype, PointwiseJob, Real, RowJob, RowLayout } from './jobs.js';
import type { Source } from './source.js';

/** Pointwise: input and target of one length. */
export type PointwiseName =
  | 'mse' // []
  | 'l1' // []
  | 'smoothL1' // [beta]
  | 'huber' // [delta]
  | 'binaryCrossEntropy' // []
  | 'binaryCrossEntropyWithLogits' // [labelSmoothing]
  | 'sigmoidFocal' // [alpha (-1: off), gamma]
  | 'hinge' // [margin]
  | 'squaredHinge'; // [margin]

/** Row-wise against a class index. */
export type IndexName =
  | 'crossEntropy' // [labelSmoothing, zLoss, softcap (0: off), temperature, zRatio, Σ classWeight]
  | 'softmaxFocal' // [gamma]
  | 'nll' // []
  | 'multiMargin' // [p, margin]
  | 'crammerSinger'; // [margin]

/** Row-wise against a distribution. */
export type SoftName = 'softTargetCrossEntropy'; // [labelSmoothing]

export type RowName = IndexName | SoftName;

export interface Kernels {
  /** Checks the job's domains, before anything is written, runs it and gives the sum of its (weighted) losses. */
  pointwise(name: PointwiseName, job: PointwiseJob): number;
  /** Runs the job; the sums go to job.totals. */
  rows(name: RowName, job: RowJob): void;
  softmax(dtype: Dtype, source: Source, layout: RowLayout, out: Real): void;
  sigmoid(dtype: Dtype, source: Source, length: number, out: Real): void;
}
