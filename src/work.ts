/**
 * What a checked call leaves to the kernels, as data: so that this thread may run it, or a pool may share it out (parallel/). It knows the
 * families of kernels, no loss.
 */
import { kernelsFor } from './backend.js';
import type { CtcJob, EmbeddingJob, LinearJob, PointwiseJob, RowJob } from './kernels/jobs.js';
import type { EmbeddingName, Kernels, PointwiseName, RowName } from './kernels/table.js';
import type { LinearLoss } from './linear.js';

export type Work =
  | { readonly family: 'pointwise'; readonly kernel: PointwiseName; readonly job: PointwiseJob }
  | { readonly family: 'rows'; readonly kernel: RowName; readonly job: RowJob }
  | { readonly family: 'embedding'; readonly kernel: EmbeddingName; readonly job: EmbeddingJob }
  | { readonly family: 'ctc'; readonly job: CtcJob }
  | LinearWork;

/** A cross-entropy of scores that are made on the way; `run` is linear.ts's, so that only the losses that need it bring it along. */
export interface LinearWork {
  readonly family: 'linear';
  readonly job: LinearJob;
  readonly loss: LinearLoss;
  run(kernels: Kernels): readonly [loss: number, second: number];
}

/** A value, and what belongs to it. */
export interface Evaluation {
  readonly value: number | Float32Array | Float64Array;
  /** null where no gradient was asked for; an object where several inputs are differentiable. */
  readonly grad:
    Float32Array | Float64Array | null | Readonly<Record<string, Float32Array | Float64Array | null>>;
  readonly divisor: number;
}

/** A call, checked: nothing of it is written yet. */
export interface Prepared {
  /** null: `finish` does all of it. */
  readonly work: Work | null;
  /** How large the call is: what decides about the loops for tiny ones. */
  readonly elements: number;
  /** What becomes of the sums, once the work is done. */
  finish(loss: number, second: number): Evaluation;
}

/** A call that is no work for the kernels, or more than one: it runs on this thread, as a whole. */
export function atOnce(evaluate: () => Evaluation): Prepared {
  return { work: null, elements: 0, finish: evaluate };
}

/** Runs a call on this thread. */
export function complete(prepared: Prepared): Evaluation {
  const { work, elements } = prepared;
  if (work === null) return prepared.finish(0, 0);
  const kernels = kernelsFor(work.job.dtype, elements);
  switch (work.family) {
    case 'pointwise':
      return prepared.finish(kernels.pointwise(work.kernel, work.job), 0);
    case 'rows':
      kernels.rows(work.kernel, work.job);
      return prepared.finish(work.job.totals[0], work.job.totals[1]);
    case 'embedding':
      return prepared.finish(kernels.embedding(work.kernel, work.job), 0);
    case 'ctc':
      return prepared.finish(kernels.ctc(work.job), 0);
    case 'linear': {
      const [loss, second] = work.run(kernels);
      return prepared.finish(loss, second);
    }
  }
}
