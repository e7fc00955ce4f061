/** The row-wise cases: data, calls and comparisons. The list with the targets is in cases.ts. */
import {
  crammerSingerLoss,
  createArena,
  crossEntropy,
  multiMarginLoss,
  nllLoss,
  softmaxFocalLoss,
  softTargetCrossEntropy,
} from 'losskit';
import * as rowLoops from './baselines.js';
import { type Case, type Kind, wide } from './case.js';
import { Random } from './data.js';

type RowLoop = 'crossEntropy' | 'softmaxFocal' | 'nll' | 'multiMargin' | 'crammerSinger';
type RowCall = (x: Float32Array, y: Int32Array, options: { grad: Float32Array }) => number;

const crossEntropyCall: RowCall = (x, y, o) => crossEntropy.valueAndGrad(x, y, o).value;

interface RowLoss {
  readonly name: string;
  readonly loop: RowLoop;
  readonly call: RowCall;
}

/** Logits and targets. */
export function rowData(rows: number, classes: number): { x: Float32Array; y: Int32Array } {
  const random = new Random(rows * classes);
  return { x: random.normals(rows * classes, 3), y: random.classes(rows, classes) };
}

export function rowwise(
  loss: RowLoss,
  rows: number,
  classes: number,
  target: number,
  kind: Kind = 'faster',
): Case {
  const tiny = kind === 'tiny';
  const name = `${tiny ? 'tiny ' : ''}${loss.name} [${rows},${classes}]`;
  return {
    name,
    kind,
    target,
    elements: rows * classes,
    bytes: (loss.loop === 'nll' ? 4 : 8) * rows * classes,
    process: tiny ? `tiny ${loss.name}` : name,
    prepare() {
      const loops = rowLoops;
      const { x, y } = rowData(rows, classes);
      const plain = new Float32Array(x.length);
      const options = { grad: new Float32Array(x.length) };
      return {
        outputs: [options.grad],
        subject: () => loss.call(x, y, options),
        other: () => loops[loss.loop](x, y, classes, plain),
        reference: (copy, grad) => copy.rows[loss.loop](wide(x), y, classes, grad),
      };
    },
  };
}

export const ce: RowLoss = { name: 'crossEntropy', loop: 'crossEntropy', call: crossEntropyCall };

export function valueOnly(rows: number, classes: number, target: number): Case {
  const name = `crossEntropy value [${rows},${classes}]`;
  return {
    name,
    kind: 'faster',
    target,
    elements: rows * classes,
    bytes: 4 * rows * classes,
    process: name,
    prepare() {
      const { x, y } = rowData(rows, classes);
      return {
        outputs: [],
        subject: () => crossEntropy(x, y),
        other: () => rowLoops.crossEntropyValue(x, y, classes),
        reference: (copy) => copy.rows.crossEntropyValue(wide(x), y, classes),
      };
    },
  };
}

/** Weights, smoothing and temperature (and a soft cap) against the plain losskit call, or against the loop written for them. */
export function crossEntropyWith(softcap: number, against: 'plain' | 'loop', target: number): Case {
  const [rows, classes] = [256, 1000];
  const what = `crossEntropy weight+smoothing+temperature${softcap ? '+softcap' : ''} [256,1000]`;
  const name = against === 'plain' ? what : `own loop: ${what}`;
  return {
    name,
    kind: against === 'plain' ? 'cost' : 'faster',
    target,
    elements: rows * classes,
    bytes: 8 * rows * classes,
    process: name,
    prepare() {
      const random = new Random(rows);
      const x = random.normals(rows * classes, 3);
      const y = random.classes(rows, classes);
      const weight = random.uniforms(classes, 0.5, 2);
      const grad = new Float32Array(x.length);
      const plain = { grad: new Float32Array(x.length) };
      const options = { grad, weight, labelSmoothing: 0.1, temperature: 1.5, softcap: softcap || null };
      const own = { weight, smoothing: 0.1, temperature: 1.5, softcap };
      return {
        outputs: [grad],
        subject: () => crossEntropy.valueAndGrad(x, y, options).value,
        other:
          against === 'plain'
            ? () => crossEntropyCall(x, y, plain)
            : () => rowLoops.crossEntropyWith(x, y, classes, plain.grad, own),
        reference: (copy, g) => copy.rows.crossEntropyWith(wide(x), y, classes, g, own),
      };
    },
  };
}

