/** Where the arrays of a losskit call live, and the pool of two threads that works on them: for bench:peers and the bench page. Runs no case. */
import { createArena } from 'losskit';
import {
  gradients,
  type Gradients,
  losskitArguments,
  losskitCall,
  losskitLosses,
  losskitOptions,
} from './calls.js';
import type { Inputs, Shape } from './shapes.js';

/** Gives the array in its place, with the same numbers. */
export type Place = <A extends Float32Array | Int32Array>(values: A) => A;
type Kind = Parameters<typeof gradients>[0];

export interface Run {
  /** One call: gives the value; a promise from the pool alone. */
  readonly run: () => number | Promise<number>;
  readonly grad: Gradients;
}

/** `losskit/parallel`, by what is used of it. */
export interface Pool {
  valueAndGrad(...all: unknown[]): Promise<{ readonly value: number }>;
  value(...all: unknown[]): Promise<number>;
  close(): unknown;
}
export interface Parallel {
  createPool(options: { threads: number }): Promise<Pool>;
}

export const asTheyAre: Place = (values) => values;

export function inArena({ x, t, y }: Inputs): Place {
  // A gradient is as long as its input; every array begins at a vector.
  const arena = createArena({ bytes: 8 * x.length + 8 * (t?.length ?? 0) + 4 * (y?.length ?? 0) + 256 });
  return (values) => {
    const there = values instanceof Int32Array ? arena.int32(values.length) : arena.float32(values.length);
    there.set(values);
    return there as typeof values;
  };
}

export const inSharedMemory: Place = (values) => {
  const bytes = new SharedArrayBuffer(values.byteLength);
  const there = values instanceof Int32Array ? new Int32Array(bytes) : new Float32Array(bytes);
  there.set(values);
  return there as typeof values;
};

const placed = ({ x, t, y }: Inputs, place: Place): Inputs => ({
  x: place(x),
  t: t && place(t),
  y: y && place(y),
});

export function oneThread(kind: Kind, inputs: Inputs, place: Place): Run {
  const grad = gradients(kind).map(place);
  return { run: losskitCall(kind, placed(inputs, place), grad), grad };
}

export function onPool(pool: Pool, kind: Pick<Shape, keyof Kind>, inputs: Inputs, place: Place): Run {
  const grad = gradients(kind).map(place);
  const loss = losskitLosses[kind.loss];
  const args = losskitArguments(kind, placed(inputs, place));
  const options = losskitOptions(kind, grad);
  const run = kind.grad
    ? async () => (await pool.valueAndGrad(loss, ...args, options)).value
    : () => pool.value(loss, ...args);
  return { run, grad };
}

/** Ordinary arrays, and a new one for the gradient in every call. */
export function withoutGradient(
  kind: Kind,
  inputs: Inputs,
): { run: () => number; gradients: () => readonly Float32Array[] } {
  const loss = losskitLosses[kind.loss];
  const args = losskitArguments(kind, inputs);
  let last: readonly Float32Array[] = [];
  const run = () => {
    if (!kind.grad) return loss(...args);
    const { value, grad } = loss.valueAndGrad(...args) as { value: number; grad: unknown };
    last = ArrayBuffer.isView(grad) ? [grad as Float32Array] : Object.values(grad as object);
    return value;
  };
  return { run, gradients: () => last };
}
