/**
 * The reference every test judges by: any loss of this package in float64, from its definition alone, with weights,
 * reductions, denominators, axis, shift and mask. It is proved against PyTorch's cases in reference.test.ts.
 */
import { ctc, type CtcOptions } from './ctc.js';
import { embedding, type EmbeddingOptions } from './embedding.js';
import { pointwise, type PointwiseOptions } from './pointwise.js';
import { rows, type RowOptions } from './rows.js';
import { Sum, sum, times } from './sums.js';

export interface ReferenceOptions extends PointwiseOptions, RowOptions, EmbeddingOptions, CtcOptions {
  weight?: ArrayLike<number> | null;
  posWeight?: ArrayLike<number> | number;
  ignoreIndex?: number;
  shift?: number;
  mask?: ArrayLike<number | bigint | boolean>;
  reduction?: 'mean' | 'sum' | 'none' | 'batchmean';
  divisor?: number;
  gradOutput?: number | ArrayLike<number>;
}

export interface ReferenceCall {
  /** In the order of the loss's arguments. */
  inputs: readonly ArrayLike<number>[];
  /** Of the first input. */
  shape: readonly number[];
  axis?: number;
  options?: ReferenceOptions;
}

export interface ReferenceAnswer {
  value: number | Float64Array;
  /** The value, as an array of one for 'mean' and 'sum'. */
  values: Float64Array;
  /** One a differentiable input, in their order. */
  grads: Float64Array[];
  divisor: number;
}

const families = [
  { losses: pointwise, answer: pointwiseLoss },
  { losses: rows, answer: rowLoss },
  { losses: embedding, answer: embeddingLoss },
  { losses: { ctcLoss: ctc }, answer: ctcLoss },
];

export const referenceNames: readonly string[] = families.flatMap(({ losses }) => Object.keys(losses));

export function reference(name: string, call: ReferenceCall): ReferenceAnswer {
  const family = families.find(({ losses }) => name in losses);
  if (family === undefined) throw new Error(`no reference for ${name}`);
  return family.answer(name, call);
}

/** Elements of an array that has one entry an element, or one a class of `axis`. */
function perElement(values: ArrayLike<number> | number | null | undefined, call: ReferenceCall) {
  if (values === undefined || values === null) return () => 1;
  if (typeof values === 'number') return () => values;
  if (values.length === call.inputs[0]!.length) return (i: number) => values[i]!;
  const { classes, inner } = strides(call);
  return (i: number) => values[Math.floor(i / inner) % classes]!;
}

function strides({ shape, axis = -1 }: ReferenceCall) {
  const at = axis < 0 ? shape.length + axis : axis;
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  return { outer: product(shape.slice(0, at)), classes: shape[at] ?? 1, inner: product(shape.slice(at + 1)) };
}

function upstream(options: ReferenceOptions, scale: number) {
  const { gradOutput = 1 } = options;
  if (typeof gradOutput === 'number') return () => gradOutput * scale;
  return (i: number) => gradOutput[i]! * scale;
}

interface Totals {
  losses: Float64Array;
  grads: Float64Array[];
  divisor: number;
  value: number;
  options: ReferenceOptions;
}

function finish({ losses, grads, divisor, value, options }: Totals): ReferenceAnswer {
  return options.reduction === 'none'
    ? { value: losses, values: losses, grads, divisor }
    : { value, values: Float64Array.of(value), grads, divisor };
}

/** Losses that count alike: `counted` is what 'mean' divides by, `row(k, i)` the loss that element i of gradient k belongs to. */
function reduce(
  losses: Float64Array,
  grads: Float64Array[],
  counted: number,
  call: ReferenceCall,
  row: (k: number, i: number) => number,
): ReferenceAnswer {
  const { options = {}, shape } = call;
  const { reduction = 'mean' } = options;
  const divisor = reduction === 'batchmean' ? (shape[0] ?? 1) : (options.divisor ?? counted);
  const divided = reduction === 'mean' || reduction === 'batchmean';
  const empty = divided && divisor === 0;
  const g = upstream(options, divided && !empty ? 1 / divisor : 1);
  for (const [k, grad] of grads.entries())
    for (let i = 0; i < grad.length; i++) grad[i] = empty ? 0 : grad[i]! * g(row(k, i));
  const total = sum(losses);
  return finish({
    losses,
    grads,
    divisor,
    value: divided ? (empty ? NaN : total / divisor) : total,
    options,
  });
}

function pointwiseLoss(name: string, call: ReferenceCall): ReferenceAnswer {
  const { inputs, options = {} } = call;
  const { of, meanOverWeights, order = [0, 1] } = pointwise[name]!;
  const [x, t, v] = order.map((at) => inputs[at]!) as [
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>?,
  ];
  const weight = perElement(options.weight, call);
  const posWeight = perElement(options.posWeight, call);
  const n = x.length;
  const losses = new Float64Array(n);
  const slopes = [new Float64Array(n), ...(v ? [new Float64Array(n)] : [])];
  const weights = new Sum();
  /** The second input may have one number a row. */
  const width = v ? n / v.length : 1;
  const other = (i: number) => (v ? v[Math.floor(i / width)]! : 0);
  for (let i = 0; i < n; i++) {
    const [loss, ...slope] = of(x[i]!, t[i]!, options, posWeight(i), other(i));
    losses[i] = times(weight(i), loss);
    slopes.forEach((grad, k) => (grad[i] = times(weight(i), slope[k]!)));
    weights.add(weight(i));
  }
  const answer = reduce(losses, slopes, meanOverWeights ? weights.value : n, call, (_, i) => i);
  if (width === 1) return answer;
  const ofRows = Float64Array.from(v!, (_, r) => sum(slopes[1]!.subarray(r * width, (r + 1) * width)));
  return { ...answer, grads: [slopes[0]!, ofRows] };
}

