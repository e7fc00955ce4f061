/**
 * The driver of the row-wise fallback loops: visits the rows in order, decodes those that are not in an ordinary array of the job's dtype,
 * and leaves out the rows that do not count. Knows no loss.
 */
import type { Real, RowJob } from '../jobs.js';
import { elementOf, readStrided } from '../source.js';
import { fillRow } from './softmaxRow.js';
import type { IndexLoop, PlainLoop, SoftLoop } from './types.js';

const chunk = 1024;
let classOf: Int32Array | undefined;
const result = new Float64Array(4);
const decoded = {
  float32: [new Float32Array(0), new Float32Array(0)],
  float64: [new Float64Array(0), new Float64Array(0)],
};

function decodedRow(dtype: RowJob['dtype'], which: 0 | 1, classes: number): Real {
  if (decoded[dtype][which].length < classes) {
    if (dtype === 'float32') decoded.float32[which] = new Float32Array(classes);
    else decoded.float64[which] = new Float64Array(classes);
  }
  return decoded[dtype][which];
}

/** The row's own scale: with its upstream gradient where there is one. */
function scaleOf(job: RowJob, r: number): number {
  if (!job.gradOutput) return job.scale;
  return job.scale * elementOf(job.gradOutput, r);
}

/** Books a row's result; a row that does not count was not run and gets zeros. */
function settle(job: RowJob, r: number, at: number, slopes: Real | null): void {
  job.totals[0] += result[0];
  job.totals[1] += result[1];
  if (job.terms) {
    job.terms[2 * r] = result[0];
    job.terms[2 * r + 1] = result[1];
  }
  if (job.out) job.out[r] = result[0] + result[1];
  if (job.stats) {
    job.stats.entropy[r] = result[2];
    job.stats.argmax[r] = result[3];
  }
  if (job.grad && !slopes) fillRow(job.grad, at, job.inner, job.classes, 0);
}

export function runIndexRows(loop: IndexLoop, job: RowJob): void {
  const { outer, classes, inner, input, classWeight, constants, grad, totals } = job;
  const targets = job.targets!;
  const inputs = input.format === 'same' ? (input.data as Real) : null;
  const row = inputs ?? decodedRow(job.dtype, 0, classes);
  const direct = targets.direct;
  const list = direct ?? (classOf ??= new Int32Array(chunk));
  const rows = outer * inner;
  totals[0] = totals[1] = 0;
  for (let o = 0, r = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++, r++) {
      if (!direct && r % chunk === 0) targets.read(r, Math.min(chunk, rows - r), list, 0);
      const y = list[direct ? r : r % chunk];
      const at = o * classes * inner + j;
      if (y < 0 || y >= classes || y === targets.ignoreIndex) {
        result[0] = result[1] = result[2] = 0;
        result[3] = -1;
        settle(job, r, at, null);
        continue;
      }
      const scale = grad ? scaleOf(job, r) : 0;
      const slopes = grad;
      const w = classWeight ? classWeight[y] : 1;
      if (!inputs) readStrided(input, at, inner, classes, row, 0);
      const xAt = inputs ? at : 0;
      const xStep = inputs ? inner : 1;
      loop(row, xAt, xStep, slopes, at, inner, classes, y, w, scale, constants, classWeight, result);
      settle(job, r, at, slopes);
    }
  }
}

export function runSoftRows(loop: SoftLoop, job: RowJob): void {
  const { outer, classes, inner, input, classWeight, constants, grad, totals } = job;
  const soft = job.soft!;
  const inputs = input.format === 'same' ? (input.data as Real) : null;
  const row = inputs ?? decodedRow(job.dtype, 0, classes);
  const values = soft.format === 'same' ? (soft.data as Real) : null;
  const softRow = values ?? decodedRow(job.dtype, 1, classes);
  const counted = (classOf ??= new Int32Array(chunk));
  totals[0] = totals[1] = 0;
  for (let o = 0, r = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++, r++) {
      const at = o * classes * inner + j;
      // Targets of a soft loss only say which rows count.
      if (job.targets && r % chunk === 0) job.targets.read(r, Math.min(chunk, outer * inner - r), counted, 0);
      if (job.targets && counted[r % chunk] < 0) {
        result[0] = result[1] = 0;
        settle(job, r, at, null);
        continue;
      }
      const scale = grad ? scaleOf(job, r) : 0;
      const slopes = grad;
      if (!inputs) readStrided(input, at, inner, classes, row, 0);
      if (!values) readStrided(soft, at, inner, classes, softRow, 0);
      const xAt = inputs ? at : 0;
      const xStep = inputs ? inner : 1;
      const qAt = values ? at : 0;
      const qStep = values ? inner : 1;
      loop(
        row,
        xAt,
        xStep,
        softRow,
        qAt,
        qStep,
        slopes,
        at,
        inner,
        classes,
        scale,
        constants,
        classWeight,
        result,
      );
      settle(job, r, at, slopes);
    }
  }
}

export function runPlainRows(loop: PlainLoop, job: RowJob): void {
  const { outer, classes, inner, input, grad, totals } = job;
  const inputs = input.format === 'same' ? (input.data as Real) : null;
  const row = inputs ?? decodedRow(job.dtype, 0, classes);
  totals[0] = totals[1] = 0;
  for (let o = 0, r = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++, r++) {
      const at = o * classes * inner + j;
      const scale = grad ? scaleOf(job, r) : 0;
      if (!inputs) readStrided(input, at, inner, classes, row, 0);
      const xAt = inputs ? at : 0;
      const xStep = inputs ? inner : 1;
      loop(row, xAt, xStep, grad, at, inner, classes, scale, result);
      settle(job, r, at, grad);
    }
  }
}
