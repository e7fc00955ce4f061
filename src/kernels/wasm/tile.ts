/** A tile of an array of [outer, classes, inner] and its way into and out of scratch. */
import type { Real } from '../jobs.js';
import { readSource, type Source } from '../source.js';
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
    let at = to / call.size;
    for (let c = 0; c < classes; c++, at += tile.inners) {
      // Decoding writes a little behind its end, where the next class comes.
      if (source.format.endsWith('float16'))
        bring(engine, job.dtype, source, start + c * inner, tile.inners, at * call.size, D);
      else readSource(source, start + c * inner, tile.inners, call.heap, at);
    }
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
  const scratch: Source = { data: heap, format: 'same' };
  let at = from / size;
  for (let c = 0; c < classes; c++, at += inners) {
    readSource(scratch, at, inners, into, start + c * inner);
  }
}
