/** Row-wise kernels of softmax without a class. The order of each one's constants stands beside it. */
import { logSoftmax as logSoftmaxLoop } from '../js/logSoftmax.js';
import { logSumExp as logSumExpLoop } from '../js/logSumExp.js';
import { runPlainRows, runSoftRows } from '../js/rows.js';
import { softTargetCrossEntropy as softTargetCrossEntropyLoop } from '../js/softTargetCrossEntropy.js';
import type { RowKernel } from '../kernel.js';
import { softmax as module } from '../wasm/embedded/softmax.js';

/** []. Its gradient is softmax. */
export const logSumExp: RowKernel = {
  name: 'logSumExp',
  module,
  inTypeScript: (job) => runPlainRows(logSumExpLoop, job),
  columns: true,
};

/** []. What it writes as its gradient is its value, and it has no loss. */
export const logSoftmax: RowKernel = {
  name: 'logSoftmax',
  module,
  inTypeScript: (job) => runPlainRows(logSoftmaxLoop, job),
  columns: true,
};

/** [labelSmoothing], against a distribution */
export const softTargetCrossEntropy: RowKernel = {
  name: 'softTargetCrossEntropy',
  module,
  inTypeScript: (job) => runSoftRows(softTargetCrossEntropyLoop, job),
  columns: true,
};
