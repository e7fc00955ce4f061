/** Rows too long for a region: the phases of the kernel, one after the other, over blocks that are read again in each. Memory stays the same at any length. */
import { readStrided, type Source } from '../source.js';
import { D, Q, W, X } from './layout.js';
import { bring, giveBack } from './operand.js';
import type { RowCall } from './rowCall.js';

/** Elements of a block: a multiple of the 1024 of the order of summation. */
const BLOCK = 16384;

const LOOK = 0;
const SUM = 1;
const FINISH = 2;
const WRITE = 3;

export function runLongRows(call: RowCall): void {
  const { job, kernel, flags, ignore } = call;
  const { outer, inner, classes, grad, scale } = job;
  for (let o = 0, row = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++, row++) {
      call.placeRows(row, 1);
      const start = o * classes * inner + j;
      if (kernel.begin(classes, flags, ignore, scale)) {
        overBlocks(call, start, LOOK);
        overBlocks(call, start, SUM);
        kernel.phase(FINISH, 0, 0, grad ? X : 0, 0, 0, 1);
        if (grad) overBlocks(call, start, WRITE);
      } else if (grad) {
        for (let c = 0, at = start; c < classes; c++, at += inner) grad[at] = 0;
      }
      call.takeRows(row, 1);
    }
  }
}

function overBlocks(call: RowCall, start: number, which: number): void {
  const { job, tools, engine, softcap } = call;
  const { classes, inner, soft, grad, dtype } = job;
  for (let from = 0; from < classes; from += BLOCK) {
    const count = Math.min(BLOCK, classes - from);
    const at = start + from * inner;
    bringBlock(call, job.input, at, count, X);
    if (softcap) tools.softcap(X, D, Math.ceil((count * call.size) / 16), softcap);
    if (soft) bringBlock(call, soft, at, count, Q);
    if (call.job.readsAllWeights) call.placeWeights(from, count);
    call.kernel.phase(which, X, soft ? Q : W, which === WRITE ? X : 0, from, count, 1);
    if (which !== WRITE || !grad) continue;
    if (softcap) tools.multiply(X, D, Math.ceil((count * call.size) / 16));
    if (inner === 1) giveBack(engine, dtype, X, grad, at, count);
    else for (let c = 0, to = at; c < count; c++, to += inner) grad[to] = call.heap[X / call.size + c];
  }
}

function bringBlock(call: RowCall, source: Source, at: number, count: number, to: number): void {
  if (call.job.inner === 1) bring(call.engine, call.job.dtype, source, at, count, to, D);
  else readStrided(source, at, call.job.inner, count, call.heap, to / call.size);
}
