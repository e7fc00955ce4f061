/**
 * Streams row-wise jobs through scratch, a tile of rows at a time. Knows no loss.
 * A tile stands in scratch as arrays have it, [outer, classes, inner]; kernels want rows one after the other (more than 64 classes) or a panel
 * of classes x rows, a row a lane (up to 64). Where the two differ the tile is transposed in scratch, never a whole array.
 */
import type { Real, RowJob } from '../jobs.js';
import type { RowKernel } from '../kernel.js';
import { engineFor } from './engine.js';
import { D, G, Q, REGION, ROWS_MAX, W, X } from './layout.js';
import { runLongRows } from './longRows.js';
import { resident, sizeOf } from './operand.js';
import { RowCall } from './rowCall.js';
import { bringTile, giveTile, residentTile, type Tile } from './tile.js';

/** Up to this many classes a row takes a lane. */
export const COLUMN_CLASSES = 64;
/** Bytes of a tile of one operand; more only where a row is longer. */
const TILE_BYTES = 131072;
/** Positions taken at once where the class axis is not the last and a whole [classes, inner] is too much: shorter copies cost more than they move. */
const SEGMENT = 16;

export function runRows(kernel: RowKernel, job: RowJob): void {
  const { module, name, columns } = kernel;
  if (!module || !hasRoom(kernel, job)) {
    kernel.inTypeScript(job);
    return;
  }
  const call = new RowCall(module, name, job, engineFor(job.input.data, job.grad, job.soft?.data));
  if (job.classes * call.size > REGION) runLongRows(call);
  else runTiles(call, job.classes <= COLUMN_CLASSES && columns);
  call.end();
}

function hasRoom({ wholeRows, mostClasses }: RowKernel, { classes, dtype }: RowJob): boolean {
  if (wholeRows) return classes * sizeOf(dtype) <= REGION;
  return classes <= (mostClasses ?? Infinity);
}

function runTiles(call: RowCall, inColumns: boolean): void {
  const { inner } = call.job;
  const { softcap } = call;
  const untouched =
    !inColumns &&
    inner === 1 &&
    !softcap &&
    residentTile(call, call.job.input) &&
    (!call.job.grad || resident(call.engine, call.job.grad)) &&
    (!call.job.soft || (residentTile(call, call.job.soft) && !overwritesSoft(call.job)));
  forTiles(call, untouched, (tile) => runTile(call, tile, inColumns));
}

/** Visits the job tile by tile, with the class weights in place; `untouched`: nothing needs scratch, so that a tile may be any size. */
export function forTiles(call: RowCall, untouched: boolean, visit: (tile: Tile) => void): void {
  const { outer, classes, inner, readsAllWeights } = call.job;
  if (readsAllWeights) call.placeWeights(0, classes);
  const capacity =
    Math.min(REGION, Math.max(TILE_BYTES, Math.min(inner, SEGMENT) * classes * call.size)) / call.size;
  const outers = Math.min(
    outer,
    Math.floor(ROWS_MAX / inner),
    untouched ? outer : Math.floor(capacity / (classes * inner)),
  );
  const tile: Tile = { outer: 0, outers: Math.max(outers, 1), inner: 0, inners: inner };
  if (outers >= 1) {
    for (; tile.outer < outer; tile.outer += tile.outers) {
      tile.outers = Math.min(tile.outers, outer - tile.outer);
      visit(tile);
    }
    return;
  }
  const most = Math.floor(Math.min(ROWS_MAX, capacity / classes));
  const step = most > 4 ? most & ~3 : most;
  for (; tile.outer < outer; tile.outer++) {
    for (tile.inner = 0; tile.inner < inner; tile.inner += step) {
      tile.inners = Math.min(step, inner - tile.inner);
      visit(tile);
    }
  }
}

