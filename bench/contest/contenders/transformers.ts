/**
 * Transformers.js' log_softmax as a contender: of each row, and the target's entry of it. It has no gradient and no other loss. Its maths
 * module is imported by itself: the package's runtimes are not installed (bench/peers/package.json overrides them).
 */
import type { Open } from '../contender.js';
import { peersFolder, peerVersion } from '../peerPackage.js';

export const open: Open = async () => {
  const version = peerVersion('@huggingface/transformers');
  const { log_softmax: logSoftmax } = (await import(
    `${peersFolder}node_modules/@huggingface/transformers/src/utils/maths.js`
  )) as { log_softmax: (row: Float32Array) => Float32Array };
  return {
    about: `@huggingface/transformers ${version}, log_softmax`,
    prepare({ task, x, y }) {
      if (task.loss !== 'ce' || task.grad) return 'it has log_softmax alone';
      const { rows, classes } = task;
      return {
        run() {
          let total = 0;
          for (let r = 0; r < rows; r++)
            total -= logSoftmax(x.subarray(r * classes, (r + 1) * classes))[y![r]];
          return total / rows;
        },
        gradients: () => [],
      };
    },
  };
};
