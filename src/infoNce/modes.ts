/** What queries are set against, mode by mode: which rows make the head, which class is right, and where the scores' gradients go. */
import type { Side } from '../backend.js';
import { type Contrast, dot, Rows, runContrast } from '../contrastive.js';
import type { Real } from '../kernels/jobs.js';
import { newReal, type Source } from '../kernels/source.js';
import type { InfoNceMode, Inputs } from './inputs.js';

/** One call, its results as they come. */
export interface Call {
  readonly inputs: Inputs;
  readonly side: Side;
  readonly temperature: number;
  readonly normalize: boolean;
  readonly scale: number;
  readonly gradOutput: Source | null;
  readonly out: Real | null;
  /** Zeroed, as long as the inputs; null: not wanted. */
  readonly grads: Readonly<Record<'query' | 'positive' | 'negatives', Real | null>>;
}

const scaled = (rows: Real, factor: number): Real => rows.map((value) => value * factor);

/** q·pᵀ/T, each query against its positive among all. With `backward` the gradients go through the lengths. */
function inBatch(
  call: Call,
  q: Rows,
  p: Rows,
  part: Pick<Contrast, 'scale' | 'out' | 'xGrad' | 'headGrad'>,
): number {
  const { inputs, side, temperature, gradOutput } = call;
  const { dtype, n, dim } = inputs;
  return runContrast(side, {
    dtype,
    rows: n,
    width: dim,
    classes: n,
    x: scaled(q.data, 1 / temperature),
    head: p.data,
    target: (row) => row,
    gradOutput,
    ...part,
  });
}

const rowsOf = ({ inputs, normalize }: Call, source: Source, count: number): Rows =>
  new Rows(inputs.dtype, source, count, inputs.dim, normalize);

/** Multiplies a gradient by 1/T, as its rows were. */
function unscale(grad: Real | null, temperature: number): void {
  if (grad) for (let i = 0; i < grad.length; i++) grad[i] /= temperature;
}

function runInbatch(call: Call): number {
  const { inputs, temperature, grads, scale, out } = call;
  const [q, p] = [rowsOf(call, inputs.query, inputs.n), rowsOf(call, inputs.positive, inputs.n)];
  const total = inBatch(call, q, p, { scale, out, xGrad: grads.query, headGrad: grads.positive });
  unscale(grads.query, temperature);
  if (grads.query) q.backward(grads.query);
  if (grads.positive) p.backward(grads.positive);
  return total;
}

function runSymmetric(call: Call): number {
  const { inputs, temperature, grads, scale, out } = call;
  const { dtype, n, dim } = inputs;
  const [q, p] = [rowsOf(call, inputs.query, n), rowsOf(call, inputs.positive, n)];
  const half = scale / 2;
  const other = out && newReal(dtype, n);
  const forward = inBatch(call, q, p, { scale: half, out, xGrad: grads.query, headGrad: grads.positive });
  unscale(grads.query, temperature);
  const back = grads.positive && newReal(dtype, n * dim);
  const backward = inBatch(call, p, q, { scale: half, out: other, xGrad: back, headGrad: grads.query });
  if (grads.positive && back)
    for (let i = 0; i < back.length; i++) grads.positive[i] += back[i] / temperature;
  if (out && other) for (let i = 0; i < n; i++) out[i] = (out[i] + other[i]) / 2;
  if (grads.query) q.backward(grads.query);
  if (grads.positive) p.backward(grads.positive);
  return (forward + backward) / 2;
}

/** z = [q; p] against itself without the diagonal: row i has its positive at i ± N. */
function runNtxent(call: Call): number {
  const { inputs, side, temperature, grads, scale, out, gradOutput } = call;
  const { dtype, n, dim } = inputs;
  const [q, p] = [rowsOf(call, inputs.query, n), rowsOf(call, inputs.positive, n)];
  const z = newReal(dtype, 2 * n * dim);
  z.set(q.data, 0);
  z.set(p.data, n * dim);
  const wanted = grads.query !== null || grads.positive !== null;
  const [xGrad, headGrad] = wanted ? [newReal(dtype, z.length), newReal(dtype, z.length)] : [null, null];
  const total = runContrast(side, {
    dtype,
    rows: 2 * n,
    width: dim,
    classes: 2 * n,
    x: scaled(z, 1 / temperature),
    head: z,
    target: (row) => (row + n) % (2 * n),
    scale,
    gradOutput,
    out,
    xGrad,
    headGrad,
    adjust(scores, from, count) {
      for (let r = 0; r < count; r++) scores[r * 2 * n + from + r] = -Infinity;
    },
  });
  for (const [grad, rows, first] of [
    [grads.query, q, 0],
    [grads.positive, p, n * dim],
  ] as const) {
    if (!grad) continue;
    for (let i = 0; i < grad.length; i++) grad[i] = xGrad![first + i] / temperature + headGrad![first + i];
    rows.backward(grad);
  }
  return total;
}

