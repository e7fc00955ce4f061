/** The public types of a loss: Float32Array in, Float32Array out; `reduction: 'none'` makes the value an array, also through `with`. */
import type { Parameter } from './parameters.js';
import type { IntegerArray, Tensor } from './tensor.js';

/** float32, float64, numbers (read as float64), 16-bit floats (computed in float32). Float16Array where the engine has it. */
export type RealArray =
  | Float32Array
  | Float64Array
  | readonly number[]
  | Tensor<Float32Array | Float64Array | Uint16Array | readonly number[]>;

/** Any numbers, converted: weights, 0/1 and ±1 targets, masks, upstream gradients. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | IntegerArray
  | readonly number[]
  | readonly boolean[]
  | Tensor<Float32Array | Float64Array | IntegerArray | readonly number[] | readonly boolean[]>;

/** Class indices of any integer kind. */
export type IndexArray =
  | IntegerArray
  | readonly number[]
  | readonly bigint[]
  | Tensor<IntegerArray | readonly number[] | readonly bigint[]>;

export type Reduction = 'mean' | 'sum' | 'none';

/** What a gradient (or an array of losses) is for an input. */
export type ArrayLikeOf<T> = 0 extends 1 & T
  ? // T is any, as where a loss is assigned to a plain function type.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    any
  : T extends Float64Array | readonly number[]
    ? Float64Array
    : T extends { readonly data: infer A }
      ? A extends Float64Array | readonly number[]
        ? Float64Array
        : Float32Array
      : Float32Array;

/** The options every loss takes. */
export interface CommonOptions {
  /** Default 'mean'. */
  reduction?: Reduction;
  /** What 'mean' divides by instead of its own count; > 0. With nothing counted the mean is then 0. */
  divisor?: number;
  /** Upstream gradient: a number, or under 'none' an array like the value. Default 1. */
  gradOutput?: number | NumberArray;
  /** Where valueAndGrad writes the gradient: exact length and dtype; may be the input array itself. */
  grad?: Float32Array | Float64Array;
  /** Where 'none' writes the losses. */
  out?: Float32Array | Float64Array;
  /** The shape of flat arrays, row-major. */
  shape?: readonly number[];
  /** The class axis. Default -1. */
  axis?: number;
  /** Classes a row of flat arrays. */
  classes?: number;
}

export interface ValueAndGrad<V = number | Float32Array | Float64Array, G = Float32Array | Float64Array> {
  value: V;
  grad: G;
  /** What 'mean' divides by. */
  divisor: number;
}

type None = { reduction: 'none' };
type Reduced = { reduction?: 'mean' | 'sum' };

/** What any loss has, whatever its inputs. */
export interface Loss {
  /** The export name. */
  readonly lossName: string;
  /** Its own options; the common ones are `commonParameters`. */
  readonly parameters: readonly Parameter[];
}

/** A loss of one differentiable input and a target T, with options O, giving a number unless `reduction: 'none'` is asked for. */
export interface BinaryLoss<T, O extends CommonOptions> extends Loss {
  <A extends RealArray>(input: A, target: T, options: O & None): ArrayLikeOf<A>;
  (input: RealArray, target: T, options?: O & Reduced): number;
  <A extends RealArray>(input: A, target: T, options: O): number | ArrayLikeOf<A>;
  /** The value and the gradient by the first input, in one pass. */
  valueAndGrad: {
    <A extends RealArray>(
      input: A,
      target: T,
      options: O & None,
    ): ValueAndGrad<ArrayLikeOf<A>, ArrayLikeOf<A>>;
    <A extends RealArray>(input: A, target: T, options?: O & Reduced): ValueAndGrad<number, ArrayLikeOf<A>>;
    <A extends RealArray>(
      input: A,
      target: T,
      options: O,
    ): ValueAndGrad<number | ArrayLikeOf<A>, ArrayLikeOf<A>>;
  };
  /** The same loss with these options bound and checked once; a call's own options win. Arrays are held by reference. */
  with: {
    (options: O & None): ElementwiseLoss<T, O>;
    (options: O & Reduced): BinaryLoss<T, O>;
    (options: O): BinaryLoss<T, O> | ElementwiseLoss<T, O>;
  };
}

/** A loss with `reduction: 'none'` bound: it gives an array unless another reduction is asked for. */
export interface ElementwiseLoss<T, O extends CommonOptions> extends Loss {
  (input: RealArray, target: T, options: O & { reduction: 'mean' | 'sum' }): number;
  <A extends RealArray>(input: A, target: T, options?: O & { reduction?: 'none' }): ArrayLikeOf<A>;
  <A extends RealArray>(input: A, target: T, options: O): number | ArrayLikeOf<A>;
  valueAndGrad: {
    <A extends RealArray>(
      input: A,
      target: T,
      options: O & { reduction: 'mean' | 'sum' },
    ): ValueAndGrad<number, ArrayLikeOf<A>>;
    <A extends RealArray>(
      input: A,
      target: T,
      options?: O & { reduction?: 'none' },
    ): ValueAndGrad<ArrayLikeOf<A>, ArrayLikeOf<A>>;
    <A extends RealArray>(
      input: A,
      target: T,
      options: O,
    ): ValueAndGrad<number | ArrayLikeOf<A>, ArrayLikeOf<A>>;
  };
  with: {
    (options: O & { reduction: 'mean' | 'sum' }): BinaryLoss<T, O>;
    (options: O & { reduction?: 'none' }): ElementwiseLoss<T, O>;
    (options: O): BinaryLoss<T, O> | ElementwiseLoss<T, O>;
  };
}
