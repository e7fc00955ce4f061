/**
 * Streams connectionist temporal classification through scratch, sample by sample. Where whole samples fit, all frames of as many as do are
 * brought at once; a longer one goes in blocks of frames, forward and back again, each block's recursion run twice from the row kept before it.
 * What it knows of the table in G: row 0 is the state before a block, row f that after its f-th frame (assembly/losses/ctc.ts).
 */
import { runCtc as runInTypeScript } from '../js/ctc.js';
import type { CtcJob, Real } from '../jobs.js';
import { elementOf } from '../source.js';
import { ctc } from './embedded/ctc.js';
import { type Engine, engineFor, type Exports } from './engine.js';
import { D, G, Q, REGION, X } from './layout.js';
import { bring, giveBack, sizeOf } from './operand.js';

/** Half of what the lists in Q have room for: beyond, the table in G holds so few frames that more would be kept than the TypeScript loops need. */
const LABELS_MAX = 8190;

/** The kernel's functions, by the names of assembly/index.ts. */
interface CtcExports {
  ctcBegin(labels: number, classes: number, blank: number, logits: number): number;
  ctcForward(x: number, frames: number, stride: number): number;
  ctcLoss(frames: number): number;
  ctcBackward(x: number, frames: number, stride: number, scale: number): void;
  ctcFill(x: number, frames: number, stride: number, value: number): void;
}

interface Call {
  readonly job: CtcJob;
  readonly engine: Engine;
  readonly kernels: Exports & CtcExports;
  /** Bytes of one sample's frame. */
  readonly row: number;
}

/** Rows kept before each block of a sample too long for one; grows to what the longest needed. */
let kept = new Float64Array(0);

export function runCtc(job: CtcJob): number {
  const { dtype, frames, samples, classes, starts } = job;
  const row = classes * sizeOf(dtype);
  let most = 0;
  for (let n = 0; n < samples; n++) most = Math.max(most, starts[n + 1] - starts[n]);
  if (row > REGION || most > LABELS_MAX) return runInTypeScript(job);
  const engine = engineFor(job.input.data, job.grad, null);
  const call: Call = { job, engine, kernels: engine.exports(dtype, ctc) as Exports & CtcExports, row };
  const table = (frames + 1) * rowBytes(most);
  const group = table > REGION ? 0 : Math.min(samples, Math.floor(REGION / (Math.max(frames, 1) * row)));
  let total = 0;
  if (group === 0) for (let n = 0; n < samples; n++) total += runBlocks(call, n);
  else
    for (let n = 0; n < samples; n += group) total = runGroup(call, n, Math.min(group, samples - n), total);
  return total;
}

/** Bytes of a row of the table; `ctcBegin` says the same. */
function rowBytes(labels: number): number {
  return 48 + 96 * ((labels >> 1) + 1);
}

/** Samples [first, first + count) whole. */
function runGroup(call: Call, first: number, count: number, total: number): number {
  const { job, kernels, row } = call;
  const stride = count * row;
  bringFrames(call, first, count, 0, job.frames);
  for (let n = first; n < first + count; n++) {
    const x = X + (n - first) * row;
    const length = job.lengths[n];
    begin(call, n);
    const loss = kernels.ctcForward(x, length, stride) ? kernels.ctcLoss(length) : NaN;
    total += book(job, n, loss);
    if (!job.grad) continue;
    if (Number.isFinite(loss)) kernels.ctcBackward(x, length, stride, scaleOf(job, n));
    else kernels.ctcFill(x, length, stride, gradientWithout(job, loss));
    kernels.ctcFill(x + length * stride, job.frames - length, stride, 0);
  }
  if (job.grad) giveFrames(call, job.grad, first, count, 0, job.frames);
  return total;
}

