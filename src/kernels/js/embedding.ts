/** The driver of the fallback losses of rows of two or three inputs: decodes what is not an ordinary array of the job's dtype. Knows no loss. */
import type { EmbeddingJob, Real } from '../jobs.js';
import { elementOf, readSource, type Source } from '../source.js';
import type { EmbeddingLoop } from './types.js';

const decoded = {
  float32: [0, 1, 2].map(() => new Float32Array(0)),
  float64: [0, 1, 2].map(() => new Float64Array(0)),
};

/** The array itself where a loop can read it, else room for a row of it. */
function arrayFor(source: Source, dtype: EmbeddingJob['dtype'], which: number, dim: number): Real {
  if (source.format === 'same') return source.data as Real;
  if (decoded[dtype][which].length < dim) {
    if (dtype === 'float32') decoded.float32[which] = new Float32Array(dim);
    else decoded.float64[which] = new Float64Array(dim);
  }
  return decoded[dtype][which];
}

/** Runs `loop` over the job's rows and gives the sum of their losses. */
export function runEmbedding(loop: EmbeddingLoop, job: EmbeddingJob): number {
  const { dtype, rows, dim, inputs, labels, gradOutput, constants, out } = job;
  const [first, second] = inputs;
  const third = inputs.length > 2 ? inputs[2] : null;
  const x = arrayFor(first, dtype, 0, dim);
  const y = arrayFor(second, dtype, 1, dim);
  const z = third ? arrayFor(third, dtype, 2, dim) : x;
  const xIsRow = x !== first.data;
  const yIsRow = y !== second.data;
  const zIsRow = third ? z !== third.data : xIsRow;
  const gx = job.grads[0];
  const gy = job.grads[1];
  const gz = third ? job.grads[2] : null;
  let total = 0;
  for (let r = 0, at = 0; r < rows; r++, at += dim) {
    if (xIsRow) readSource(first, at, dim, x, 0);
    if (yIsRow) readSource(second, at, dim, y, 0);
    if (third && zIsRow) readSource(third, at, dim, z, 0);
    const xAt = xIsRow ? 0 : at;
    const yAt = yIsRow ? 0 : at;
    const zAt = zIsRow ? 0 : at;
    const label = labels ? elementOf(labels, r) : 0;
    const scale = gradOutput ? job.scale * elementOf(gradOutput, r) : job.scale;
    const loss = loop(x, xAt, y, yAt, z, zAt, label, gx, gy, gz, at, dim, scale, constants);
    total += loss;
    if (job.terms) job.terms[r] = loss;
    if (out) out[r] = loss;
  }
  return total;
}
