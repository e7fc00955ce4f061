/** One copy that moves as many bytes as a case reads and writes: no loss, and the limit of those that pass over memory once. */
import type { Open } from '../contender.js';

export const open: Open = () =>
  Promise.resolve({
    about: `TypedArray.set, Node ${process.version}`,
    prepare({ task, x, t }) {
      if (task.loss === 'linear') return 'this case is no pass over memory';
      const arrays = 1 + (t ? 1 : 0) + (task.grad ? 1 : 0);
      // Half of the bytes are read, half written. An odd element in the smallest cases does not matter.
      const from = new Uint8Array(Math.ceil((4 * arrays * x.length) / 2)).fill(1);
      const to = new Uint8Array(from.length);
      return {
        run() {
          to.set(from);
          return to[0];
        },
        gradients: () => [],
      };
    },
  });
