/** A tile of an array of [outer, classes, inner] and its way into and out of scratch. */
import type { Real } from '../jobs.js';
import { decodeBfloat16, decodeFloat16, type Source } from '../source.js';
import { D } from './layout.js';
import { addressOf, bring, giveBack, resident } from './operand.js';
import type { RowCall } from './rowCall.js';

/** Either whole outers (inner 0, inners the array's), or a stretch of one outer's inner positions (outers 1). */
export interface Tile {
  outer: number;
  outers: number;
  inner: number;
  inners: number;
}

/** Copies shorter than this go element by element: `subarray` and `set` cost as much as 30 elements. */
const SHORT = 24;

export function residentTile(call: RowCall, source: Source): boolean {
  return source.format === 'same' && resident(call.engine, source.data);
}

/** Where the tile stands in kernel memory, [outers, classes, inners]: in its array if that is there (unless `copy`), else at `to`. */
export function bringTile(call: RowCall, tile: Tile, source: Source, to: number, copy: boolean): number {
  const { engine, job } = call;
  const { classes, inner } = job;
  const start = tile.outer * classes * inner + tile.inner;
  if (tile.inners === inner) {
    if (!copy && residentTile(call, source)) return addressOf(source.data as Real, start);
    bring(engine, job.dtype, source, start, tile.outers * classes * inner, to, D);
  } else {
    gather(source, start, inner, classes, tile.inners, call.heap, to / call.size);
  }
  return to;
}

/** Copies the tile at `from` to its place in `into`. */
export function giveTile(call: RowCall, tile: Tile, from: number, into: Real): void {
  const { engine, job, heap, size } = call;
  const { classes, inner } = job;
  const { inners } = tile;
  const start = tile.outer * classes * inner + tile.inner;
  if (inners === inner) {
    giveBack(engine, job.dtype, from, into, start, tile.outers * classes * inner);
    return;
  }
  let at = from / size;
  for (let c = 0; c < classes; c++, at += inners) {
    if (inners >= SHORT) into.set(heap.subarray(at, at + inners), start + c * inner);
    else for (let j = 0; j < inners; j++) into[start + c * inner + j] = heap[at + j];
  }
}

/** `rows` stretches of `count` elements, `step` apart from `start`, one after the other to `into` from `at`. */
export function gather(
  source: Source,
  start: number,
  step: number,
  rows: number,
  count: number,
  into: Real,
  at: number,
): void {
  const { format } = source;
  const data = source.data as ArrayLike<number>;
  if (format === 'same' && count >= SHORT) {
    const real = data as Real;
    for (let r = 0; r < rows; r++, start += step, at += count)
      into.set(real.subarray(start, start + count), at);
    return;
  }
  for (let r = 0; r < rows; r++, start += step, at += count) {
    for (let j = 0; j < count; j++) {
      const value = data[start + j];
      into[at + j] =
        format === 'float16'
          ? decodeFloat16(value)
          : format === 'bfloat16'
            ? decodeBfloat16(value)
            : Number(value);
    }
  }
}
