/** Brings stretches of arrays into kernel memory and back. An array that lives there already is used where it stands. */
import type { Dtype, Real } from '../jobs.js';
import { readSource, type Source } from '../source.js';
import type { Engine } from './engine.js';
import { G, TERMS } from './layout.js';

/** Bytes of an element. */
export const sizeOf = (dtype: Dtype): number => (dtype === 'float32' ? 4 : 8);

/** Whether the kernels can read (or write) the array in place: it has their dtype and is in their memory. */
export function resident(engine: Engine, data: unknown): data is Real {
  return engine.isArena && ArrayBuffer.isView(data) && data.buffer === engine.buffer;
}

/** Address of element `start` of a resident array. */
export function addressOf(data: Real, start: number): number {
  return data.byteOffset + start * data.BYTES_PER_ELEMENT;
}

/** Copies elements [start, start + count) to `address`, decoding 16-bit floats by way of `via`. */
export function bring(
  engine: Engine,
  dtype: Dtype,
  source: Source,
  start: number,
  count: number,
  address: number,
  via: number = G,
): void {
  const { format, data } = source;
  if (format === 'float16' || format === 'bfloat16') {
    const tools = engine.tools(dtype);
    engine.uint16.set((data as Uint16Array).subarray(start, start + count), via >> 1);
    if (format === 'float16') tools.decodeFloat16(via, address, count);
    else tools.decodeBfloat16(via, address, count);
  } else if (start === 0 && format === 'same' && (data as Real).length === count) {
    engine.heap(dtype).set(data as Real, address / sizeOf(dtype));
  } else {
    readSource(source, start, count, engine.heap(dtype), address / sizeOf(dtype));
  }
}

/** Copies `count` elements at `address` to `into` from `start`. */
export function giveBack(
  engine: Engine,
  dtype: Dtype,
  address: number,
  into: Real,
  start: number,
  count: number,
): void {
  into.set(tileView(engine, dtype, address, count), start);
}

/** Copies what the kernels have added to their sums last, `count` numbers, to `into` from `at`. */
export function giveTerms(engine: Engine, into: Float64Array, at: number, count: number): void {
  const first = TERMS / 8;
  into.set(engine.float64.subarray(first, first + count), at);
}

/** The last view made: a small call repeats with the same one, and making it (60 ns) would cost more than the copy. */
const last: { heap: Real; address: number; count: number; view: Real } = {
  heap: new Float32Array(0),
  address: 0,
  count: 0,
  view: new Float32Array(0),
};

function tileView(engine: Engine, dtype: Dtype, address: number, count: number): Real {
  const heap = engine.heap(dtype);
  if (last.heap !== heap || last.address !== address || last.count !== count) {
    const at = address / heap.BYTES_PER_ELEMENT;
    last.heap = heap;
    last.address = address;
    last.count = count;
    last.view = heap.subarray(at, at + count);
  }
  return last.view;
}
