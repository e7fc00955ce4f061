/** Walks the chunks of scores that a loss makes itself: their targets, and the parts of arrays of one entry a row. */
import type { LinearScores, Real, Targets } from './kernels/jobs.js';
import type { Source } from './kernels/source.js';

export interface Chunk {
  readonly from: number;
  readonly count: number;
  /** The class of each row, negative where it does not count. */
  readonly counted: Int32Array;
  /** count x classes. */
  readonly data: Real;
}

/** The chunks in order. The arrays of one are gone with the next. */
export function* chunksOf(
  { chunk, scores }: LinearScores,
  rows: number,
  classes: number,
  targets: Targets | null,
): Generator<Chunk> {
  const counted = new Int32Array(chunk);
  for (let from = 0; from < rows; from += chunk) {
    const count = Math.min(chunk, rows - from);
    targets?.read(from, count, counted, 0);
    yield { from, count, counted, data: scores.subarray(0, count * classes) };
  }
}

/** Elements [from, from + count) of a source. */
export function partOf({ data, format }: Source, from: number, count: number): Source {
  const part = ArrayBuffer.isView(data)
    ? (data as Float32Array).subarray(from, from + count)
    : (data as readonly number[]).slice(from, from + count);
  return { data: part, format };
}

/** The targets of the rows from `from` on. */
export function partOfTargets(targets: Targets, from: number): Targets {
  return {
    direct: null,
    ignoreIndex: -1,
    read: (start, count, into, at) => targets.read(from + start, count, into, at),
  };
}
