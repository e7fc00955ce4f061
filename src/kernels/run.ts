/**
 * Runs jobs, on WebAssembly or in TypeScript, each family by a function of its own: a bundle has those that its losses call. What a backend does is
 * the same on both sides, and this file is all there is of it.
 */
import type { Side } from '../backend.js';
import { runCtc as ctcInTypeScript } from './js/ctc.js';
import { firstOutside as firstOutsideInTypeScript } from './js/domain.js';
import { runEmbedding as embeddingInTypeScript } from './js/embedding.js';
import { JsScores } from './js/linear.js';
import { runPointwise as pointwiseInTypeScript } from './js/pointwise.js';
import { sigmoid as sigmoidInTypeScript } from './js/probabilities.js';
import { runTopLogProbs as topInTypeScript } from './js/topLogProbs.js';
import type {
  CtcJob,
  Domain,
  Dtype,
  EmbeddingJob,
  LinearJob,
  LinearScores,
  PointwiseJob,
  Real,
  RowJob,
  TopJob,
} from './jobs.js';
import type { EmbeddingKernel, PointwiseKernel, RowKernel } from './kernel.js';
import type { Source } from './source.js';
import { runCtc as ctcInWasm } from './wasm/ctc.js';
import { firstOutside as firstOutsideInWasm } from './wasm/domain.js';
import { runEmbedding as embeddingInWasm } from './wasm/embedding.js';
import { WasmScores } from './wasm/linear.js';
import { runPointwise as pointwiseInWasm } from './wasm/pointwise.js';
import { runRows as rowsInWasm } from './wasm/rows.js';
import { runSigmoid as sigmoidInWasm } from './wasm/sigmoid.js';
import { runTop as topInWasm } from './wasm/top.js';

/** Checks the job's domains, before anything is written, runs it and gives the sum of its (weighted) losses. */
export function runPointwise(side: Side, kernel: PointwiseKernel, job: PointwiseJob): number {
  return side === 'js' ? pointwiseInTypeScript(kernel.loop, job) : pointwiseInWasm(kernel, job);
}

/** Runs the job and gives the sum of its losses; that and the sum of the second terms go to job.totals. */
export function runRows(side: Side, kernel: RowKernel, job: RowJob): number {
  if (side === 'js') kernel.inTypeScript(job);
  else rowsInWasm(kernel, job);
  return job.totals[0];
}

/** Runs the job and gives the sum of its losses. */
export function runEmbedding(side: Side, kernel: EmbeddingKernel, job: EmbeddingJob): number {
  return side === 'js' ? embeddingInTypeScript(kernel.loop, job) : embeddingInWasm(kernel, job);
}

/** The same of connectionist temporal classification, which is one kernel. */
export function runCtc(side: Side, _kernel: null, job: CtcJob): number {
  return side === 'js' ? ctcInTypeScript(job) : ctcInWasm(job);
}

/** Log-probabilities of the likeliest classes of each row. */
export function runTopLogProbs(side: Side, job: TopJob): void {
  if (side === 'js') topInTypeScript(job);
  else topInWasm(job);
}

/** The scores that a loss makes itself, a chunk at a time; its rows are then a job of `runRows` in place. */
export function makeScores(side: Side, job: LinearJob): LinearScores {
  return side === 'js' ? new JsScores(job) : new WasmScores(job);
}

/** σ of each element. */
export function runSigmoid(side: Side, dtype: Dtype, input: Source, length: number, out: Real): void {
  if (side === 'js') sigmoidInTypeScript(input, length, out);
  else sigmoidInWasm(dtype, input, length, out);
}

/** The first of `length` elements outside the domain, or -1. */
export function firstOutside(
  side: Side,
  domain: Domain,
  dtype: Dtype,
  source: Source,
  length: number,
): number {
  return side === 'js'
    ? firstOutsideInTypeScript(domain, source, length)
    : firstOutsideInWasm(domain, dtype, source, length);
}
