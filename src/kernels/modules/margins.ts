/** Row-wise kernels without a softmax: margins, and overlap. The order of each one's constants stands beside it. */
import { crammerSinger as crammerSingerLoop } from '../js/crammerSinger.js';
import { multilabelMargin as multilabelMarginLoop } from '../js/multilabelMargin.js';
import { multiMargin as multiMarginLoop } from '../js/multiMargin.js';
import { runIndexRows, runSoftRows } from '../js/rows.js';
import { tversky as tverskyLoop } from '../js/tversky.js';
import type { RowKernel } from '../kernel.js';
import { margins as module } from '../wasm/embedded/margins.js';
import { REGION } from '../wasm/layout.js';

/** [p, margin] */
export const multiMargin: RowKernel = {
  name: 'multiMargin',
  module,
  inTypeScript: (job) => runIndexRows(multiMarginLoop, job),
  columns: true,
};

/** [margin] */
export const crammerSinger: RowKernel = {
  name: 'crammerSinger',
  module,
  inTypeScript: (job) => runIndexRows(crammerSingerLoop, job),
  columns: true,
};

/** [alpha, beta, smooth], against a 0/1 mask */
export const tversky: RowKernel = {
  name: 'tversky',
  module,
  inTypeScript: (job) => runSoftRows(tverskyLoop, job),
  columns: true,
};

/** [], against a list of labels that -1 ends. Whole rows only; a mask and a count a class have half a region each, as float64. */
export const multilabelMargin: RowKernel = {
  name: 'multilabelMargin',
  module,
  inTypeScript: (job) => runSoftRows(multilabelMarginLoop, job),
  columns: false,
  mostClasses: REGION / 2 / 8,
};
