/** Cross-entropy with each row's entropy and argmax. */
import { crossEntropy as loop } from '../js/crossEntropy.js';
import { runIndexRows } from '../js/rows.js';
import type { RowKernel } from '../kernel.js';
import { tokenStats as module } from '../wasm/embedded/tokenStats.js';

/** As crossEntropy's. */
export const tokenStats: RowKernel = {
  name: 'tokenStats',
  module,
  inTypeScript: (job) => runIndexRows(loop, job),
  columns: true,
};
