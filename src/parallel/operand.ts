/**
 * The arrays of a job, as something to be cut: what each has one of, how a stretch of it is read, and where results go. It knows neither families
 * nor threads.
 */
import type { Dtype, Real, Targets } from '../kernels/jobs.js';
import { type Format, readSource, type Source } from '../kernels/source.js';
import type { Kind, Slab } from './geometry.js';

/** The typed arrays that may hold a job's numbers, by name. */
export const types = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
};

export type TypeName = keyof typeof types;
/** Any of them whose elements are numbers; those of bigints are read only. */
export type AnyArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface Operand {
  readonly name: string;
  readonly kind: Kind;
  readonly ratio: number;
  /** Whether it is as large as the job: where it is not shared, it goes to the threads chunk by chunk. */
  readonly bulk: boolean;
  /** Whether it is written, and not read. */
  readonly result: boolean;
  readonly length: number;
  /** The elements' type and format where they have been copied. */
  readonly type: TypeName;
  readonly format: Format;
  /** The array itself, where it is a typed one, and its format. */
  readonly array: AnyArray | null;
  readonly given: Format;
  /** Copies elements [start, start + count) to into[at], as `type` and `format`; nothing, of a result that is not added to. */
  read(start: number, count: number, into: AnyArray, at: number): void;
}

/** Where an operand is: what its chunks are, and whether it is as large as the job. */
export interface Extent {
  readonly kind: Kind;
  readonly ratio?: number;
  readonly bulk?: boolean;
}

export const nameOf = (array: object): TypeName =>
  Object.prototype.toString.call(array).slice(8, -1) as TypeName;

/** Integers that the pool makes, unless `own` says otherwise. */
function operand(
  name: string,
  { kind, ratio = 1, bulk = false }: Extent,
  own: Pick<Operand, 'length' | 'read'> & Partial<Operand>,
): Operand {
  return {
    name,
    kind,
    ratio,
    bulk,
    result: false,
    type: 'Int32Array',
    format: 'same',
    array: null,
    given: 'same',
    ...own,
  };
}

/** Numbers of any kind; null where there are none. */
export function sourceOperand(
  name: string,
  source: Source | null | undefined,
  dtype: Dtype,
  extent: Extent,
): Operand[] {
  if (!source) return [];
  const { data, format } = source;
  const array = ArrayBuffer.isView(data) && nameOf(data) in types ? (data as AnyArray) : null;
  const { length } = data;
  if (array && !nameOf(array).startsWith('Big')) {
    const read = readOf(array);
    return [operand(name, extent, { length, type: nameOf(array), format, array, given: format, read })];
  }
  // What is no typed array of numbers goes as float64: the TypeScript loops read weights so, and others round it once, as they would.
  return [
    operand(name, extent, {
      length,
      type: 'Float64Array',
      format: dtype === 'float64' ? 'same' : 'numbers',
      array,
      given: format,
      read: (start, count, into, at) => readSource(source, start, count, into as Real, at),
    }),
  ];
}

/** Copies stretches of an array. */
export function readOf(array: AnyArray): Operand['read'] {
  return (start, count, into, at) => into.set(array.subarray(start, start + count), at);
}

/** Integers of the pool's own making. */
export function indexOperand(name: string, list: Int32Array, extent: Extent): Operand[] {
  return [operand(name, extent, { length: list.length, read: readOf(list) })];
}

/** The class of each row, −1 where it does not count. */
export function targetsOperand(targets: Targets | null, rows: number): Operand[] {
  if (!targets) return [];
  return [
    operand(
      'targets',
      { kind: 'rows' },
      {
        length: rows,
        read: (start, count, into, at) => targets.read(start, count, into as Int32Array, at),
      },
    ),
  ];
}

/** An array that results go to; null: none. */
export function resultOperand(
  name: string,
  array: Real | Int32Array | null | undefined,
  extent: Extent,
): Operand[] {
  if (!array) return [];
  return [
    operand(name, extent, { length: array.length, type: nameOf(array), array, result: true, read() {} }),
  ];
}

/** The elements of a slab one after the other, to into[at]. */
export function gather(operand: Pick<Operand, 'read'>, slab: Slab, into: AnyArray, at: number): void {
  const { start, runs, length, stride } = slab;
  for (let r = 0; r < runs; r++) operand.read(start + r * stride, length, into, at + r * length);
}

/** Puts them back. */
export function scatter(from: AnyArray, into: AnyArray, { start, runs, length, stride }: Slab): void {
  if (runs === 1) into.set(from, start);
  else
    for (let r = 0; r < runs; r++) into.set(from.subarray(r * length, (r + 1) * length), start + r * stride);
}

/** Whether threads can work on the array where it is. */
export function isShared(array: AnyArray | null): array is AnyArray {
  return (
    array !== null && typeof SharedArrayBuffer !== 'undefined' && array.buffer instanceof SharedArrayBuffer
  );
}
