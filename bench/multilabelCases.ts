/** Rows against masks and sets of labels. The list with the targets is in cases.ts. */
import { diceLoss, multilabelMarginLoss, multilabelSoftMarginLoss, tverskyLoss } from 'losskit';
import * as loops from './baselinesMultilabel.js';
import { type Case, faster, wide } from './case.js';
import { labelSets, Random } from './data.js';

export function dice(rows: number, classes: number, target: number): Case {
  const n = rows * classes;
  return faster(`diceLoss [${rows},${classes}]`, target, n, 12 * n, () => {
    const random = new Random(n);
    const [x, t] = [random.uniforms(n, 0, 1), random.labels(n, 0, 1)];
    const plain = new Float32Array(n);
    const options = { classes, grad: new Float32Array(n) };
    return {
      outputs: [options.grad],
      subject: () => diceLoss.valueAndGrad(x, t, options).value,
      other: () => loops.tversky(x, t, classes, 0.5, 0.5, plain),
      reference: (copy, grad) => copy.multilabel.tversky(wide(x), wide(t), classes, 0.5, 0.5, grad),
    };
  });
}

export function tversky(rows: number, classes: number, target: number): Case {
  const n = rows * classes;
  return faster(`tverskyLoss [${rows},${classes}]`, target, n, 12 * n, () => {
    const random = new Random(n);
    const [x, t] = [random.uniforms(n, 0, 1), random.labels(n, 0, 1)];
    const plain = new Float32Array(n);
    const options = { classes, alpha: 0.3, beta: 0.7, grad: new Float32Array(n) };
    return {
      outputs: [options.grad],
      subject: () => tverskyLoss.valueAndGrad(x, t, options).value,
      other: () => loops.tversky(x, t, classes, 0.3, 0.7, plain),
      reference: (copy, grad) => copy.multilabel.tversky(wide(x), wide(t), classes, 0.3, 0.7, grad),
    };
  });
}

export function multilabelSoftMargin(rows: number, classes: number, target: number): Case {
  const n = rows * classes;
  return faster(`multilabelSoftMarginLoss [${rows},${classes}]`, target, n, 12 * n, () => {
    const random = new Random(n);
    const [x, t] = [random.normals(n, 3), random.labels(n, 0, 1)];
    const plain = new Float32Array(n);
    const options = { classes, grad: new Float32Array(n) };
    return {
      outputs: [options.grad],
      subject: () => multilabelSoftMarginLoss.valueAndGrad(x, t, options).value,
      other: () => loops.multilabelSoftMargin(x, t, classes, plain),
      reference: (copy, grad) => copy.multilabel.multilabelSoftMargin(wide(x), wide(t), classes, grad),
    };
  });
}

/** Three to seven labels a row. */
export function multilabelMargin(rows: number, classes: number, target: number): Case {
  const n = rows * classes;
  return faster(`multilabelMarginLoss [${rows},${classes}]`, target, n, 12 * n, () => {
    const random = new Random(n);
    const x = random.normals(n);
    const y = labelSets(random, rows, classes, 3, 7);
    const plain = new Float32Array(n);
    const options = { classes, grad: new Float32Array(n) };
    return {
      outputs: [options.grad],
      subject: () => multilabelMarginLoss.valueAndGrad(x, y, options).value,
      other: () => loops.multilabelMargin(x, y, classes, plain),
      reference: (copy, grad) => copy.multilabel.multilabelMargin(wide(x), y, classes, grad),
    };
  });
}
