/**
 * The reference every test judges by: any loss of this package in float64, from its definition alone, with weights,
 * reductions, denominators, axis, shift and mask. It is proved against PyTorch's cases in reference.test.ts.
 */
import { pointwise, type PointwiseOptions } from './pointwise.js';
import { rows, type RowOptions } from './rows.js';
import { Sum, sum, times } from './sums.js';

export interface ReferenceOptions extends PointwiseOptions, RowOptions {
  weight?: ArrayLike<number> | null;
  posWeight?: ArrayLike<number> | number;
  ignoreIndex?: number;
  shift?: number;
  mask?: ArrayLike<number | bigint | boolean>;
  reduction?: 'mean' | 'sum' | 'none';
  divisor?: number;
  gradOutput?: number | ArrayLike<number>;
}

export interface ReferenceCall {
  input: ArrayLike<number>;
  target: ArrayLike<number>;
  shape: readonly number[];
  axis?: number;
  options?: ReferenceOptions;
}

export interface ReferenceAnswer {
  value: number | Float64Array;
  /** The value, as an array of one for 'mean' and 'sum'. */
  values: Float64Array;
  grad: Float64Array;
  divisor: number;
}

export const referenceNames: readonly string[] = [...Object.keys(pointwise), ...Object.keys(rows)];

export function reference(name: string, call: ReferenceCall): ReferenceAnswer {
  if (name in pointwise) return pointwiseLoss(name, call);
  if (name in rows) return rowLoss(name, call);
  throw new Error(`no reference for ${name}`);
}

/** Elements of an array that has one entry an element, or one a class of `axis`. */
function perElement(values: ArrayLike<number> | number | null | undefined, call: ReferenceCall) {
  if (values === undefined || values === null) return () => 1;
  if (typeof values === 'number') return () => values;
  if (values.length === call.input.length) return (i: number) => values[i]!;
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

function finish(losses: Float64Array, grad: Float64Array, divisor: number, value: number, none: boolean) {
  return none
    ? { value: losses, values: losses, grad, divisor }
    : { value, values: Float64Array.of(value), grad, divisor };
}

function pointwiseLoss(name: string, call: ReferenceCall): ReferenceAnswer {
  const { input, target, options = {} } = call;
  const { reduction = 'mean' } = options;
  const { of, meanOverWeights } = pointwise[name]!;
  const weight = perElement(options.weight, call);
  const posWeight = perElement(options.posWeight, call);
  const n = input.length;
  const losses = new Float64Array(n);
  const grad = new Float64Array(n);
  const weights = new Sum();
  for (let i = 0; i < n; i++) {
    const [loss, slope] = of(input[i]!, target[i]!, options, posWeight(i));
    losses[i] = times(weight(i), loss);
    grad[i] = times(weight(i), slope);
    weights.add(weight(i));
  }
  const counted = meanOverWeights ? weights.value : n;
  const divisor = options.divisor ?? counted;
  const scale = reduction === 'mean' ? (divisor === 0 ? 0 : 1 / divisor) : 1;
  const g = upstream(options, scale);
  for (let i = 0; i < n; i++) grad[i] = divisor === 0 && reduction === 'mean' ? 0 : grad[i]! * g(i);
  const total = sum(losses);
  const mean = divisor === 0 ? NaN : total / divisor;
  return finish(losses, grad, divisor, reduction === 'mean' ? mean : total, reduction === 'none');
}

function rowLoss(name: string, call: ReferenceCall): ReferenceAnswer {
  const { input, target, shape, options = {} } = call;
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
  const divisor = options.divisor ?? weights.value;
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
  return finish(losses, grad, divisor, isMean ? average : total + totalZ, reduction === 'none');
}
