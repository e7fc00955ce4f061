/**
 * How a job is cut into chunks: as [outer, middle, inner], by whole outers, or where those are too few by positions of the inner axis. It knows
 * neither losses nor threads.
 */

export interface Shape {
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/** The cuts of a job: the same for everyone who is given it. */
export interface Plan extends Shape {
  /** Outers of a chunk, or inner positions. */
  readonly per: number;
  readonly byInner: boolean;
  readonly chunks: number;
}

export interface Chunk {
  readonly outer: number;
  readonly outers: number;
  readonly inner: number;
  readonly inners: number;
}

/** Where the elements of a chunk are in an array: `runs` stretches of `length`, `stride` apart. */
export interface Slab {
  readonly start: number;
  readonly runs: number;
  readonly length: number;
  readonly stride: number;
}

/**
 * What an array has one of: `all`: an element of the job; `rows`: a position of outer and inner, or one for `ratio` of them; `whole`: it belongs to
 * all chunks.
 */
export type Kind = 'all' | 'rows' | 'whole';

/** Elements of the largest chunk: what it takes to hand it over (a few µs) is nothing beside it. */
const MOST = 131072;
/** Chunks a thread: the last one of a call leaves others waiting for at most a part of this. */
const PER_THREAD = 4;
/** Inner positions are cut in multiples of a cache line, and of the kernels' panels. */
const ALIGNED = 64;

/** Cuts at multiples of `unit` outers, or (`byInner`) inner positions, into chunks of `least` elements or more. */
export function planChunks(
  job: { readonly shape: Shape; readonly unit: number; readonly byInner: boolean },
  threads: number,
  least: number,
): Plan {
  const { shape, unit, byInner } = job;
  const { outer, middle, inner } = shape;
  const each = Math.ceil((outer * middle * inner) / (threads * PER_THREAD));
  const wanted = Math.min(MOST, Math.max(least, each));
  const few = outer * middle * inner > 0 && outer < threads * PER_THREAD && inner >= 2 * ALIGNED;
  if (byInner || few) {
    const step = byInner ? unit : ALIGNED;
    const per = Math.min(inner, Math.max(1, Math.round(wanted / (middle * step))) * step);
    return { ...shape, per, byInner: true, chunks: outer * Math.ceil(inner / Math.max(per, 1)) };
  }
  const per = Math.min(outer, Math.max(1, Math.round(wanted / (middle * inner * unit))) * unit);
  return { ...shape, per, byInner: false, chunks: Math.ceil(outer / Math.max(per, 1)) };
}

export function chunkOf({ outer, inner, per, byInner }: Plan, i: number): Chunk {
  if (!byInner) return { outer: i * per, outers: Math.min(per, outer - i * per), inner: 0, inners: inner };
  const each = Math.ceil(inner / per);
  const from = (i % each) * per;
  return { outer: Math.floor(i / each), outers: 1, inner: from, inners: Math.min(per, inner - from) };
}

/** The chunk's part of an array. */
export function slabOf(plan: Plan, chunk: Chunk, kind: Kind, ratio: number): Slab {
  const { middle, inner } = plan;
  const { outer, outers, inners } = chunk;
  if (kind === 'rows') {
    const start = (outer * inner + chunk.inner) / ratio;
    return { start, runs: 1, length: Math.ceil((outers * inners) / ratio), stride: 0 };
  }
  if (inners === inner)
    return { start: outer * middle * inner, runs: 1, length: outers * middle * inner, stride: 0 };
  return { start: outer * middle * inner + chunk.inner, runs: middle, length: inners, stride: inner };
}

/** Elements of an array in the largest chunk, which is the first. */
export function largestSlab(plan: Plan, kind: Kind, ratio: number): number {
  const { runs, length } = slabOf(plan, chunkOf(plan, 0), kind, ratio);
  return runs * length;
}
