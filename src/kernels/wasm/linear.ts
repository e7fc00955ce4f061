/**
 * Scores of rows against a head, x · headᵀ + bias, a chunk of rows at a time, and the gradients of both from the scores' gradient. The head
 * comes through a block of rows, packed for the product; it is never held whole, and neither are the scores. Knows no loss.
 */
import type { LinearJob, LinearScores, Real } from '../jobs.js';
import { readSource, type Source } from '../source.js';
import { gemm } from './embedded/gemm.js';
import { Engine, type Exports, registerArena } from './engine.js';
import { END } from './layout.js';
import { bring, giveBack, sizeOf } from './operand.js';

/** Bytes of scores, and of a block of the head. */
const SCORES = 16 * 1024 * 1024;
const BLOCK = 512 * 1024;
/** Bytes of a chunk's rows of x; its rows at most, and what they are a multiple of. */
const INPUT = 4 * 1024 * 1024;
const ROWS = 256;
const STEP = 4;

/** The products of assembly/gemm.ts. */
export interface GemmExports {
  /** Rows of a panel, which each build chooses. */
  gemmRows(): number;
  gemmMultiply(
    a: number,
    b: number,
    c: number,
    m: number,
    n: number,
    k: number,
    stride: number,
    add: number,
  ): void;
  gemmPackRows(from: number, to: number, rows: number, k: number, stride: number, width: number): void;
  gemmPackColumns(from: number, to: number, k: number, columns: number, stride: number, width: number): void;
  gemmWiden(from: number, sums: number, n: number, add: number): void;
  gemmNarrow(sums: number, to: number, n: number): void;
  gemmSumColumns(x: number, sums: number, rows: number, columns: number): void;
}

/** The workspace of the last call, kept while it is large enough. */
let workspace: { engine: Engine; bytes: number } | undefined;

function engineOf(bytes: number): Engine {
  if (!workspace || workspace.bytes < bytes || workspace.bytes > 4 * bytes + SCORES) {
    const engine = new Engine(bytes);
    registerArena(engine);
    workspace = { engine, bytes };
  }
  return workspace.engine;
}

const up = (n: number, to: number) => Math.ceil(n / to) * to;

/** Parts that chunks take turns in: the bias, and blocks of the head. */
export function turnsOf({ dtype, width, classes }: Pick<LinearJob, 'dtype' | 'width' | 'classes'>): number {
  return 1 + Math.ceil(classes / blockRows(width, classes, sizeOf(dtype)));
}

/** Rows of a block of the head. */
function blockRows(width: number, classes: number, size: number): number {
  return Math.max(8, Math.min(up(classes, 8), Math.floor(BLOCK / (width * size * 8)) * 8, ROWS));
}

/** Rows of a chunk for a head of these sizes: what fits, by fixed rules, so that sums do not depend on anything else. */
export function chunkRows(rows: number, width: number, classes: number, size: number): number {
  const fitting = Math.min(SCORES / (classes * size), INPUT / (width * size), ROWS);
  return Math.max(1, Math.min(rows, Math.max(STEP, Math.floor(fitting / STEP) * STEP)));
}

export class WasmScores implements LinearScores {
  readonly chunk: number;
  readonly scores: Real;
  readonly #job: LinearJob;
  readonly #engine: Engine;
  readonly #kernels: Exports & GemmExports;
  readonly #size: number;
  /** Columns of a panel, rows of one; rows of a block of the head. */
  readonly #columns: number;
  readonly #panel: number;
  readonly #block: number;
  readonly #at: Record<
    'x' | 'xRows' | 'xColumns' | 'raw' | 'head' | 'slopes' | 'xGrad' | 'xSums' | 'headGrad' | 'biasGrad',
    number
  >;

  constructor(job: LinearJob) {
    const { dtype, rows, width, classes } = job;
    const size = sizeOf(dtype);
    this.#job = job;
    this.#size = size;
    this.#columns = 32 / size;
    this.chunk = chunkRows(rows, width, classes, size);
    this.#block = blockRows(width, classes, size);
    const [chunk, block] = [up(this.chunk, 8), this.#block];
    let next = END;
    const take = (reals: number) => {
      const at = next;
      next = up(next + reals * size, 64) + 64;
      return at;
    };
    const wide = up(width, 8);
    /** Rows that whole panels have, of 4 or of 6. */
    const whole = (rows: number) => up(rows, 12);
    const scores = take(chunk * classes);
    this.#at = {
      x: take(chunk * width),
      xRows: take(whole(chunk) * width),
      xColumns: take(chunk * wide),
      raw: take(block * width),
      head: take(block * wide),
      slopes: take(Math.max(whole(chunk) * block, whole(block) * chunk)),
      xGrad: take(chunk * width),
      xSums: take((chunk * width * 8) / size),
      headGrad: take(block * width),
      biasGrad: take((classes * 8) / size),
    };
    this.#engine = engineOf(next - END);
    this.#kernels = this.#engine.exports(dtype, gemm) as Exports & GemmExports;
    this.#panel = this.#kernels.gemmRows();
    this.scores = this.#engine.heap(dtype).subarray(scores / size, scores / size + chunk * classes);
    this.#engine.float64.fill(0, this.#at.biasGrad / 8, this.#at.biasGrad / 8 + classes);
  }

