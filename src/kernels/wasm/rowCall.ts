/** What the tiles of one row-wise call share: the engine, the constants, and what each row has one of. Knows no loss. */
import type { Real, RowJob, RowStats } from '../jobs.js';
import { firstLargest } from '../largest.js';
import type { KernelModule } from './builds.js';
import type { Engine, RowExports, Tools } from './engine.js';
import { CONSTANTS, ROW_LOSS, ROW_SCALE, ROW_WEIGHT, TARGETS, TOTALS, W } from './layout.js';
import { bring, giveBack, giveTerms, sizeOf } from './operand.js';

const WEIGHTED = 1;
const SCALED = 2;

export class RowCall {
  readonly kernel: RowExports;
  readonly job: RowJob;
  readonly engine: Engine;
  readonly tools: Tools;
  readonly heap: Real;
  /** Bytes of an element. */
  readonly size: number;
  readonly flags: number;
  /** 0: off. Kept where both cap and logit / cap are normal numbers of the dtype for logits of any use: a limit of what a cap may be. */
  readonly softcap: number;
  /** The ignored class where the kernel must compare, -1 where `targets.read` has marked those rows. */
  readonly ignore: number;

  constructor(module: KernelModule, name: string, job: RowJob, engine: Engine) {
    this.kernel = engine.rowExports(job.dtype, module, name);
    this.job = job;
    this.engine = engine;
    this.tools = engine.tools(job.dtype);
    this.heap = engine.heap(job.dtype);
    this.size = sizeOf(job.dtype);
    const limit = job.dtype === 'float32' ? 1e30 : 1e290;
    this.softcap = job.softcap && Math.min(Math.max(job.softcap, 1 / limit), limit);
    this.flags = (job.targets && job.classWeight ? WEIGHTED : 0) | (job.gradOutput ? SCALED : 0);
    this.ignore = job.targets?.direct ? job.targets.ignoreIndex : -1;
    const { constants } = job;
    const numbers = engine.float64;
    for (let i = 0; i < constants.length; i++) numbers[CONSTANTS / 8 + i] = constants[i];
    numbers[TOTALS / 8] = 0;
    numbers[TOTALS / 8 + 1] = 0;
  }

  /** Class weights (ones where there are none) of classes [from, from + count), for kernels that read all of them. */
  placeWeights(from: number, count: number): void {
    const { classWeight } = this.job;
    const at = W / this.size;
    if (classWeight)
      this.heap.set(
        count === classWeight.length ? classWeight : classWeight.subarray(from, from + count),
        at,
      );
    else this.heap.fill(1, at, at + count);
  }

  /** What rows [row, row + count) have one of each: class, weight of the class, upstream gradient. */
  placeRows(row: number, count: number): void {
    const { engine, job } = this;
    const { targets } = job;
    if (targets) {
      const { direct } = targets;
      const at = TARGETS >> 2;
      if (!direct || job.stats) targets.read(row, count, engine.int32, at);
      else copyClasses(direct, row, count, engine.int32, at);
      if (job.classWeight) this.#placeTargetWeights(job.classWeight, count);
    }
    if (job.gradOutput) bring(engine, job.dtype, job.gradOutput, row, count, ROW_SCALE);
    if (job.stats) this.heap.fill(0, ROW_WEIGHT / this.size, ROW_WEIGHT / this.size + count);
  }

  #placeTargetWeights(classWeight: Real, count: number): void {
    const list = this.engine.int32;
    const at = ROW_WEIGHT / this.size;
    for (let i = 0; i < count; i++) {
      const y = list[(TARGETS >> 2) + i];
      this.heap[at + i] = y >= 0 && y < classWeight.length ? classWeight[y] : 0;
    }
  }

  /** Takes what the tile's rows have one of out. */
  takeRows(row: number, count: number): void {
    const { out, stats, terms, dtype } = this.job;
    if (out) giveBack(this.engine, dtype, ROW_LOSS, out, row, count);
    if (stats) this.#takeStats(stats, row, count);
    if (terms) giveTerms(this.engine, terms, 2 * row, 2 * count);
  }

  /** Takes the statistics out, from where the weights and the targets were. */
  #takeStats({ entropy, argmax }: RowStats, row: number, count: number): void {
    const { input, classes, inner, dtype } = this.job;
    const list = this.engine.int32;
    giveBack(this.engine, dtype, ROW_WEIGHT, entropy, row, count);
    for (let i = 0, r = row; i < count; i++, r++) {
      argmax[r] = Math.max(list[(TARGETS >> 2) + i], -1);
      if (Number.isNaN(entropy[r]))
        argmax[r] = firstLargest(
          input,
          Math.floor(r / inner) * classes * inner + (r % inner),
          inner,
          classes,
        );
    }
  }

  end(): void {
    this.job.totals[0] = this.engine.float64[TOTALS / 8];
    this.job.totals[1] = this.engine.float64[TOTALS / 8 + 1];
  }
}

/** Copies shorter than this go element by element: a call of `set` costs as much as 16 elements. */
const SHORT = 16;

function copyClasses(from: Int32Array, start: number, count: number, into: Int32Array, at: number): void {
  if (count > SHORT) into.set(from.length === count ? from : from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i++) into[at + i] = from[start + i];
}
