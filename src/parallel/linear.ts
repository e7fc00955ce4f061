/**
 * linearCrossEntropy on threads: each takes every n-th chunk of rows, makes its scores and their gradient by itself, and adds to the head's gradient
 * block by block when the chunk before it has been there. So the sums have the order, and the bits, of one thread. It knows no queue.
 */
import type { Side } from '../backend.js';
import type { Dtype, LinearJob, Real, Turns } from '../kernels/jobs.js';
import type { Format, Source } from '../kernels/source.js';
import { crossEntropy } from '../kernels/modules/crossEntropy.js';
import { makeScores } from '../kernels/run.js';
import { gemm } from '../kernels/wasm/embedded/gemm.js';
import { chunkRows, turnsOf } from '../kernels/wasm/linear.js';
import { sizeOf } from '../kernels/wasm/operand.js';
import { type LinearLoss, runLinearChunk } from '../linear.js';
import type { LinearWork } from '../work.js';
import { ABORT, members, NEXT, raise, WAKE } from './control.js';
import type { JobData } from './families/family.js';
import type { Plan } from './geometry.js';
import {
  type AnyArray,
  indexOperand,
  type Operand,
  readOf,
  resultOperand,
  sourceOperand,
} from './operand.js';
import { type Buffers, type Task, viewOf, WORKSPACE } from './task.js';

/** What the threads share beside arrays: whose turn it is in each part, and the bias's sums. */
const ORDER = 'order';
const BIAS_SUMS = 'biasSums';

export interface DescribedLinear {
  readonly described: JobData;
  readonly plan: Plan;
  /** Where the bias's gradient will be. */
  readonly biasSums: Float64Array | null;
}

/** The job as data, and its chunks; null where there are not two. */
export function describeLinear({ job, loss }: LinearWork): DescribedLinear | null {
  const { dtype, rows, width, classes, x, head, bias, xGrad, headGrad, biasGrad, accumulate } = job;
  const per = chunkRows(rows, width, classes, sizeOf(dtype));
  const chunks = Math.ceil(rows / per);
  if (chunks < 2) return null;
  const whole = { kind: 'whole' } as const;
  const targets = new Int32Array(rows);
  loss.targets.read(0, rows, targets, 0);
  const { classWeight, gradOutput, out, constants, scale, wantGrad } = loss;
  const plan: Plan = { outer: rows, middle: 1, inner: 1, per, byInner: false, chunks };
  // What is added to must be there.
  const gradient = (name: string, array: Real | null): Operand[] =>
    resultOperand(name, array, whole).map((operand) =>
      accumulate ? { ...operand, read: readOf(array!) } : operand,
    );
  const biasSums = biasGrad && new Float64Array(classes);
  return {
    plan,
    biasSums,
    described: {
      kernel: null,
      modules: [gemm, crossEntropy.module!],
      terms: 2 * chunks,
      fields: {
        dtype,
        width,
        classes,
        accumulate,
        wantGrad,
        readsAllWeights: loss.readsAllWeights ?? false,
      },
      numbers: [scale, loss.softcap ?? 0, ...constants],
      operands: [
        ...sourceOperand('x', x, dtype, whole),
        ...sourceOperand('head', head, dtype, whole),
        ...sourceOperand('bias', bias, dtype, whole),
        ...indexOperand('targets', targets, whole),
        ...sourceOperand('classWeight', classWeight && { data: classWeight, format: 'same' }, dtype, whole),
        ...sourceOperand('gradOutput', gradOutput, dtype, whole),
        ...resultOperand('out', out, whole),
        ...gradient('xGrad', xGrad),
        ...gradient('headGrad', headGrad),
        ...indexOperand(ORDER, new Int32Array(turnsOf(job)), whole),
        ...resultOperand(BIAS_SUMS, biasSums, whole).map((operand) => ({
          ...operand,
          read: readOf(biasSums!),
        })),
      ],
    },
  };
}

/** Runs this thread's chunks. */
export function runLinearTask(
  side: Side,
  task: Task,
  numbers: readonly number[],
  buffers: Buffers,
  control: Int32Array,
  thread: number,
  epoch: number,
): void {
  const arrays: Record<string, AnyArray | undefined> = {};
  const formats: Record<string, Format> = {};
  for (const { name, buffer, type, offset, length, format } of task.places) {
    arrays[name] = viewOf(buffers.get(buffer), type, offset, length);
    formats[name] = format;
  }
  const source = (name: string): Source => ({ data: arrays[name] as Real, format: formats[name] });
  const orNull = (name: string): Source | null => (arrays[name] ? source(name) : null);
  const real = (name: string): Real | null => (arrays[name] as Real | undefined) ?? null;
  const { fields, plan } = task;
  const turns = new SharedTurns(arrays[ORDER] as Int32Array, arrays[BIAS_SUMS] as Float64Array, control);
  const job: LinearJob = {
    dtype: fields.dtype as Dtype,
    rows: plan.outer,
    width: fields.width as number,
    classes: fields.classes as number,
    x: source('x'),
    head: source('head'),
    bias: orNull('bias'),
    xGrad: real('xGrad'),
    headGrad: real('headGrad'),
    biasGrad: real(BIAS_SUMS),
    accumulate: fields.accumulate as boolean,
    turns,
  };
  const classes = arrays.targets as Int32Array;
  const loss: LinearLoss = {
    targets: {
      direct: null,
      ignoreIndex: -1,
      read: (start, count, into, at) => into.set(classes.subarray(start, start + count), at),
    },
    classWeight: real('classWeight'),
    readsAllWeights: fields.readsAllWeights as boolean,
    constants: numbers.slice(2),
    softcap: numbers[1],
    scale: numbers[0],
    gradOutput: orNull('gradOutput'),
    out: real('out'),
    wantGrad: fields.wantGrad as boolean,
  };
  const terms = new Float64Array(buffers.get(WORKSPACE)!, task.terms, task.termCount);
  const mine = members(control, epoch);
  const scores = makeScores(side, job);
  for (let i = mine.indexOf(thread); i < plan.chunks && !Atomics.load(control, ABORT); i += mine.length) {
    turns.chunk = i;
    runLinearChunk(side, scores, job, loss, i * plan.per, terms.subarray(2 * i, 2 * i + 2));
    // The caller sees that it gets on.
    Atomics.add(control, NEXT, 1);
    raise(control, WAKE);
  }
}

/** Turns by words in shared memory: how many chunks have been in each part. */
class SharedTurns implements Turns {
  readonly biasSums: Float64Array;
  chunk = 0;
  readonly #order: Int32Array;
  readonly #control: Int32Array;

  constructor(order: Int32Array, biasSums: Float64Array, control: Int32Array) {
    this.#order = order;
    this.biasSums = biasSums;
    this.#control = control;
  }

  wait(part: number): void {
    for (;;) {
      const now = Atomics.load(this.#order, part);
      if (now === this.chunk) return;
      if (Atomics.load(this.#control, ABORT)) throw new Error('given up, since another thread has ended');
      // Not for ever: who would pass it on may have ended.
      Atomics.wait(this.#order, part, now, 20);
    }
  }

  pass(part: number): void {
    Atomics.add(this.#order, part, 1);
    Atomics.notify(this.#order, part);
  }
}

/** The bias's gradient from its sums, once all chunks are done. */
export function finishBias({ job }: LinearWork, sums: Float64Array | null): void {
  const { biasGrad, accumulate } = job;
  if (sums && biasGrad)
    for (let c = 0; c < sums.length; c++) biasGrad[c] = sums[c] + (accumulate ? biasGrad[c] : 0);
}
