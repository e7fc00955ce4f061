/** CTC on logits. The list with the target is in cases.ts. */
import { ctcLoss } from 'losskit';
import * as loops from './baselinesCtc.js';
import { type Case, faster, wide } from './case.js';
import { Random } from './data.js';

/** Every sample is all its frames long and has 15 to 25 labels. */
export function ctc(frames: number, samples: number, classes: number, target: number): Case {
  const n = frames * samples * classes;
  const width = 25;
  return faster(`ctcLoss [${frames},${samples},${classes}]`, target, n, 8 * n, () => {
    const random = new Random(n);
    const logits = { data: random.normals(n, 3), dims: [frames, samples, classes] };
    const labels = { data: random.classes(samples * width, classes - 1), dims: [samples, width] };
    for (let i = 0; i < labels.data.length; i++) labels.data[i]++; // 0 is the blank
    const frameCounts = new Int32Array(samples).fill(frames);
    const labelCounts = random.classes(samples, 11).map((extra) => 15 + extra);
    const plain = new Float32Array(n);
    const options = { fromLogits: true, grad: new Float32Array(n) };
    return {
      outputs: [options.grad],
      subject: () => ctcLoss.valueAndGrad(logits, labels, frameCounts, labelCounts, options).value,
      other: () => loops.ctc(logits.data, labels.data, labelCounts, frames, classes, plain),
      reference: (copy, grad) =>
        copy.ctc.ctc(wide(logits.data), labels.data, labelCounts, frames, classes, grad),
    };
  });
}
