/**
 * Row-wise kernels of logits against a teacher's; targets, where there are any, say which rows count. They read two rows as one. The order of each one's
 * constants stands beside it.
 */
import {
  distillation as distillationLoop,
  jsDivergence as jsDivergenceLoop,
  reverseDistillation as reverseDistillationLoop,
} from '../js/divergence.js';
import { runSoftRows } from '../js/rows.js';
import type { RowKernel } from '../kernel.js';
import { divergences as module } from '../wasm/embedded/divergences.js';

/** [temperature, factor] */
export const distillation: RowKernel = {
  name: 'distillation',
  module,
  inTypeScript: (job) => runSoftRows(distillationLoop, job),
  columns: false,
  wholeRows: true,
};

/** [temperature, factor] */
export const reverseDistillation: RowKernel = {
  name: 'reverseDistillation',
  module,
  inTypeScript: (job) => runSoftRows(reverseDistillationLoop, job),
  columns: false,
  wholeRows: true,
};

/** [temperature, factor, beta] */
export const jsDivergence: RowKernel = {
  name: 'jsDivergence',
  module,
  inTypeScript: (job) => runSoftRows(jsDivergenceLoop, job),
  columns: false,
  wholeRows: true,
};
