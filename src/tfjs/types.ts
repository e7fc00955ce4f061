/** The public types of `losskit/tfjs`: tf.losses' own, and our losses with tensors where they take arrays. Types of TensorFlow.js only. */
import type * as tfc from '@tensorflow/tfjs-core';
import type * as losskit from '../index.js';
import type { DifferentiableLoss, Loss } from '../types.js';

/** What createTfLosses needs of `@tensorflow/tfjs` or `@tensorflow/tfjs-core`. */
export type TensorFlow = Pick<
  typeof tfc,
  | 'add'
  | 'backend'
  | 'cast'
  | 'customGrad'
  | 'engine'
  | 'fill'
  | 'keep'
  | 'logSoftmax'
  | 'losses'
  | 'mul'
  | 'reshape'
  | 'scalar'
  | 'step'
  | 'sub'
  | 'Tensor'
  | 'tensor'
  | 'tidy'
>;

/** What an argument may be: what the loss itself takes, a tensor, or (nested) arrays of numbers. */
export type OrTensor<T> = T | tfc.Tensor | tfc.TensorLike;

/** Arguments that may be tensors. */
export type OrTensors<R extends readonly unknown[]> = { [I in keyof R]: OrTensor<R[I]> };

/** Options that have no place where results are tensors. */
export type ArrayOption = 'grad' | 'out' | 'gradOutput' | 'accumulate';

/** The options of a loss, its arrays as tensors, too. */
export type TensorOptions<O> = {
  [K in keyof O as K extends ArrayOption ? never : K]: K extends 'shape'
    ? O[K]
    : [Extract<O[K], object>] extends [never]
      ? O[K]
      : O[K] | tfc.Tensor;
};

/** A loss of losskit for tensors: its arguments in its order. A scalar, or under 'none' one loss an element, row or sample. */
export type TensorLoss<F> =
  F extends DifferentiableLoss<infer R, infer O, infer _>
    ? (
        input: tfc.Tensor | tfc.TensorLike,
        ...rest: [...OrTensors<R>, options?: TensorOptions<O>]
      ) => tfc.Tensor
    : never;

/** The names of losskit's losses. */
export type LossName = {
  [K in keyof typeof losskit]: (typeof losskit)[K] extends Loss ? K : never;
}[keyof typeof losskit];

/** All of losskit's losses, for tensors. */
export type LosskitLosses = { readonly [K in LossName]: TensorLoss<(typeof losskit)[K]> };

/** What createTfLosses gives. */
export type TfLosses = Omit<LosskitLosses, keyof TensorFlow['losses']> &
  Readonly<TensorFlow['losses']> & {
    /** losskit's losses by their names, those among them that tf.losses has, too. */
    readonly losskit: LosskitLosses;
  };