/** Cross-entropy on data that slow a careless kernel down, against ordinary data. */
export function hardRows(
  what: string,
  data: (random: Random, y: Int32Array, classes: number) => Float32Array,
): Case {
  const [rows, classes] = [256, 1000];
  const name = `${what} crossEntropy [256,1000]`;
  return {
    name,
    kind: 'cost',
    target: 1.25,
    elements: rows * classes,
    bytes: 8 * rows * classes,
    process: name,
    prepare() {
      const random = new Random(rows);
      const y = random.classes(rows, classes);
      const easy = random.normals(rows * classes, 3);
      const x = data(random, y, classes);
      const options = { grad: new Float32Array(x.length) };
      return {
        outputs: [options.grad],
        subject: () => crossEntropyCall(x, y, options),
        other: () => crossEntropyCall(easy, y, options),
        reference: (copy, grad) => copy.rows.crossEntropy(wide(x), y, classes, grad),
      };
    },
  };
}

/** Logits, targets and gradient in kernel memory. */
export function crossEntropyInArena(rows: number, classes: number, target: number): Case {
  const name = `arena crossEntropy [${rows},${classes}]`;
  return {
    name,
    kind: 'faster',
    target,
    elements: rows * classes,
    bytes: 8 * rows * classes,
    process: name,
    prepare() {
      const { x, y } = rowData(rows, classes);
      const plain = new Float32Array(x.length);
      const arena = createArena({ bytes: 8 * rows * classes + 4 * rows + 4096 });
      const logits = arena.float32(x.length);
      const targets = arena.int32(rows);
      const options = { grad: arena.float32(x.length) };
      logits.set(x);
      targets.set(y);
      return {
        outputs: [options.grad],
        subject: () => crossEntropyCall(logits, targets, options),
        other: () => rowLoops.crossEntropy(x, y, classes, plain),
        reference: (copy, grad) => copy.rows.crossEntropy(wide(x), y, classes, grad),
      };
    },
  };
}

/** PyTorch's layout [batch, classes, height, width]. */
export function crossEntropyAxis1(shape: [number, number, number, number], target: number): Case {
  const [batch, classes, height, width] = shape;
  const pixels = height * width;
  const n = batch * classes * pixels;
  const name = `crossEntropy axis 1 [${shape.join(',')}]`;
  return {
    name,
    kind: 'faster',
    target,
    elements: n,
    bytes: 8 * n,
    process: name,
    prepare() {
      const random = new Random(n);
      const x = random.normals(n, 3);
      const y = random.classes(batch * pixels, classes);
      const plain = new Float32Array(n);
      const options = { shape, axis: 1, grad: new Float32Array(n) };
      return {
        outputs: [options.grad],
        subject: () => crossEntropy.valueAndGrad(x, y, options).value,
        other: () => rowLoops.crossEntropyAxis1(x, y, classes, pixels, plain),
        reference: (copy, grad) => copy.rows.crossEntropyAxis1(wide(x), y, classes, pixels, grad),
      };
    },
  };
}

export function softTargets(rows: number, classes: number, target: number): Case {
  const name = `softTargetCrossEntropy [${rows},${classes}]`;
  return {
    name,
    kind: 'faster',
    target,
    elements: rows * classes,
    bytes: 12 * rows * classes,
    process: name,
    prepare() {
      const random = new Random(rows);
      const x = random.normals(rows * classes, 3);
      const q = random.uniforms(rows * classes, 0, 2 / classes);
      const plain = new Float32Array(x.length);
      const options = { classes, grad: new Float32Array(x.length) };
      return {
        outputs: [options.grad],
        subject: () => softTargetCrossEntropy.valueAndGrad(x, q, options).value,
        other: () => rowLoops.softTargetCrossEntropy(x, q, classes, plain),
        reference: (copy, grad) => copy.rows.softTargetCrossEntropy(wide(x), wide(q), classes, grad),
      };
    },
  };
}

export const otherRowwise: RowLoss[] = [
  {
    name: 'softmaxFocalLoss',
    loop: 'softmaxFocal',
    call: (x, y, o) => softmaxFocalLoss.valueAndGrad(x, y, o).value,
  },
  { name: 'nllLoss', loop: 'nll', call: (x, y, o) => nllLoss.valueAndGrad(x, y, o).value },
  {
    name: 'multiMarginLoss',
    loop: 'multiMargin',
    call: (x, y, o) => multiMarginLoss.valueAndGrad(x, y, o).value,
  },
  {
    name: 'crammerSingerLoss',
    loop: 'crammerSinger',
    call: (x, y, o) => crammerSingerLoss.valueAndGrad(x, y, o).value,
  },
];
