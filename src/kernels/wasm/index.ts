/** The WebAssembly backend: every kernel of table.ts by its family's marshalling. */
import { jsKernels } from '../js/index.js';
import type {
  CtcJob,
  Domain,
  Dtype,
  EmbeddingJob,
  PointwiseJob,
  RowJob,
  TopJob,
  LinearJob,
} from '../jobs.js';
import type { Source } from '../source.js';
import type { EmbeddingName, Kernels, PointwiseName, RowName } from '../table.js';
import { runCtc } from './ctc.js';
import { firstOutside } from './domain.js';
import { runEmbedding } from './embedding.js';
import { WasmScores } from './linear.js';
import { runPointwise } from './pointwise.js';
import { runRows } from './rows.js';
import { runTop } from './top.js';
import { staysInTypeScript } from './variants.js';

export const wasmKernels: Kernels = {
  pointwise(name: PointwiseName, job: PointwiseJob): number {
    return runPointwise(name, job);
  },
  rows(name: RowName, job: RowJob): void {
    if (staysInTypeScript(name, job)) jsKernels.rows(name, job);
    else runRows(name, job);
  },
  topLogProbs(job: TopJob): void {
    runTop(job);
  },
  embedding(name: EmbeddingName, job: EmbeddingJob): number {
    return runEmbedding(name, job);
  },
  ctc(job: CtcJob): number {
    return runCtc(job);
  },
  linear: (job: LinearJob) => new WasmScores(job),
  /** The gradient of binary cross-entropy against 0. */
  sigmoid(dtype, input, length, out): void {
    runPointwise('sigmoid', {
      dtype,
      length,
      input,
      target: input,
      other: null,
      domains: null,
      weight: null,
      posWeight: null,
      gradOutput: null,
      constants: [],
      scale: 1,
      grad: out,
      otherGrad: null,
      out: null,
      rows: null,
    });
  },
  firstOutside(domain: Domain, dtype: Dtype, source: Source, length: number): number {
    return firstOutside(domain, dtype, source, length);
  },
};
