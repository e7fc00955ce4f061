/** Row-wise kernels of other functions of log p of a row's class. The order of each one's constants stands beside it. */
import { nll as nllLoop } from '../js/nll.js';
import { poly1 as poly1Loop } from '../js/poly1.js';
import { runIndexRows } from '../js/rows.js';
import { softmaxFocal as softmaxFocalLoop } from '../js/softmaxFocal.js';
import type { RowKernel } from '../kernel.js';
import { focal as module } from '../wasm/embedded/focal.js';

/** [gamma] */
export const softmaxFocal: RowKernel = {
  name: 'softmaxFocal',
  module,
  inTypeScript: (job) => runIndexRows(softmaxFocalLoop, job),
  columns: true,
};

/** [epsilon] */
export const poly1: RowKernel = {
  name: 'poly1',
  module,
  inTypeScript: (job) => runIndexRows(poly1Loop, job),
  columns: true,
};

/** []. It reads one element a row: copying the others into kernel memory would cost more than all of its work. */
export const nll: RowKernel = {
  name: 'nll',
  module: null,
  inTypeScript: (job) => runIndexRows(nllLoop, job),
  columns: false,
};
