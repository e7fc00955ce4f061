/** Inputs of every accepted kind -> a source of numbers and, where the input brings one, a shape. Duck-typed: tensors are never recognised by class. */
import type { Dtype } from './kernels/jobs.js';
import type { Format, Source } from './kernels/source.js';
import { kindOf } from './options.js';

/** A contiguous tensor of ONNX Runtime, Transformers.js or anything alike. 16-bit floats name their `type`. */
export interface Tensor<A> {
  /** Its elements, row-major. */
  readonly data: A;
  /** Its shape, as ONNX Runtime calls it. */
  readonly dims?: readonly number[];
  /** Its shape, as others call it. */
  readonly shape?: readonly number[];
  /** Its kind of element; needed only for 16-bit floats: 'float16' or 'bfloat16'. */
  readonly type?: string;
}

/** Integers of any kind. */
export type IntegerArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Numbers of a kind a call reads: what came (`name` in messages), how to read it, its shape if it has one. */
export interface Input extends Source {
  readonly format: Format;
  readonly length: number;
  readonly shape: readonly number[] | null;
}

/** A differentiable input or a real target, with the dtype it is computed in. */
export interface RealInput extends Input {
  readonly dtype: Dtype;
}

interface Opened {
  readonly data: unknown;
  readonly shape: readonly number[] | null;
  readonly type: string | undefined;
}

/** Floats, 16-bit floats or numbers. */
export function parseReal(fn: string, name: string, value: unknown): RealInput {
  if (value instanceof Float32Array)
    return {
      data: value,
      format: 'same',
      length: value.length || attached(fn, name, value),
      shape: null,
      dtype: 'float32',
    };
  if (value instanceof Float64Array)
    return {
      data: value,
      format: 'same',
      length: value.length || attached(fn, name, value),
      shape: null,
      dtype: 'float64',
    };
  const { data, shape, type } = open(fn, name, value);
  if (Array.isArray(data)) {
    const numbers = new Float64Array(checkNumbers(fn, name, data));
    return { data: numbers, format: 'same', length: numbers.length, shape, dtype: 'float64' };
  }
  const tag = tagOf(data);
  if (tag === 'Float32Array' || tag === 'Float64Array') {
    const real = data as Float32Array;
    return {
      data: real,
      format: 'same',
      length: real.length || attached(fn, name, real),
      shape,
      dtype: tag === 'Float32Array' ? 'float32' : 'float64',
    };
  }
  const half = halfOf(data, tag, type);
  if (half) return { ...half, length: half.data.length, shape, dtype: 'float32' };
  const way =
    tag === 'Uint16Array' ? "; 16-bit floats are a tensor { data, type: 'float16' or 'bfloat16', dims }" : '';
  throw new TypeError(
    `${fn}: ${name} is ${kindOf(data)}, expected a Float32Array, Float64Array, number[] or a tensor of them${way}`,
  );
}

/** Any numbers at all, for what is converted to the dtype of the call: weights, 0/1 and ±1 targets, upstream gradients. */
export function parseNumbers(fn: string, name: string, value: unknown, dtype: Dtype): Input {
  const { data, shape, type } = open(fn, name, value);
  if (Array.isArray(data)) {
    const format: Format = data.some((element) => typeof element === 'bigint') ? 'values' : 'numbers';
    const numbers = checkNumbers(fn, name, data, 'bigint');
    return { data: numbers, format, length: numbers.length, shape };
  }
  const tag = tagOf(data);
  const half = halfOf(data, tag, type);
  if (half) return { ...half, length: half.data.length, shape };
  if (tag === undefined || tag === 'DataView') {
    throw new TypeError(`${fn}: ${name} is ${kindOf(data)}, expected an array of numbers or a tensor`);
  }
  const array = data as Float32Array;
  const same = tag === (dtype === 'float32' ? 'Float32Array' : 'Float64Array');
  const format: Format = same ? 'same' : tag.startsWith('Big') ? 'values' : 'numbers';
  return { data: array, format, length: array.length || attached(fn, name, array), shape };
}