/** [q·p, q·negᵀ]/T: class 0 is the positive. Its place among the head is a row of zeros. */
function runUnpaired(call: Call): number {
  const { inputs, side, temperature, grads, scale, out, gradOutput } = call;
  const { dtype, n, dim, m } = inputs;
  const [q, p] = [rowsOf(call, inputs.query, n), rowsOf(call, inputs.positive, n)];
  const negatives = rowsOf(call, inputs.negatives!, m);
  const head = newReal(dtype, (m + 1) * dim);
  head.set(negatives.data, dim);
  const headGrad = grads.negatives && newReal(dtype, head.length);
  const wanted = grads.query !== null || grads.positive !== null || headGrad !== null;
  const own = new Float64Array(n);
  const total = runContrast(side, {
    dtype,
    rows: n,
    width: dim,
    classes: m + 1,
    x: scaled(q.data, 1 / temperature),
    head,
    target: () => 0,
    scale,
    gradOutput,
    out,
    xGrad: grads.query,
    headGrad,
    adjust(scores, from, count) {
      for (let r = 0; r < count; r++) {
        const at = (from + r) * dim;
        scores[r * (m + 1)] = dot(q.data, at, p.data, at, dim) / temperature;
      }
    },
    ...(wanted && {
      collect(slopes: Real, from: number, count: number) {
        for (let r = 0; r < count; r++) {
          own[from + r] = slopes[r * (m + 1)];
          slopes[r * (m + 1)] = 0;
        }
      },
    }),
  });
  for (let i = 0; i < n * dim; i++) {
    const slope = own[Math.floor(i / dim)];
    if (grads.query) grads.query[i] = (grads.query[i] + slope * p.data[i]) / temperature;
    if (grads.positive) grads.positive[i] = (slope * q.data[i]) / temperature;
  }
  if (grads.negatives && headGrad) {
    grads.negatives.set(headGrad.subarray(dim));
    negatives.backward(grads.negatives);
  }
  if (grads.query) q.backward(grads.query);
  if (grads.positive) p.backward(grads.positive);
  return total;
}

/** [q·p, q·neg_m]/T with negatives of each query's own: products row by row. */
function runPaired(call: Call): number {
  const { inputs, side, temperature, grads, scale, out, gradOutput } = call;
  const { dtype, n, dim, m } = inputs;
  const [q, p] = [rowsOf(call, inputs.query, n), rowsOf(call, inputs.positive, n)];
  const negatives = rowsOf(call, inputs.negatives!, n * m);
  const wanted = grads.query !== null || grads.positive !== null || grads.negatives !== null;
  const { query, positive } = grads;
  /** Class c of row r: the rows that it compares, and where their gradients go. */
  const other = (r: number, c: number) =>
    c === 0
      ? { data: p.data, at: r * dim, grad: positive }
      : { data: negatives.data, at: (r * m + c - 1) * dim, grad: grads.negatives };
  const total = runContrast(side, {
    dtype,
    rows: n,
    width: 1,
    classes: m + 1,
    x: newReal(dtype, n),
    head: newReal(dtype, m + 1),
    target: () => 0,
    scale,
    gradOutput,
    out,
    xGrad: null,
    headGrad: null,
    adjust(scores, from, count) {
      for (let r = 0; r < count; r++)
        for (let c = 0; c <= m; c++) {
          const { data, at } = other(from + r, c);
          scores[r * (m + 1) + c] = dot(q.data, (from + r) * dim, data, at, dim) / temperature;
        }
    },
    ...(wanted && {
      collect(slopes: Real, from: number, count: number) {
        for (let r = 0; r < count; r++)
          for (let c = 0; c <= m; c++) {
            const { data, at, grad } = other(from + r, c);
            const slope = slopes[r * (m + 1) + c] / temperature;
            const row = (from + r) * dim;
            if (query) for (let i = 0; i < dim; i++) query[row + i] += slope * data[at + i];
            if (grad) for (let i = 0; i < dim; i++) grad[at + i] = slope * q.data[row + i];
          }
      },
    }),
  });
  if (query) q.backward(query);
  if (positive) p.backward(positive);
  if (grads.negatives) negatives.backward(grads.negatives);
  return total;
}

export const modes: Record<InfoNceMode, (call: Call) => number> = {
  inbatch: runInbatch,
  symmetric: runSymmetric,
  ntxent: runNtxent,
  unpaired: runUnpaired,
  paired: runPaired,
};