  fill(from: number, count: number, counted: ArrayLike<number>): void {
    const { job, kernels, at } = this.#own();
    const { x, head, bias, width, classes, dtype } = job;
    const heap = this.#engine.heap(dtype);
    bring(this.#engine, dtype, x, from * width, count * width, at.x, at.xSums);
    const first = at.x / this.#size;
    for (let r = 0; r < count; r++)
      if (counted[r] < 0) heap.fill(0, first + r * width, first + (r + 1) * width);
    kernels.gemmPackRows(at.x, at.xRows, count, width, width, this.#panel);
    if (bias) {
      readSource(bias, 0, classes, this.scores, 0);
      for (let r = 1; r < count; r++) this.scores.copyWithin(r * classes, 0, classes);
    }
    this.#blocks((v, n) => {
      this.#bringHead(head, v, n);
      kernels.gemmPackRows(at.raw, at.head, n, width, width, this.#columns);
      kernels.gemmMultiply(at.xRows, at.head, this.#score(v), count, n, width, classes, bias ? 1 : 0);
    });
  }

  gradients(from: number, count: number, counted: ArrayLike<number>): void {
    const { job, kernels, at } = this.#own();
    const { width, classes, dtype, head, xGrad, headGrad, biasGrad } = job;
    if (biasGrad) this.#sumBias(count);
    if (headGrad) kernels.gemmPackColumns(at.x, at.xColumns, count, width, width, this.#columns);
    if (!xGrad && !headGrad) return;
    this.#blocks((v, n) => {
      if (xGrad) {
        this.#bringHead(head, v, n);
        kernels.gemmPackColumns(at.raw, at.head, n, width, width, this.#columns);
        kernels.gemmPackRows(this.#score(v), at.slopes, count, n, classes, this.#panel);
        kernels.gemmMultiply(at.slopes, at.head, at.xGrad, count, width, n, width, 0);
        // Over all classes in float64: thousands of blocks one after the other would lose digits in float32.
        kernels.gemmWiden(at.xGrad, at.xSums, count * width, v > 0 ? 1 : 0);
      }
      if (headGrad) {
        const part = 1 + v / this.#block;
        job.turns?.wait(part);
        const add = job.accumulate || from > 0;
        if (add)
          bring(this.#engine, dtype, { data: headGrad, format: 'same' }, v * width, n * width, at.headGrad);
        kernels.gemmPackColumns(this.#score(v), at.slopes, count, n, classes, this.#panel);
        kernels.gemmMultiply(at.slopes, at.xColumns, at.headGrad, n, width, count, width, add ? 1 : 0);
        giveBack(this.#engine, dtype, at.headGrad, headGrad, v * width, n * width);
        job.turns?.pass(part);
      }
    });
    if (!xGrad) return;
    kernels.gemmNarrow(at.xSums, at.xGrad, count * width);
    this.#giveRows(xGrad, from, count, counted);
  }

  /** Adds the columns of the scores' gradient to the bias's. */
  #sumBias(count: number): void {
    const { classes, turns } = this.#job;
    const sums = this.#at.biasGrad;
    const add = () => this.#kernels.gemmSumColumns(this.#score(0), sums, count, classes);
    if (!turns) {
      add();
      return;
    }
    const own = this.#engine.float64.subarray(sums / 8, sums / 8 + classes);
    turns.wait(0);
    own.set(turns.biasSums);
    add();
    turns.biasSums.set(own);
    turns.pass(0);
  }

  end(): void {
    const { biasGrad, accumulate, classes } = this.#job;
    if (!biasGrad) return;
    const first = this.#at.biasGrad / 8;
    for (let c = 0; c < classes; c++)
      biasGrad[c] = this.#engine.float64[first + c] + (accumulate ? biasGrad[c] : 0);
  }

  #own() {
    return { job: this.#job, kernels: this.#kernels, at: this.#at };
  }

  /** Address of class v in the first row of the scores. */
  #score(v: number): number {
    return this.scores.byteOffset + v * this.#size;
  }

  #blocks(visit: (v: number, n: number) => void): void {
    const { classes } = this.#job;
    for (let v = 0; v < classes; v += this.#block) visit(v, Math.min(this.#block, classes - v));
  }

  #bringHead(head: Source, v: number, n: number): void {
    const { width, dtype } = this.#job;
    bring(this.#engine, dtype, head, v * width, n * width, this.#at.raw, this.#at.head);
  }

  /** Rows that do not count get zeros, whatever the head holds. */
  #giveRows(into: Real, from: number, count: number, counted: ArrayLike<number>): void {
    const { width, accumulate, dtype } = this.#job;
    const heap = this.#engine.heap(dtype);
    const first = this.#at.xGrad / this.#size;
    for (let r = 0; r < count; r++)
      if (counted[r] < 0) heap.fill(0, first + r * width, first + (r + 1) * width);
    if (accumulate)
      for (let i = 0, at = from * width; i < count * width; i++, at++) heap[first + i] += into[at];
    giveBack(this.#engine, dtype, this.#at.xGrad, into, from * width, count * width);
  }
}
