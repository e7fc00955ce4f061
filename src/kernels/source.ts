/**
 * A checked array of numbers, whatever it is stored as, and how to read a stretch of it as reals.
 * Knows formats, not losses. Half precision is decoded here for the TypeScript loops; the WebAssembly kernels have their own.
 */
import type { Dtype } from './jobs.js';

export type Real = Float32Array | Float64Array;

/** Zeros of the dtype. */
export function newReal(dtype: Dtype, length: number): Real {
  return dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

/**
 * `same`: a typed array of the dtype the call computes in. `float16`, `bfloat16`: bits in a Uint16Array.
 * `numbers`: another typed array or number[], converted by `set`. `values`: BigInts or booleans, converted one by one.
 */
export type Format = 'same' | 'float16' | 'bfloat16' | 'numbers' | 'values';

export interface Source {
  readonly data: ArrayLike<number> | ArrayLike<bigint> | ArrayLike<boolean>;
  readonly format: Format;
}

const floatBits = new Uint32Array(1);
const floatValue = new Float32Array(floatBits.buffer);

/** The float32 value of bfloat16 bits: the upper half of it. */
export function decodeBfloat16(bits: number): number {
  floatBits[0] = bits << 16;
  return floatValue[0];
}

/** The float32 value of IEEE float16 bits, subnormals, infinities and NaN included. */
export function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * Numbers that repeat over the elements: element i takes `source[floor(i / inner) % length]`. One an element: inner 1, length n.
 * With `classes` there is one number a row instead of one a class: element i takes that of row floor(i / (classes * inner)) * inner + i % inner.
 */
export interface Pattern {
  readonly source: Source;
  readonly inner: number;
  readonly classes?: number;
  /** Where element 0 stands in a larger array that the numbers repeat over. Not with `classes`. */
  readonly first?: number;
}

/** Copies shorter than this go element by element: `subarray` and `set` cost as much as 30 elements. */
const SHORT = 24;

/** Writes elements [start, start + count) of `source` to `into` from `at`, converted to its type. */
export function readSource(source: Source, start: number, count: number, into: Real, at: number): void {
  const { data, format } = source;
  if (count >= SHORT && (format === 'same' || format === 'numbers') && ArrayBuffer.isView(data)) {
    into.set((data as Real).subarray(start, start + count), at);
  } else readStrided(source, start, 1, count, into, at);
}

/** Writes elements start, start + step, … (`count` of them) of `source` to `into` from `at`. */
export function readStrided(
  source: Source,
  start: number,
  step: number,
  count: number,
  into: Real,
  at: number,
): void {
  const data = source.data as ArrayLike<number>;
  const end = at + count;
  switch (source.format) {
    case 'same':
    case 'numbers':
      for (; at < end; at++, start += step) into[at] = data[start];
      return;
    case 'float16':
      for (; at < end; at++, start += step) into[at] = decodeFloat16(data[start]);
      return;
    case 'bfloat16':
      for (; at < end; at++, start += step) into[at] = decodeBfloat16(data[start]);
      return;
    case 'values':
      for (; at < end; at++, start += step) into[at] = Number(data[start]);
  }
}

/** Writes what `pattern` has for elements [start, start + count) to `into` from `at`. */
export function readPattern(pattern: Pattern, start: number, count: number, into: Real, at: number): void {
  const { source, inner, classes } = pattern;
  if (classes !== undefined) {
    readOfRows(source, inner, classes, start, count, into, at);
    return;
  }
  start += pattern.first ?? 0;
  const period = source.data.length;
  if (inner === 1 && start + count <= period) {
    readSource(source, start, count, into, at);
    return;
  }
  let index = Math.floor(start / inner) % period;
  let left = inner - (start % inner);
  for (const end = at + count; at < end;) {
    const value = elementOf(source, index);
    for (const stop = Math.min(end, at + left); at < stop; at++) into[at] = value;
    left = inner;
    if (++index === period) index = 0;
  }
}

/** For elements [start, start + count) of [outer, classes, inner] the numbers of their rows, of which `inner` lie side by side. */
function readOfRows(
  source: Source,
  inner: number,
  classes: number,
  start: number,
  count: number,
  into: Real,
  at: number,
): void {
  for (const end = start + count; start < end;) {
    const position = start % inner;
    const run = Math.min(inner - position, end - start);
    readSource(source, Math.floor(start / (classes * inner)) * inner + position, run, into, at);
    start += run;
    at += run;
  }
}

/** Σ of the first `count` elements, in float64. */
export function sumSource(source: Source, count: number): number {
  const { data, format } = source;
  let sum = 0;
  if (format === 'same' || format === 'numbers')
    for (let i = 0; i < count; i++) sum += (data as ArrayLike<number>)[i];
  else for (let i = 0; i < count; i++) sum += elementOf(source, i);
  return sum;
}

/** Element i, whatever the format. */
export function elementOf({ data, format }: Source, i: number): number {
  const element = data[i];
  return format === 'float16'
    ? decodeFloat16(element as number)
    : format === 'bfloat16'
      ? decodeBfloat16(element as number)
      : Number(element);
}