function runTile(call: RowCall, tile: Tile, inColumns: boolean): void {
  const { job, tools, kernel, size, flags, ignore, softcap } = call;
  const { classes, soft, grad, scale } = job;
  const { outers, inners } = tile;
  const count = outers * inners;
  const row = tile.outer * job.inner + tile.inner;
  call.placeRows(row, count);
  const x = bringTile(call, tile, job.input, X, softcap !== 0);
  const q = soft ? bringTile(call, tile, soft, Q, overwritesSoft(job)) : W;
  const vectors = Math.ceil((count * classes * size) / 16);
  if (softcap) tools.softcap(x, grad ? D : 0, vectors, softcap);
  // Where the gradient goes in the arrays' layout: into the array itself if that is in kernel memory, else over the tile.
  const result = !grad ? 0 : softcap ? X : residentGradient(call, tile) || X;

  if (inColumns) {
    const lanes = 16 / size;
    const ready = outers === 1 && inners % lanes === 0 && x === X;
    const stride = Math.ceil(count / lanes) * lanes;
    const panel = ready ? X : G;
    const second = soft ? (ready ? Q : D) : W;
    if (!ready) {
      toPanel(call, tile, x, G, stride);
      if (soft) toPanel(call, tile, q, D, stride);
    } else if (soft && q !== Q) toPanel(call, tile, q, Q, stride);
    kernel.columns(panel, second, grad ? panel : 0, count, stride, classes, flags, ignore, scale);
    if (grad && (!ready || result !== X)) fromPanel(call, tile, panel, result, stride);
  } else if (inners === 1) {
    kernel.rows(x, q, result, count, classes, flags, ignore, scale);
  } else {
    toRows(call, tile, x, G);
    if (soft) toRows(call, tile, q, D);
    kernel.rows(G, soft ? D : W, grad ? G : 0, count, classes, flags, ignore, scale);
    if (grad) fromRows(call, tile, G, result);
  }

  if (grad && softcap) tools.multiply(X, D, vectors);
  if (grad && result === X) giveTile(call, tile, X, grad);
  call.takeRows(row, count);
}

/** Whether the gradient takes the place of the soft targets, which are still read while the exponentials stand at the gradient's. */
function overwritesSoft({ soft, grad }: RowJob): boolean {
  const data = soft?.data as Real | undefined;
  return (
    data !== undefined && grad !== null && data.buffer === grad.buffer && data.byteOffset === grad.byteOffset
  );
}

/** The gradient's own address where it is in kernel memory and the tile covers whole [classes, inner] parts of it, else 0. */
function residentGradient(call: RowCall, tile: Tile): number {
  const { grad, classes, inner } = call.job;
  if (!grad || tile.inners !== inner || !resident(call.engine, grad)) return 0;
  return grad.byteOffset + tile.outer * classes * inner * call.size;
}

/** [outers, classes, inners] to classes x (outers · inners). */
function toPanel(
  { tools, size, job }: RowCall,
  { outers, inners }: Tile,
  from: number,
  to: number,
  stride: number,
): void {
  const { classes } = job;
  if (inners === 1) tools.transpose(from, to, outers, classes, classes, stride);
  else
    for (let o = 0; o < outers; o++)
      tools.copyRows(
        from + o * classes * inners * size,
        to + o * inners * size,
        classes,
        inners,
        inners,
        stride,
      );
}

function fromPanel(
  { tools, size, job }: RowCall,
  { outers, inners }: Tile,
  from: number,
  to: number,
  stride: number,
): void {
  const { classes } = job;
  if (inners === 1) tools.transpose(from, to, classes, outers, stride, classes);
  else
    for (let o = 0; o < outers; o++)
      tools.copyRows(
        from + o * inners * size,
        to + o * classes * inners * size,
        classes,
        inners,
        stride,
        inners,
      );
}

/** [outers, classes, inners] to (outers · inners) x classes. */
export function toRows(
  { tools, size, job }: RowCall,
  { outers, inners }: Tile,
  from: number,
  to: number,
): void {
  const { classes } = job;
  for (let o = 0; o < outers; o++) {
    const at = o * classes * inners * size;
    tools.transpose(from + at, to + at, classes, inners, inners, classes);
  }
}

function fromRows({ tools, size, job }: RowCall, { outers, inners }: Tile, from: number, to: number): void {
  const { classes } = job;
  for (let o = 0; o < outers; o++) {
    const at = o * classes * inners * size;
    tools.transpose(from + at, to + at, inners, classes, classes, inners);
  }
}
