/** Cross-entropy against class indices. */
import { crossEntropy as loop } from '../js/crossEntropy.js';
import { runIndexRows } from '../js/rows.js';
import type { RowKernel } from '../kernel.js';
import { crossEntropy as module } from '../wasm/embedded/crossEntropy.js';

/** [labelSmoothing, zLoss, softcap (0: off), temperature, zRatio, Σ classWeight, 1 where the job has stats (else 0)] */
export const crossEntropy: RowKernel = {
  name: 'crossEntropy',
  module,
  inTypeScript: (job) => runIndexRows(loop, job),
  columns: true,
};
