/** The public types of a loss: Float32Array in, Float32Array out; `reduction: 'none'` makes the value an array, also through `with`. */
import type { Parameter } from './parameters.js';
import type { IntegerArray, Tensor } from './tensor.js';

/**
 * A tensor whose kind of data is known only when it is there, as ONNX Runtime and Transformers.js declare theirs: what it may hold is checked by
 * the call.
 */
export interface AnyTensor {
  /** Its elements, row-major. */
  readonly data: object;
  /** Its shape. */
  readonly dims: readonly number[];
  /** Its kind of element. */
  readonly type?: string;
}

/** What a Float16Array is, for engines and versions of TypeScript that have none. */
export interface Float16ArrayLike {
  /** How it is recognised. */
  readonly [Symbol.toStringTag]: 'Float16Array';
  /** Where its elements are. */
  readonly buffer: ArrayBufferLike;
  /** Where in the buffer they begin. */
  readonly byteOffset: number;
  /** How many there are. */
  readonly length: number;
  readonly [index: number]: number;
}

/** float32, float64, numbers (read as float64), 16-bit floats (computed in float32). Float16Array where the engine has it. */
export type RealArray =
  | Float32Array
  | Float64Array
  | Float16ArrayLike
  | readonly number[]
  | Tensor<Float32Array | Float64Array | Uint16Array | readonly number[]>
  | AnyTensor;

/** Any numbers, converted: weights, 0/1 and ±1 targets, masks, upstream gradients. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Float16ArrayLike
  | IntegerArray
  | readonly number[]
  | readonly bigint[]
  | readonly boolean[]
  | Tensor<Float32Array | Float64Array | IntegerArray | readonly number[] | readonly boolean[]>
  | AnyTensor;

/** Class indices of any integer kind. */
export type IndexArray =
  | IntegerArray
  | readonly number[]
  | readonly bigint[]
  | Tensor<IntegerArray | readonly number[] | readonly bigint[]>
  | AnyTensor;

/** 'batchmean' is klDiv's alone. */
export type Reduction = 'mean' | 'sum' | 'none' | 'batchmean';

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

/** The options every loss takes. `G`: what `grad` is; `R`: the reductions. */
export interface CommonOptions<G = Float32Array | Float64Array, R = 'mean' | 'sum' | 'none'> {
  /** Default 'mean'. */
  reduction?: R;
  /** What 'mean' divides by instead of its own count; > 0. With nothing counted the mean is then 0. */
  divisor?: number;
  /** Upstream gradient: a number, or under 'none' an array like the value. Default 1. */
  gradOutput?: number | NumberArray;
  /** Where valueAndGrad writes the gradient: exact length and dtype; may be the input array itself. */
  grad?: G;
  /** Where 'none' writes the losses. */
  out?: Float32Array | Float64Array;
  /** The shape of flat arrays, row-major. */
  shape?: readonly number[];
  /** The class axis. Default -1. */
  axis?: number;
  /** Classes a row of flat arrays. */
  classes?: number;
}

/** `grad` of a loss with several gradients: keys left out are allocated, null is not computed. */
export type GradientArrays<K extends string> = { readonly [key in K]?: Float32Array | Float64Array | null };

/** What `valueAndGrad` gives. */
export interface ValueAndGrad<V = number | Float32Array | Float64Array, G = Float32Array | Float64Array> {
  /** What the loss itself gives. */
  value: V;
  /** The gradient by the differentiable input, or one an input, by its name. */
  grad: G;
  /** What 'mean' divides by. */
  divisor: number;
}

/** @inline */
type None = { reduction: 'none' };
/** @inline */
type Reduced = { reduction?: 'mean' | 'sum' | 'batchmean' };

/** What any loss has, whatever its inputs. */
export interface Loss {
  /** The export name. */
  readonly lossName: string;
  /** Its own options; the common ones are `commonParameters`. */
  readonly parameters: readonly Parameter[];
}

/** One gradient, or with keys K an object of one an input named there (null where null was given). */
export type GradientOf<A, K extends string> = [K] extends [never]
  ? ArrayLikeOf<A>
  : { readonly [key in K]: ArrayLikeOf<A> };

/**
 * A loss of a differentiable first input and further inputs R, with options O, giving a number unless `reduction: 'none'` is asked for.
 * K: the keys of its gradients, where there are several.
 */
export interface DifferentiableLoss<R extends readonly unknown[], O, K extends string = never> extends Loss {
  <A extends RealArray>(input: A, ...rest: [...R, options: O & None]): ArrayLikeOf<A>;
  (input: RealArray, ...rest: [...R, options?: O & Reduced]): number;
  <A extends RealArray>(input: A, ...rest: [...R, options: O]): number | ArrayLikeOf<A>;
  /** The value and the gradient, in one pass. */
  valueAndGrad: {
    <A extends RealArray>(
      input: A,
      ...rest: [...R, options: O & None]
    ): ValueAndGrad<ArrayLikeOf<A>, GradientOf<A, K>>;
    <A extends RealArray>(
      input: A,
      ...rest: [...R, options?: O & Reduced]
    ): ValueAndGrad<number, GradientOf<A, K>>;
    <A extends RealArray>(
      input: A,
      ...rest: [...R, options: O]
    ): ValueAndGrad<number | ArrayLikeOf<A>, GradientOf<A, K>>;
  };
  /** The same loss with these options bound and checked once; a call's own options win. Arrays are held by reference. */
  with: {
    (options: O & None): ElementwiseLoss<R, O, K>;
    (options: O & Reduced): DifferentiableLoss<R, O, K>;
    (options: O): DifferentiableLoss<R, O, K> | ElementwiseLoss<R, O, K>;
  };
}

/** A loss with `reduction: 'none'` bound: it gives an array unless another reduction is asked for. */
export interface ElementwiseLoss<R extends readonly unknown[], O, K extends string = never> extends Loss {
  (input: RealArray, ...rest: [...R, options: O & { reduction: 'mean' | 'sum' | 'batchmean' }]): number;
  <A extends RealArray>(input: A, ...rest: [...R, options?: O & { reduction?: 'none' }]): ArrayLikeOf<A>;
  <A extends RealArray>(input: A, ...rest: [...R, options: O]): number | ArrayLikeOf<A>;
  /** The value and the gradient, in one pass. */
  valueAndGrad: {
    <A extends RealArray>(
      input: A,
      ...rest: [...R, options: O & { reduction: 'mean' | 'sum' | 'batchmean' }]
    ): ValueAndGrad<number, GradientOf<A, K>>;
    <A extends RealArray>(
      input: A,
      ...rest: [...R, options?: O & { reduction?: 'none' }]
    ): ValueAndGrad<ArrayLikeOf<A>, GradientOf<A, K>>;
    <A extends RealArray>(
      input: A,
      ...rest: [...R, options: O]
    ): ValueAndGrad<number | ArrayLikeOf<A>, GradientOf<A, K>>;
  };
  /** The same loss with these options bound and checked once; a call's own options win. Arrays are held by reference. */
  with: {
    (options: O & { reduction: 'mean' | 'sum' | 'batchmean' }): DifferentiableLoss<R, O, K>;
    (options: O & { reduction?: 'none' }): ElementwiseLoss<R, O, K>;
    (options: O): DifferentiableLoss<R, O, K> | ElementwiseLoss<R, O, K>;
  };
}

/** A loss of one differentiable input against a target T. */
export type BinaryLoss<T, O> = DifferentiableLoss<[target: T], O>;
