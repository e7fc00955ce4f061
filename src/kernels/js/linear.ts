/** Scores of rows against a head and the gradients of both, as loops in float64. What runs where WebAssembly cannot. */
import type { LinearJob, LinearScores, Real } from '../jobs.js';
import { readSource, type Source } from '../source.js';

/** Numbers of scores held at once. */
const SCORES = 1 << 20;
const ROWS = 256;

export class JsScores implements LinearScores {
  readonly chunk: number;
  readonly scores: Float64Array;
  readonly #job: LinearJob;
  readonly #x: Float64Array;
  readonly #xGrad: Float64Array;
  readonly #row: Float64Array;
  readonly #biasGrad: Float64Array;

  constructor(job: LinearJob) {
    const { rows, width, classes } = job;
    this.#job = job;
    this.chunk = Math.max(1, Math.min(rows, ROWS, Math.floor(SCORES / classes)));
    this.scores = new Float64Array(this.chunk * classes);
    this.#x = new Float64Array(this.chunk * width);
    this.#xGrad = new Float64Array(job.xGrad ? this.chunk * width : 0);
    this.#row = new Float64Array(width);
    this.#biasGrad = new Float64Array(job.biasGrad ? classes : 0);
  }

  fill(from: number, count: number, counted: ArrayLike<number>): void {
    const { x, bias, width, classes } = this.#job;
    readSource(x, from * width, count * width, this.#x, 0);
    for (let r = 0; r < count; r++) if (counted[r] < 0) this.#x.fill(0, r * width, (r + 1) * width);
    const biases = new Float64Array(classes);
    if (bias) readSource(bias, 0, classes, biases, 0);
    for (let v = 0; v < classes; v++) {
      const row = this.#headRow(v);
      for (let r = 0, at = 0; r < count; r++) {
        let sum = 0;
        if (counted[r] >= 0) for (let h = 0; h < width; h++) sum += this.#x[at + h] * row[h];
        this.scores[r * classes + v] = sum + biases[v];
        at += width;
      }
    }
  }

  gradients(from: number, count: number, counted: ArrayLike<number>): void {
    const { width, classes, xGrad, headGrad, biasGrad, accumulate } = this.#job;
    const slopes = this.scores;
    const add = accumulate || from > 0;
    if (xGrad) this.#xGrad.fill(0);
    for (let v = 0; v < classes; v++) {
      if (biasGrad) for (let r = 0; r < count; r++) this.#biasGrad[v] += slopes[r * classes + v];
      if (xGrad) {
        const row = this.#headRow(v);
        for (let r = 0, at = 0; r < count; r++, at += width) {
          const slope = slopes[r * classes + v];
          if (counted[r] >= 0) for (let h = 0; h < width; h++) this.#xGrad[at + h] += slope * row[h];
        }
      }
      if (headGrad) this.#giveHeadRow(headGrad, v, count, counted, add);
    }
    if (!xGrad) return;
    for (let i = 0, at = from * width; i < count * width; i++, at++)
      xGrad[at] = this.#xGrad[i] + (accumulate ? xGrad[at] : 0);
  }

  end(): void {
    const { biasGrad, accumulate } = this.#job;
    if (biasGrad)
      for (let v = 0; v < biasGrad.length; v++)
        biasGrad[v] = this.#biasGrad[v] + (accumulate ? biasGrad[v] : 0);
  }

  #headRow(v: number): Float64Array {
    const { head, width } = this.#job;
    readSource(head as Source, v * width, width, this.#row, 0);
    return this.#row;
  }

  #giveHeadRow(into: Real, v: number, count: number, counted: ArrayLike<number>, add: boolean): void {
    const { width, classes } = this.#job;
    const row = this.#row.fill(0);
    for (let r = 0, at = 0; r < count; r++, at += width) {
      const slope = this.scores[r * classes + v];
      if (counted[r] >= 0) for (let h = 0; h < width; h++) row[h] += slope * this.#x[at + h];
    }
    for (let h = 0, at = v * width; h < width; h++, at++) into[at] = row[h] + (add ? into[at] : 0);
  }
}
