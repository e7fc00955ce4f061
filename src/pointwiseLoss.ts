/** The family of losses of one element of `input` against the same element of `target`: checks, weights, denominators; no formula. */
import { kernelsFor } from './backend.js';
import { domainsOf } from './domain.js';
import type { Domain, Dtype, Pattern, PointwiseJob } from './kernels/jobs.js';
import { sumSource } from './kernels/source.js';
import type { PointwiseName } from './kernels/table.js';
import { type Definition, type Evaluation, defineLoss } from './loss.js';
import type { Settled } from './options.js';
import type { Parameter } from './parameters.js';
import { planReduction, reduced } from './reduce.js';
import {
  checkDtypes,
  checkMatching,
  checkShape,
  type Input,
  parseNumbers,
  parseReal,
  product,
  type RealInput,
} from './tensor.js';
import type { BinaryLoss, CommonOptions } from './types.js';

interface PointwiseDefinition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** The kernel, by the options where a limit of one loss is another. */
  kernel(options: Settled): PointwiseName;
  /** The kernel's numbers, in the order of table.ts. */
  constants(options: Settled): readonly number[];
  /** Targets that are labels (0/1, ±1) come as any numbers; else they share the input's dtype. */
  readonly labels?: boolean;
  readonly domain?: { readonly input?: Domain; readonly target?: Domain };
  /** 'weight' makes the mean Σ loss / Σ weight instead of / n. */
  readonly weightedMean?: boolean;
}

export function pointwiseLoss<T, O extends CommonOptions>(definition: PointwiseDefinition): BinaryLoss<T, O> {
  const full: Definition = {
    name: definition.name,
    inputs: ['input', 'target'],
    parameters: definition.parameters,
    evaluate: (inputs, options, wantGrad) => evaluate(definition, inputs, options, wantGrad),
  };
  return defineLoss(full);
}

function evaluate(
  definition: PointwiseDefinition,
  inputs: readonly unknown[],
  options: Settled,
  wantGrad: boolean,
): Evaluation {
  const fn = definition.name;
  const input = parseReal(fn, 'input', inputs[0]);
  const { dtype, length } = input;
  const target = definition.labels
    ? parseNumbers(fn, 'target', inputs[1], dtype)
    : parseReal(fn, 'target', inputs[1]);
  checkMatching(fn, 'input', input, 'target', target);
  if (!definition.labels) checkDtypes(fn, 'input', input, 'target', target as RealInput);
  const shape = shapeOf(fn, input, options);
  const weight = patternOf(fn, 'weight', options.weight, dtype, length, shape, options.axis as number);
  const posWeight = patternOf(
    fn,
    'posWeight',
    options.posWeight,
    dtype,
    length,
    shape,
    options.axis as number,
  );
  const counted = weight && definition.weightedMean ? sumPattern(weight, length) : length;
  const plan = planReduction(
    fn,
    options,
    dtype,
    length,
    length,
    counted,
    wantGrad,
    [input, target],
    [weight?.source, posWeight?.source],
  );

  const { reduction, divisor, scale, grad, out } = plan;
  const job: PointwiseJob = {
    dtype,
    length,
    input,
    target,
    domains: definition.domain ? domainsOf(fn, definition.domain, { input, target }) : null,
    weight,
    posWeight,
    gradOutput: grad ? plan.gradOutput : null,
    constants: definition.constants(options),
    scale,
    grad: scale === 0 ? null : grad,
    out,
  };
  const total = kernelsFor(dtype, length).pointwise(definition.kernel(options), job);
  if (scale === 0 && grad) grad.fill(0);
  return { value: out ?? reduced(reduction, total, divisor), grad, divisor };
}

/** The shape, where the call or the input has one. */
function shapeOf(fn: string, input: Input, options: Settled): readonly number[] | null {
  let shape = input.shape;
  if (options.shape !== null) shape = checkShape(fn, 'shape', options.shape);
  else if (options.classes !== null && !shape)
    shape = [input.length / (options.classes as number), options.classes as number];
  if (shape && (product(shape) !== input.length || !Number.isInteger(shape[0] ?? 1))) {
    throw new RangeError(
      `${fn}: shape [${shape.join(', ')}] does not fit the ${input.length} elements of input`,
    );
  }
  const axis = options.axis as number;
  if (shape && shape.length > 0 && !(axis >= -shape.length && axis < shape.length)) {
    throw new RangeError(`${fn}: axis is ${axis}, expected an axis of shape [${shape.join(', ')}]`);
  }
  return shape;
}

/** weight and posWeight: a number, one an element, or one a class over the class axis. */
function patternOf(
  fn: string,
  name: string,
  given: unknown,
  dtype: Dtype,
  length: number,
  shape: readonly number[] | null,
  axis: number,
): Pattern | null {
  if (given === null || given === undefined) return null;
  if (typeof given === 'number' && name === 'posWeight')
    return { source: { data: [given], format: 'numbers' }, inner: 1 };
  const source = parseNumbers(fn, name, given, dtype);
  if (
    source.length === length &&
    (source.shape === null || source.shape.length > 1 || shape?.length === 1 || !shape)
  )
    return { source, inner: 1 };
  if (source.shape && source.shape.length !== 1) {
    throw new RangeError(
      `${fn}: ${name} has shape [${source.shape.join(', ')}], expected one number an element, or [C]`,
    );
  }
  if (!shape) {
    if (source.length > 0 && length % source.length === 0) return { source, inner: 1 };
    throw new RangeError(
      `${fn}: ${name} has ${source.length} elements, expected ${length}, or a number that divides it (one a class)`,
    );
  }
  const d = axis < 0 ? axis + shape.length : axis;
  const classes = shape[d];
  if (source.length === classes) return { source, inner: product(shape.slice(d + 1)) };
  throw new RangeError(
    `${fn}: ${name} has ${source.length} elements, expected ${length}, or ${classes} (one a class of axis ${axis})`,
  );
}

function sumPattern(pattern: Pattern, length: number): number {
  const period = pattern.source.data.length;
  return period === 0 ? 0 : sumSource(pattern.source, period) * (length / period);
}