/** Whole numbers: integer arrays of every kind, or number[]. The numbers themselves are checked where their range is known. */
export function parseIntegers(fn: string, name: string, value: unknown): Input {
  if (value instanceof Int32Array)
    return { data: value, format: 'numbers', length: value.length || attached(fn, name, value), shape: null };
  const { data, shape, type } = open(fn, name, value);
  if (Array.isArray(data)) {
    for (let i = 0; i < data.length; i++) {
      if (typeof data[i] !== 'number' && typeof data[i] !== 'bigint')
        throw wrongElement(fn, name, i, data[i], 'an integer');
    }
    return { data, format: 'values', length: data.length, shape };
  }
  const tag = tagOf(data);
  if (tag === undefined || tag.startsWith('Float') || tag === 'DataView') {
    const way =
      tag?.startsWith('Float') && fn === 'crossEntropy'
        ? ' (class probabilities go to softTargetCrossEntropy)'
        : '';
    throw new TypeError(
      `${fn}: ${name} is ${kindOf(data)}, expected whole numbers: an integer array, number[] or a tensor of them${way}`,
    );
  }
  if (halfOf(data, tag, type))
    throw new TypeError(`${fn}: ${name} is a ${type} tensor, expected whole numbers`);
  const array = data as Int32Array;
  return {
    data: array,
    format: tag.startsWith('Big') ? 'values' : 'numbers',
    length: array.length || attached(fn, name, array),
    shape,
  };
}

/** The data and shape of an array or tensor. */
function open(fn: string, name: string, value: unknown): Opened {
  if (value === null || typeof value !== 'object') {
    throw new TypeError(`${fn}: ${name} is ${kindOf(value)}, expected an array or a tensor { data, dims }`);
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return { data: value, shape: null, type: undefined };
  const tensor = value as Record<string, unknown>;
  const { location } = tensor;
  if (typeof location === 'string' && location !== 'cpu' && location !== 'cpu-pinned') {
    throw new TypeError(
      location === 'none'
        ? `${fn}: ${name} is a tensor that was disposed, expected one that is still here`
        : `${fn}: ${name} is a tensor at '${location}', expected one on the CPU: pass await ${name}.getData() with its dims`,
    );
  }
  const { data } = tensor;
  if (typeof data === 'function') {
    throw new TypeError(
      `${fn}: ${name} is a TensorFlow.js tensor, expected an array: pass ${name}.dataSync(), or use losskit/tfjs`,
    );
  }
  if (data === null || typeof data !== 'object' || !(Array.isArray(data) || ArrayBuffer.isView(data))) {
    throw new TypeError(`${fn}: ${name} is ${kindOf(value)}, expected an array or a tensor { data, dims }`);
  }
  const shape = (tensor.dims ?? tensor.shape) as unknown;
  const length = (data as ArrayLike<unknown>).length;
  if (shape === undefined || shape === null)
    throw new TypeError(
      `${fn}: ${name} is an object without dims or shape, expected a tensor { data, dims }`,
    );
  const dims = checkShape(fn, `${name}.${tensor.dims ? 'dims' : 'shape'}`, shape);
  checkContiguous(fn, name, tensor, dims);
  if (product(dims) !== length) {
    throw new RangeError(
      `${fn}: ${name} has shape [${dims.join(', ')}], which is ${product(dims)} elements, but its data has ${length}`,
    );
  }
  return {
    data,
    shape: dims,
    type:
      typeof tensor.type === 'string'
        ? tensor.type
        : typeof tensor.dtype === 'string'
          ? tensor.dtype
          : undefined,
  };
}

/** A shape as plain numbers: whole, not negative, their product a safe integer. */
export function checkShape(fn: string, name: string, shape: unknown): readonly number[] {
  if (!Array.isArray(shape) && !ArrayBuffer.isView(shape)) {
    throw new TypeError(`${fn}: ${name} is ${kindOf(shape)}, expected an array of whole numbers`);
  }
  const dims = Array.from(shape as unknown as ArrayLike<unknown>, Number);
  let elements = 1;
  let empty = false;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new RangeError(`${fn}: ${name} is [${dims.join(', ')}], expected whole numbers >= 0`);
    if (dim === 0) empty = true;
    else elements *= dim;
  }
  if (!Number.isSafeInteger(elements) && !empty)
    throw new RangeError(`${fn}: ${name} is [${dims.join(', ')}], whose product is beyond 2^53`);
  return dims;
}