function embeddingLoss(name: string, call: ReferenceCall): ReferenceAnswer {
  const { inputs, shape, options = {} } = call;
  const { of, vectors, labels } = embedding[name]!;
  const dim = shape[shape.length - 1]!;
  const count = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const given = inputs.slice(0, vectors).map((input) => Float64Array.from(input));
  const grads = given.map((input) => new Float64Array(input.length));
  const rowOf = (all: Float64Array, r: number) => all.subarray(r * dim, (r + 1) * dim);
  const losses = Float64Array.from({ length: count }, (_, r) =>
    of(
      given.map((all) => rowOf(all, r)),
      labels ? inputs[vectors]![r]! : 0,
      options,
      grads.map((all) => rowOf(all, r)),
    ),
  );
  return reduce(losses, grads, count, call, (_, i) => Math.floor(i / dim));
}

/** [T, N, C] against padded [N, S] or concatenated labels; 'mean' takes each loss divided by its number of labels. */
function ctcLoss(_: string, call: ReferenceCall): ReferenceAnswer {
  const { inputs, shape, options = {} } = call;
  const [x, labels, inputLengths, targetLengths] = inputs as [
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
  ];
  const [T, N, C] = shape as [number, number, number];
  const grad = new Float64Array(T * N * C);
  const losses = new Float64Array(N);
  const total = Array.from(targetLengths).reduce((a, b) => a + b, 0);
  const padded = labels.length !== total;
  const isMean = (options.reduction ?? 'mean') === 'mean';
  let start = 0;
  for (let n = 0; n < N; n++) {
    const length = targetLengths[n]!;
    if (padded) start = (n * labels.length) / N;
    const answer = ctc({
      frames: Array.from({ length: inputLengths[n]! }, (_, t) =>
        Float64Array.from({ length: C }, (_, c) => x[(t * N + n) * C + c]!),
      ),
      labels: Array.from({ length }, (_, s) => labels[start + s]!),
      options,
    });
    start += length;
    const share = isMean ? Math.max(1, length) : 1;
    losses[n] = answer.loss / share;
    answer.grads.forEach((g, t) =>
      grad.set(
        g.map((v) => v / share),
        (t * N + n) * C,
      ),
    );
  }
  return reduce(losses, [grad], N, call, (_, i) => Math.floor(i / C) % N);
}

function rowLoss(name: string, call: ReferenceCall): ReferenceAnswer {
  const { inputs, shape, options = {} } = call;
  const [input, target] = inputs as [ArrayLike<number>, ArrayLike<number>];
  const { reduction = 'mean', ignoreIndex = -100, shift = 0, mask, weight } = options;
  const { of, mean, soft } = rows[name]!;
  const { outer, classes, inner } = strides(call);
  const count = outer * inner;
  /** With shift, logits are [..., T, C]: row t of a sequence is scored against its target t + shift. */
  const length = shape.length >= 2 ? shape[shape.length - 2]! : 1;
  const losses = new Float64Array(count);
  const zs = new Float64Array(count);
  const grad = new Float64Array(input.length);
  const gz = new Float64Array(input.length);
  const weights = new Sum();
  let counted = 0;
  for (let r = 0; r < count; r++) {
    if (shift > 0 && (r % length) + shift >= length) continue;
    const at = r + shift;
    const y = soft ? -1 : Number(target[at]);
    if (!soft && y === ignoreIndex) continue;
    if (mask && Number(mask[at]) === 0) continue;
    const base = Math.floor(r / inner) * classes * inner + (r % inner);
    const take = (from: ArrayLike<number>) =>
      Float64Array.from({ length: classes }, (_, c) => from[base + c * inner]!);
    const w = (c: number) => (weight ? weight[c]! : 1);
    const g = new Float64Array(classes);
    const z = new Float64Array(classes);
    const q = soft ? take(target) : undefined;
    const row = of({ x: take(input), y, q, weight: w, options, g, gz: z });
    losses[r] = row.loss;
    zs[r] = row.z;
    for (let c = 0; c < classes; c++) {
      grad[base + c * inner] = g[c]!;
      gz[base + c * inner] = z[c]!;
    }
    counted += 1;
    weights.add(mean === 'weights' ? w(y) : 1);
  }
  const total = sum(losses);
  const totalZ = sum(zs);
  const divisor = options.divisor ?? (mean === 'batch' && !mask ? shape[0]! : weights.value);
  const zDivisor = options.divisor ?? counted;
  // Nothing counted: the mean is NaN (0 with a given divisor) and no gradient flows.
  const empty = divisor === 0 || counted === 0;
  const isMean = reduction === 'mean';
  const main = upstream(options, isMean ? 1 / divisor : 1);
  const extra = upstream(options, isMean ? 1 / zDivisor : 1);
  for (let i = 0; i < grad.length; i++) {
    const r = Math.floor(i / (classes * inner)) * inner + (i % inner);
    grad[i] = isMean && empty ? 0 : grad[i]! * main(r) + gz[i]! * extra(r);
  }
  if (reduction === 'none') for (let r = 0; r < count; r++) losses[r]! += zs[r]!;
  const average = empty && options.divisor === undefined ? NaN : total / divisor + totalZ / zDivisor;
  return finish({ losses, grads: [grad], divisor, value: isMean ? average : total + totalZ, options });
}
