/**
 * What a checked call leaves to the kernels, as data: so that this thread may run it, or a pool may share it out (parallel/). It knows the
 * families of kernels, no loss.
 */
import { type Side, sideFor } from './backend.js';
import type { CtcJob, EmbeddingJob, LinearJob, PointwiseJob, RowJob } from './kernels/jobs.js';
import type { EmbeddingKernel, PointwiseKernel, RowKernel } from './kernels/kernel.js';
import type { LinearLoss } from './linear.js';

interface WorkOf<Family extends string, Kernel, Job> {
  readonly family: Family;
  readonly kernel: Kernel;
  readonly job: Job;
  /** That of kernels/run.ts: so that only the losses that need it bring it along. Gives the sum of the losses. */
  run(side: Side, kernel: Kernel, job: Job): number;
}

export type PointwiseWork = WorkOf<'pointwise', PointwiseKernel, PointwiseJob>;
export type RowWork = WorkOf<'rows', RowKernel, RowJob>;
export type EmbeddingWork = WorkOf<'embedding', EmbeddingKernel, EmbeddingJob>;
export type CtcWork = WorkOf<'ctc', null, CtcJob>;

export type Work = PointwiseWork | RowWork | EmbeddingWork | CtcWork | LinearWork;

/** A cross-entropy of scores that are made on the way; `run` is linear.ts's, for the same reason. */
export interface LinearWork {
  readonly family: 'linear';
  readonly job: LinearJob;
  readonly loss: LinearLoss;
  run(side: Side): readonly [loss: number, second: number];
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
  const side = sideFor(work.job.dtype, elements);
  switch (work.family) {
    case 'pointwise':
      return prepared.finish(work.run(side, work.kernel, work.job), 0);
    case 'rows': {
      const loss = work.run(side, work.kernel, work.job);
      return prepared.finish(loss, work.job.totals[1]);
    }
    case 'embedding':
      return prepared.finish(work.run(side, work.kernel, work.job), 0);
    case 'ctc':
      return prepared.finish(work.run(side, null, work.job), 0);
    case 'linear': {
      const [loss, second] = work.run(side);
      return prepared.finish(loss, second);
    }
  }
}
