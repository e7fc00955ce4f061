/**
 * What bench:peers and the bench page can run: losses at shapes, and their seeded data. Runs in Node and in browsers; knows no contender and
 * times nothing.
 */
import { Random } from '../data.js';
import { bce, focal, hinge, mse, type Pointwise, sized } from '../pointwiseCases.js';
import { ce, rowData } from '../rowCases.js';

/** Names, data and plain loops are those of `npm run bench`. */
export const pointwise = { bce, focal, mse, hinge } as const;
export type Loss = 'ce' | 'linear' | keyof typeof pointwise;

/** Of a pointwise loss rows are elements and classes 1. */
export interface Shape {
  readonly name: string;
  readonly loss: Loss;
  readonly rows: number;
  readonly classes: number;
  /** Of 'linear' alone: the length of a row of `hidden` and `head`. */
  readonly width: number;
  /** Value and gradient, or the value alone. */
  readonly grad: boolean;
  readonly elements: number;
  /** Read and written by a call that passes over its data once. */
  readonly bytes: number;
  /** Shapes with the same word share a process. */
  readonly process: string;
}

/** The first input, the second (of 'linear' the head), and class indices. */
export interface Inputs {
  readonly x: Float32Array;
  readonly t: Float32Array | null;
  readonly y: Int32Array | null;
}

export function rows(count: number, classes: number, grad = true): Shape {
  const elements = count * classes;
  const name = `${ce.name}${grad ? '' : ' value'} [${count},${classes}]`;
  const bytes = (grad ? 8 : 4) * elements;
  return { name, loss: 'ce', rows: count, classes, width: 0, grad, elements, bytes, process: name };
}

export function elements(loss: keyof typeof pointwise, n: number): Shape {
  const name = `${pointwise[loss].name} ${sized(n)}`;
  return {
    name,
    loss,
    rows: n,
    classes: 1,
    width: 0,
    grad: true,
    elements: n,
    bytes: 12 * n,
    process: name,
  };
}

/** Both gradients; elements are the logits that are never held together. */
export function linear(count: number, width: number, classes: number): Shape {
  const name = `linearCrossEntropy [${count},${width}] x [${classes},${width}]`;
  const bytes = 8 * (count + classes) * width;
  return {
    name,
    loss: 'linear',
    rows: count,
    classes,
    width,
    grad: true,
    elements: count * classes,
    bytes,
    process: name,
  };
}

export function inputs({ loss, rows, classes, width }: Shape): Inputs {
  if (loss === 'ce') return { ...rowData(rows, classes), t: null };
  const random = new Random(rows + width + classes);
  if (loss === 'linear') {
    const x = random.normals(rows * width);
    return { x, t: random.normals(classes * width, 1 / Math.sqrt(width)), y: random.classes(rows, classes) };
  }
  const [x, t] = (pointwise[loss] as Pointwise).data(new Random(rows), rows);
  return { x, t, y: null };
}