/** One sample in blocks of frames; returns what it adds to the total. */
function runBlocks(call: Call, n: number): number {
  const { job, engine, kernels, row } = call;
  const { grad } = job;
  const length = job.lengths[n];
  const bytes = begin(call, n);
  const size = Math.floor(Math.min(REGION / row, REGION / bytes - 1));
  const blocks = Math.ceil(length / size);
  const state = bytes / 8;
  const first = engine.float64.subarray(G / 8, G / 8 + state);
  if (grad && kept.length < (blocks - 1) * state) kept = new Float64Array((blocks - 1) * state);
  let sound = 1;
  let count = 0;
  for (let b = 0; b < blocks && sound; b++) {
    if (b > 0) first.set(engine.float64.subarray((G + count * bytes) / 8, (G + (count + 1) * bytes) / 8));
    if (grad && b < blocks - 1) kept.set(first, b * state);
    count = Math.min(size, length - b * size);
    bringFrames(call, n, 1, b * size, count);
    sound = kernels.ctcForward(X, count, row);
  }
  const loss = sound ? kernels.ctcLoss(count) : NaN;
  if (grad) {
    for (let b = blocks - 1; b >= 0; b--) {
      count = Math.min(size, length - b * size);
      if (!Number.isFinite(loss)) kernels.ctcFill(X, count, row, gradientWithout(job, loss));
      else {
        if (b < blocks - 1) {
          first.set(kept.subarray(b * state, (b + 1) * state));
          bringFrames(call, n, 1, b * size, count);
          kernels.ctcForward(X, count, row);
        }
        kernels.ctcBackward(X, count, row, scaleOf(job, n));
      }
      giveFrames(call, grad, n, 1, b * size, count);
    }
    const { frames, samples, classes } = job;
    for (let t = length; t < frames; t++)
      grad.fill(0, (t * samples + n) * classes, (t * samples + n + 1) * classes);
  }
  return book(job, n, loss);
}

/** Hands the labels of sample n to the kernel; returns the bytes of a row of its table. */
function begin({ job, engine, kernels }: Call, n: number): number {
  const { labels, starts, classes, blank, fromLogits } = job;
  const count = starts[n + 1] - starts[n];
  for (let i = 0, at = starts[n]; i < count; i++) engine.int32[Q / 4 + i] = labels[at + i];
  return kernels.ctcBegin(count, classes, blank, fromLogits ? 1 : 0);
}

/** Puts the loss where it goes and returns what it adds to the total. */
function book(job: CtcJob, n: number, loss: number): number {
  const { starts, zeroInfinity, perLabel, out, terms } = job;
  const counted = loss === Infinity && zeroInfinity ? 0 : loss;
  if (out) out[n] = counted;
  const term = perLabel ? counted / Math.max(1, starts[n + 1] - starts[n]) : counted;
  if (terms) terms[n] = term;
  return term;
}

/** The gradient's factor of sample n. */
function scaleOf({ starts, perLabel, gradOutput, scale }: CtcJob, n: number): number {
  const own = gradOutput ? scale * elementOf(gradOutput, n) : scale;
  return perLabel ? own / Math.max(1, starts[n + 1] - starts[n]) : own;
}

/** The gradient of a sample whose loss is no number. */
function gradientWithout({ zeroInfinity }: CtcJob, loss: number): number {
  return loss === Infinity && zeroInfinity ? 0 : NaN;
}

/** Frames [from, from + frames) of samples [first, first + count) to X, one frame after the other. */
function bringFrames(
  { job, engine, row }: Call,
  first: number,
  count: number,
  from: number,
  frames: number,
): void {
  const { dtype, samples, classes, input } = job;
  const width = count * classes;
  if (count === samples) {
    bring(engine, dtype, input, from * width, frames * width, X, D);
    return;
  }
  for (let f = 0, at = (from * samples + first) * classes; f < frames; f++, at += samples * classes)
    bring(engine, dtype, input, at, width, X + f * count * row, D);
}

/** The same frames of the gradient back. */
function giveFrames(
  { job, engine, row }: Call,
  grad: Real,
  first: number,
  count: number,
  from: number,
  frames: number,
): void {
  const { dtype, samples, classes } = job;
  const width = count * classes;
  if (count === samples) {
    giveBack(engine, dtype, X, grad, from * width, frames * width);
    return;
  }
  for (let f = 0, at = (from * samples + first) * classes; f < frames; f++, at += samples * classes)
    giveBack(engine, dtype, X + f * count * row, grad, at, width);
}
