/**
 * Streams embedding jobs through scratch, a tile of whole rows at a time; arrays in kernel memory are used where they stand. Knows no loss.
 * Input k of a tile stands in a region of its own, and unless its array is in kernel memory its gradient takes that place.
 */
import { runEmbedding as runInTypeScript } from '../js/embedding.js';
import type { EmbeddingJob, Real } from '../jobs.js';
import type { EmbeddingKernel } from '../kernel.js';
import { readSource, type Source } from '../source.js';
import { type Engine, engineFor } from './engine.js';
import { CONSTANTS, D, G, Q, REGION, ROW_LOSS, ROW_SCALE, ROW_WEIGHT, ROWS_MAX, X } from './layout.js';
import { addressOf, bring, giveBack, giveTerms, resident, sizeOf } from './operand.js';

/** Bytes of a tile of one operand; more only where a row is longer. */
const TILE_BYTES = 65536;
/** The kernels keep two rows in a region of scratch. */
const ROW_BYTES_MAX = REGION / 2;
const REGIONS = [X, Q, G];
const SCALED = 2;

type Run = (
  x: number,
  y: number,
  z: number,
  gx: number,
  gy: number,
  gz: number,
  count: number,
  dim: number,
  flags: number,
  scale: number,
  total: number,
) => number;

/** An input and its gradient, as one tile after the other needs them. */
interface Place {
  readonly source: Source;
  readonly grad: Real | null;
  readonly region: number;
  /** Whether the array is in kernel memory. */
  readonly here: boolean;
  readonly gradHere: boolean;
}

export function runEmbedding(kernel: EmbeddingKernel, job: EmbeddingJob): number {
  const { dtype, rows, dim, inputs, grads, labels, gradOutput, constants, scale, out } = job;
  const size = sizeOf(dtype);
  const rowBytes = dim * size;
  if (rowBytes > ROW_BYTES_MAX) return runInTypeScript(kernel.loop, job);
  const engine = engineOf(job);
  const heap = engine.heap(dtype);
  const run = engine.exports(dtype, kernel.module)[kernel.name] as Run;
  for (let i = 0; i < constants.length; i++) engine.float64[CONSTANTS / 8 + i] = constants[i];
  const places = inputs.map((source, k) => placeOf(engine, source, grads[k], REGIONS[k]));
  const [first, second] = places;
  const third = places.length > 2 ? places[2] : null;
  const wanted = grads.some((grad) => grad !== null);
  const flags = wanted && gradOutput ? SCALED : 0;
  const untouched = places.every(({ here, grad, gradHere }) => here && (!grad || gradHere));
  const room = untouched && (!wanted || places.every(({ grad }) => grad)) ? Infinity : TILE_BYTES;
  const tile = Math.max(1, Math.min(ROWS_MAX, Math.floor(room / rowBytes)));

  let total = 0;
  for (let row = 0; row < rows; row += tile) {
    const count = Math.min(tile, rows - row);
    if (labels) readSource(labels, row, count, heap, ROW_WEIGHT / size);
    if (flags) readSource(gradOutput!, row, count, heap, ROW_SCALE / size);
    const start = row * dim;
    const x = enter(engine, job, first, start, count * dim);
    const y = enter(engine, job, second, start, count * dim);
    const z = third ? enter(engine, job, third, start, count * dim) : x;
    const gx = wanted ? gradientOf(first, start) : 0;
    const gy = wanted ? gradientOf(second, start) : 0;
    const gz = wanted && third ? gradientOf(third, start) : 0;
    total = run(x, y, z, gx, gy, gz, count, dim, flags, scale, total);
    leave(engine, job, first, start, count * dim);
    leave(engine, job, second, start, count * dim);
    if (third) leave(engine, job, third, start, count * dim);
    if (out) giveBack(engine, dtype, ROW_LOSS, out, row, count);
    if (job.terms) giveTerms(engine, job.terms, row, count);
  }
  return total;
}

/** The engine in whose memory one of the job's arrays lives. */
function engineOf({ inputs, grads }: EmbeddingJob): Engine {
  const engine = engineFor(inputs[0].data, inputs[1].data, inputs[2]?.data);
  return engine.isArena ? engine : engineFor(grads[0], grads[1], grads[2]);
}

function placeOf(engine: Engine, source: Source, grad: Real | null, region: number): Place {
  const here = source.format === 'same' && resident(engine, source.data);
  return { source, grad, region, here, gradHere: grad !== null && resident(engine, grad) };
}

/** The address of elements [start, start + count) of an input, brought if need be. */
function enter(engine: Engine, job: EmbeddingJob, place: Place, start: number, count: number): number {
  if (place.here) return addressOf(place.source.data as Real, start);
  bring(engine, job.dtype, place.source, start, count, place.region, D);
  return place.region;
}

/** Where the gradient of a tile goes; one that is not wanted goes to scratch. */
function gradientOf({ grad, gradHere, region }: Place, start: number): number {
  return gradHere ? addressOf(grad!, start) : region;
}

function leave(engine: Engine, job: EmbeddingJob, place: Place, start: number, count: number): void {
  if (place.grad && !place.gradHere) giveBack(engine, job.dtype, place.region, place.grad, start, count);
}
