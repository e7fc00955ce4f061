/**
 * Streams topLogProbs through scratch, a tile of rows at a time. What is selected of a tile is never more than the tile, so it has room in a
 * region; rows longer than that, and rows without a softmax (a NaN comes first in PyTorch's order), are ranked by the TypeScript loops.
 */
import type { TopJob } from '../jobs.js';
import { runTopLogProbs } from '../js/topLogProbs.js';
import { rowScratch } from '../js/softmaxRow.js';
import { selectLargest } from '../largest.js';
import { plainJob } from '../plainJob.js';
import { readStrided } from '../source.js';
import { topLogProbs } from './embedded/topLogProbs.js';
import { engineFor } from './engine.js';
import { D, G, Q, REGION, X } from './layout.js';
import { giveBack, sizeOf } from './operand.js';
import { RowCall } from './rowCall.js';
import { forTiles, toRows } from './rows.js';
import { bringTile, type Tile } from './tile.js';

export function runTop(job: TopJob): void {
  const { classes, dtype, input, softcap, temperature } = job;
  if (classes * sizeOf(dtype) > REGION) {
    runTopLogProbs(job);
    return;
  }
  const call = new RowCall(
    topLogProbs,
    'topLogProbs',
    {
      ...plainJob({ ...input, dtype }, job),
      readsAllWeights: temperature !== 1,
      constants: [0, 0, softcap, temperature, 1, classes],
      softcap,
    },
    engineFor(input.data, null, null),
  );
  forTiles(call, false, (tile) => runTile(call, job, tile));
}

function runTile(call: RowCall, job: TopJob, tile: Tile): void {
  const { tools, engine, size, softcap } = call;
  const { classes, inner, k, dtype, input, logProbs, indices } = job;
  const count = tile.outers * tile.inners;
  const x = bringTile(call, tile, input, X, softcap !== 0);
  if (softcap) tools.softcap(x, 0, Math.ceil((count * classes * size) / 16), softcap);
  if (tile.inners > 1) toRows(call, tile, x, G);
  engine.exports(dtype, topLogProbs).topLogProbsRows(tile.inners > 1 ? G : x, Q, D, count, classes, k);
  if (inner === 1) {
    giveBack(engine, dtype, D, logProbs, tile.outer * k, count * k);
    indices.set(engine.int32.subarray(Q >> 2, (Q >> 2) + count * k), tile.outer * k);
  }
  for (let i = 0; i < count; i++) {
    const o = tile.outer + Math.floor(i / tile.inners);
    const j = tile.inner + (i % tile.inners);
    if (inner > 1) give(call, job, i, o * k * inner + j);
    if (Number.isNaN(logProbs[o * k * inner + j])) rankAgain(job, o, j);
  }
}

/** Row i of the tile to places at, at + inner, … */
function give(
  { engine, heap, size }: RowCall,
  { k, inner, logProbs, indices }: TopJob,
  i: number,
  at: number,
): void {
  for (let n = i * k; n < (i + 1) * k; n++, at += inner) {
    logProbs[at] = heap[D / size + n];
    indices[at] = engine.int32[(Q >> 2) + n];
  }
}

/** The order of a row whose log-probabilities are all NaN. */
function rankAgain({ input, classes, inner, k, indices }: TopJob, o: number, j: number): void {
  const row = rowScratch(classes);
  const ids = new Int32Array(k);
  readStrided(input, o * classes * inner + j, inner, classes, row, 0);
  selectLargest(row, classes, k, new Float64Array(k), ids);
  for (let n = 0, at = o * k * inner + j; n < k; n++, at += inner) indices[at] = ids[n];
}
