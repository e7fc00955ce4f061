/** The losskit call and the plain loop of a shape (shapes.ts), in Node and in browsers. Times and checks nothing. */
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  hingeLoss,
  linearCrossEntropy,
  mseLoss,
  sigmoidFocalLoss,
} from 'losskit';
import type * as rowLoops from '../baselines.js';
import type * as pointwiseLoops from '../baselinesPointwise.js';
import { type Inputs, type Loss, pointwise, type Shape } from './shapes.js';

/** A loss as both losskit and its pool take it. */
export interface LosskitLoss {
  (x: Float32Array, ...rest: unknown[]): number;
  valueAndGrad(x: Float32Array, ...rest: unknown[]): { readonly value: number };
}
export const losskitLosses = {
  ce: crossEntropy,
  bce: binaryCrossEntropyWithLogits,
  focal: sigmoidFocalLoss,
  mse: mseLoss,
  hinge: hingeLoss,
  linear: linearCrossEntropy,
} as unknown as Readonly<Record<Loss, LosskitLoss>>;

/** What a loss of a shape is called with, options not counted. */
export function losskitArguments({ loss }: Kind, { x, t, y }: Inputs): [Float32Array, ...unknown[]] {
  return loss === 'linear' ? [x, t, y] : [x, t ?? y];
}

/** Where gradients go: to one array, or to one of each input of 'linear'. */
export type Gradients = readonly Float32Array[];
export function gradients({ loss, rows, classes, width, grad }: Kind): Gradients {
  if (!grad) return [];
  const sizes = loss === 'linear' ? [rows * width, classes * width] : [rows * classes];
  return sizes.map((size) => new Float32Array(size));
}
export const losskitOptions = (shape: Kind, [first, second]: Gradients): object =>
  shape.loss === 'linear' ? { grad: { hidden: first, head: second } } : { grad: first };

/** The losskit call: gives the value, leaves the gradients in `into`. */
export function losskitCall(shape: Kind, given: Inputs, into: Gradients): () => number {
  const loss = losskitLosses[shape.loss];
  const inputs = losskitArguments(shape, given);
  if (!shape.grad) return () => loss(...inputs);
  const options = losskitOptions(shape, into);
  return () => loss.valueAndGrad(...inputs, options).value;
}

export type Loops = typeof rowLoops & typeof pointwiseLoops;
/** What decides which call it is. */
type Kind = Pick<Shape, 'loss' | 'rows' | 'classes' | 'width' | 'grad'>;

/** The plain loop of the same: on Float32Arrays it is a contender, on Float64Arrays (in a copy of the loops of their own) the reference. */
export function loopCall(
  loops: Loops,
  { loss, classes, grad: wanted }: Kind,
  x: Float32Array | Float64Array,
  t: Float32Array | Float64Array | null,
  y: Int32Array | null,
  grad: Float32Array | Float64Array,
): () => number {
  if (loss === 'linear') throw new Error('the loops of linearCrossEntropy are not among these');
  if (loss === 'ce') {
    return wanted
      ? () => loops.crossEntropy(x, y!, classes, grad)
      : () => loops.crossEntropyValue(x, y!, classes);
  }
  const loop = loops[pointwise[loss].loop] as (
    x: Float32Array | Float64Array,
    t: Float32Array | Float64Array,
    g: Float32Array | Float64Array,
  ) => number;
  return () => loop(x, t!, grad);
}
