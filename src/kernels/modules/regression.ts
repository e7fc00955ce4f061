/** Pointwise kernels of real numbers, of counts and of variances. The order of each one's constants stands beside it. */
import { gaussianNll as gaussianNllLoop } from '../js/gaussianNll.js';
import { huber as huberLoop } from '../js/huber.js';
import { l1 as l1Loop } from '../js/l1.js';
import { logCosh as logCoshLoop } from '../js/logCosh.js';
import { mse as mseLoop } from '../js/mse.js';
import { poissonNll as poissonNllLoop } from '../js/poissonNll.js';
import { poissonNllRate as poissonNllRateLoop } from '../js/poissonNllRate.js';
import { quantile as quantileLoop } from '../js/quantile.js';
import { smoothL1 as smoothL1Loop } from '../js/smoothL1.js';
import type { PointwiseKernel } from '../kernel.js';
import { regression as module } from '../wasm/embedded/regression.js';

/** [] */
export const mse: PointwiseKernel = { name: 'mse', module, loop: mseLoop, light: true };

/** [] */
export const l1: PointwiseKernel = { name: 'l1', module, loop: l1Loop, light: true };

/** [beta] */
export const smoothL1: PointwiseKernel = { name: 'smoothL1', module, loop: smoothL1Loop, light: true };

/** [delta] */
export const huber: PointwiseKernel = { name: 'huber', module, loop: huberLoop, light: true };

/** [] */
export const logCosh: PointwiseKernel = { name: 'logCosh', module, loop: logCoshLoop };

/** [quantile] */
export const quantile: PointwiseKernel = { name: 'quantile', module, loop: quantileLoop, light: true };

/** [full (1 or 0)], of the logarithm of the rate */
export const poissonNll: PointwiseKernel = {
  name: 'poissonNll',
  module,
  loop: poissonNllLoop,
  exportOf: ([full]) => (full === 1 ? 'poissonNllFull' : 'poissonNll'),
};

/** [full (1 or 0), eps] */
export const poissonNllRate: PointwiseKernel = {
  name: 'poissonNllRate',
  module,
  loop: poissonNllRateLoop,
  exportOf: ([full]) => (full === 1 ? 'poissonNllRateFull' : 'poissonNllRate'),
};

/** [full (1 or 0), eps], with a second differentiable input */
export const gaussianNll: PointwiseKernel = { name: 'gaussianNll', module, loop: gaussianNllLoop };
