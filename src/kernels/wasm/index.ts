/** The WebAssembly backend: every kernel of table.ts by its family's marshalling. */
import { nll } from '../js/nll.js';
import { runIndexRows } from '../js/rows.js';
import type { PointwiseJob, RowJob } from '../jobs.js';
import type { Kernels, PointwiseName, RowName } from '../table.js';
import { runPointwise } from './pointwise.js';
import { runRows } from './rows.js';

export const wasmKernels: Kernels = {
  pointwise(name: PointwiseName, job: PointwiseJob): number {
    return runPointwise(name, job);
  },
  rows(name: RowName, job: RowJob): void {
    // NLL reads one element a row: copying the others into kernel memory would cost more than all of its work.
    if (name === 'nll') runIndexRows(nll, job);
    else runRows(name, job);
  },
  /** The gradient of logSumExp. */
  softmax(dtype, input, { outer, classes, inner }, out): void {
    runRows('logSumExp', {
      dtype,
      outer,
      classes,
      inner,
      input,
      targets: null,
      soft: null,
      classWeight: null,
      readsAllWeights: false,
      gradOutput: null,
      constants: [],
      softcap: 0,
      scale: 1,
      grad: out,
      out: null,
      totals,
    });
  },
  /** The gradient of binary cross-entropy against 0. */
  sigmoid(dtype, input, length, out): void {
    const job = {
      dtype,
      length,
      input,
      target: input,
      domains: null,
      weight: null,
      posWeight: null,
      gradOutput: null,
      constants: [],
      scale: 1,
      grad: out,
      out: null,
    };
    runPointwise('sigmoid', job);
  },
};

const totals = new Float64Array(2);