/** Refuses two inputs that are to be read element by element and differ in length or, where both have one, in shape. */
export function checkMatching(fn: string, nameA: string, a: Input, nameB: string, b: Input): void {
  if (a.length !== b.length) {
    throw new RangeError(
      `${fn}: ${nameA} has ${a.length} elements and ${nameB} ${b.length}, expected as many`,
    );
  }
  if (a.shape && b.shape && !sameShape(a.shape, b.shape)) {
    const shapes = `${nameA} has shape [${a.shape.join(', ')}] and ${nameB} [${b.shape.join(', ')}]`;
    throw new RangeError(`${fn}: ${shapes}, expected one shape`);
  }
}

/** Refuses two real inputs of different dtypes. */
export function checkDtypes(fn: string, nameA: string, a: RealInput, nameB: string, b: RealInput): void {
  if (a.dtype !== b.dtype) {
    throw new TypeError(`${fn}: ${nameB} is ${b.dtype} and ${nameA} ${a.dtype}, expected one dtype`);
  }
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, d) => dim === b[d]);
}

export function product(dims: readonly number[]): number {
  let n = 1;
  for (const dim of dims) n *= dim;
  return n;
}

function checkContiguous(
  fn: string,
  name: string,
  tensor: Record<string, unknown>,
  dims: readonly number[],
): void {
  const offset = tensor.offset ?? 0;
  const strides = tensor.strides ?? tensor.stride;
  let contiguous = typeof offset !== 'number' || offset === 0;
  if (contiguous && (Array.isArray(strides) || ArrayBuffer.isView(strides))) {
    const given = Array.from(strides as unknown as ArrayLike<number>, Number);
    let step = 1;
    for (let d = dims.length - 1; d >= 0; step *= dims[d--])
      if (dims[d] > 1 && given[d] !== step) contiguous = false;
  }
  if (!contiguous) {
    throw new TypeError(
      `${fn}: ${name} is a strided view (offset ${String(offset)}, strides [${String(strides)}]), expected contiguous data: copy it first`,
    );
  }
}

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;

/** 'Float32Array' and so on, whichever realm the array is from; undefined for what is no typed array. */
export function tagOf(data: unknown): string | undefined {
  return typedArrayTag.call(data) as string | undefined;
}

/** 16-bit floats as bits, where that is what the data are. */
function halfOf(
  data: unknown,
  tag: string | undefined,
  type: string | undefined,
): { data: Uint16Array; format: 'float16' | 'bfloat16' } | null {
  if (tag === 'Float16Array') {
    const { buffer, byteOffset, length } = data as Uint16Array;
    return { data: new Uint16Array(buffer, byteOffset, length), format: 'float16' };
  }
  if (tag === 'Uint16Array' && (type === 'float16' || type === 'bfloat16'))
    return { data: data as Uint16Array, format: type };
  return null;
}

function checkNumbers(fn: string, name: string, data: readonly unknown[], other = 'number'): number[] {
  for (let i = 0; i < data.length; i++) {
    const kind = typeof data[i];
    if (kind !== 'number' && kind !== 'boolean' && kind !== other)
      throw wrongElement(fn, name, i, data[i], 'a number');
  }
  return data as number[];
}

function wrongElement(fn: string, name: string, i: number, element: unknown, wanted: string): TypeError {
  if (Array.isArray(element) || ArrayBuffer.isView(element)) {
    return new TypeError(
      `${fn}: ${name} is a nested array, expected a flat one: use ${name}.flat() and give classes (or shape)`,
    );
  }
  return new TypeError(`${fn}: ${name}[${i}] is ${kindOf(element)}, expected ${wanted}`);
}

/** 0, the length of an empty array; a detached one (transferred away) looks the same and is refused. */
function attached(fn: string, name: string, array: ArrayBufferView): 0 {
  try {
    new Uint8Array(array.buffer);
  } catch {
    throw new TypeError(
      `${fn}: ${name} has a detached buffer (it was transferred), expected an array that is still here`,
    );
  }
  return 0;
}
