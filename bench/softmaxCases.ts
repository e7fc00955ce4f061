/** Poly-1, log-sum-exp and log-softmax. The list with the targets is in cases.ts. */
import { logSoftmax, logSumExp, poly1Loss } from 'losskit';
import * as loops from './baselinesSoftmax.js';
import { type Case, faster, wide } from './case.js';
import { Random } from './data.js';

export function poly1(rows: number, classes: number, target: number): Case {
  const n = rows * classes;
  return faster(`poly1Loss [${rows},${classes}]`, target, n, 8 * n, () => {
    const random = new Random(n);
    const [x, y] = [random.normals(n, 3), random.classes(rows, classes)];
    const plain = new Float32Array(n);
    const options = { grad: new Float32Array(n) };
    return {
      outputs: [options.grad],
      subject: () => poly1Loss.valueAndGrad(x, y, options).value,
      other: () => loops.poly1(x, y, classes, plain),
      reference: (copy, grad) => copy.softmax.poly1(wide(x), y, classes, grad),
    };
  });
}

export function logSumExpRows(rows: number, classes: number, target: number): Case {
  const n = rows * classes;
  return faster(`logSumExp [${rows},${classes}]`, target, n, 8 * n, () => {
    const x = new Random(n).normals(n, 3);
    const [plain, plainGrad] = [new Float32Array(rows), new Float32Array(n)];
    const options = { classes, out: new Float32Array(rows), grad: new Float32Array(n) };
    return {
      outputs: [options.out, options.grad],
      subject: () => logSumExp.valueAndGrad(x, options).value[0],
      other: () => loops.logSumExp(x, classes, plain, plainGrad),
      reference: (copy, out, grad) => copy.softmax.logSumExp(wide(x), classes, out, grad),
    };
  });
}

/** With an upstream gradient an element, as whatever follows it gives. */
export function logSoftmaxRows(rows: number, classes: number, target: number): Case {
  const n = rows * classes;
  return faster(`logSoftmax [${rows},${classes}]`, target, n, 16 * n, () => {
    const random = new Random(n);
    const [x, gradOutput] = [random.normals(n, 3), random.normals(n)];
    const [plain, plainGrad] = [new Float32Array(n), new Float32Array(n)];
    const options = { classes, gradOutput, out: new Float32Array(n), grad: new Float32Array(n) };
    return {
      outputs: [options.out, options.grad],
      subject: () => logSoftmax.valueAndGrad(x, options).value[0],
      other: () => loops.logSoftmax(x, gradOutput, classes, plain, plainGrad),
      reference: (copy, out, grad) => copy.softmax.logSoftmax(wide(x), wide(gradOutput), classes, out, grad),
    };
  });
}
