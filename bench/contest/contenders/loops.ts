/** The hand-written loops of bench/baselines*.ts as a contender. */
import * as rows from '../../baselines.js';
import * as pointwise from '../../baselinesPointwise.js';
import { loopCall } from '../calls.js';
import type { Open } from '../contender.js';

export const open: Open = () =>
  Promise.resolve({
    about: `Node ${process.version}`,
    prepare({ task, x, t, y }) {
      if (task.loss === 'linear') return 'takes minutes';
      const grad = new Float32Array(task.grad ? x.length : 0);
      return { run: loopCall({ ...rows, ...pointwise }, task, x, t, y, grad), gradients: () => [grad] };
    },
  });
