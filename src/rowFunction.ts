/** What logSumExp, logSoftmax and softmax share: functions of a row that are no losses. Their options, layout, job and type. */
import { isFlat, type Layout, layoutOf, wholeRow } from './layout.js';
import type { Settled } from './options.js';
import type { RealInput } from './tensor.js';
import type { ArrayLikeOf, NumberArray, RealArray } from './types.js';

/** Where the class axis is, and where the result goes. */
export interface RowFunctionOptions {
  /** The shape of a flat array; without it, and without classes, the array is one row. */
  shape?: readonly number[];
  /** The class axis. Default -1. */
  axis?: number;
  /** Classes a row of a flat array. */
  classes?: number;
  /** Exact length and dtype; may be the input where it is as long. Default a new array. */
  out?: Float32Array | Float64Array;
}

export interface RowGradientOptions extends RowFunctionOptions {
  /** Upstream gradient: a number, or an array like the value. Default 1. */
  gradOutput?: number | NumberArray;
  /** Where the gradient goes: exact length and dtype; may be the input. Default a new array. */
  grad?: Float32Array | Float64Array;
}

/** A differentiable function of the rows of an array. */
export interface RowFunction {
  <A extends RealArray>(input: A, options?: RowGradientOptions): ArrayLikeOf<A>;
  /** The value, and the gradient of Σ gradOutput · value by the input. */
  valueAndGrad<A extends RealArray>(
    input: A,
    options?: RowGradientOptions,
  ): {
    /** What the function itself gives. */
    value: ArrayLikeOf<A>;
    /** The gradient by the input. */
    grad: ArrayLikeOf<A>;
  };
}

/** The layout of an input that is one row where nothing says otherwise. */
export function layoutOfRows(fn: string, source: RealInput, options: Settled): Layout {
  return isFlat(source, options) ? wholeRow(source.length) : layoutOf(fn, 'input', source, null, options);
}
