/** The family of losses of one element of `input` against the same element of `target` (and of a second input): checks, weights, denominators; no formula. */
import { domainsOf } from './domain.js';
import type { Domains, Dtype, Operand, Pattern, PointwiseJob } from './kernels/jobs.js';
import type { PointwiseKernel } from './kernels/kernel.js';
import { runPointwise } from './kernels/run.js';
import { sumSource } from './kernels/source.js';
import { type Layout, layoutOf } from './layout.js';
import { defineLoss } from './loss.js';
import type { Settled } from './options.js';
import { commonParameters, type Parameter } from './parameters.js';
import { checkMemory, type Gradients, planReduction, reduced, takeArray, takeGradients } from './reduce.js';
import {
  checkDtypes,
  checkMatching,
  checkShape,
  type Input,
  parseNumbers,
  parseReal,
  product,
  type RealInput,
  sameShape,
} from './tensor.js';
import type { BinaryLoss, DifferentiableLoss, Loss } from './types.js';
import type { Prepared } from './work.js';

/** The inputs' names by what they are to the kernel, in the order of the loss's arguments. */
type Names = Readonly<{ input: string; target: string; other?: string }>;

interface PointwiseDefinition {
  readonly name: string;
  /** Default { input: 'input', target: 'target' }. With `other` the loss has two gradients. */
  readonly inputs?: Names;
  readonly parameters: readonly Parameter[];
  /** By the options, where a limit of one loss is another. */
  readonly kernel: PointwiseKernel | ((options: Settled) => PointwiseKernel);
  /** The kernel's numbers, in the order that stands beside it. */
  constants(options: Settled): readonly number[];
  /** Targets that are labels (0/1, ±1) come as any numbers; else they share the input's dtype. */
  readonly labels?: boolean;
  readonly domain?: Domains['wanted'];
  /** 'weight' makes the mean Σ loss / Σ weight instead of / n. */
  readonly weightedMean?: boolean;
  /** `other` may have one number a row instead of one an element. */
  readonly otherARow?: boolean;
  /** The loss is the mean over each row's classes, one a row; weights are one a class. */
  readonly rowMeans?: boolean;
  /** There is a reduction 'batchmean', which divides by shape[0]. */
  readonly batchmean?: boolean;
}

const binary: Names = { input: 'input', target: 'target' };

const withBatchmean: readonly Parameter[] = commonParameters.map((parameter) =>
  parameter.name === 'reduction'
    ? {
        ...parameter,
        choices: [...parameter.choices!, 'batchmean'],
        description: `${parameter.description}; 'batchmean' is their sum / shape[0]`,
      }
    : parameter,
);

/** A loss of `input` against `target`. */
export function pointwiseLoss<T, O>(definition: PointwiseDefinition): BinaryLoss<T, O> {
  return define(definition);
}

/** A loss with a second differentiable input: R are the inputs after the first, K the keys of the gradients. */
export function ternaryLoss<R extends readonly unknown[], O, K extends string>(
  definition: PointwiseDefinition & { readonly inputs: Required<Names> },
): DifferentiableLoss<R, O, K> {
  return define(definition);
}

function define<L extends Loss>(definition: PointwiseDefinition): L {
  const names = definition.inputs ?? binary;
  return defineLoss<L>({
    name: definition.name,
    inputs: Object.values(names),
    differentiable: names.other ? [names.input, names.other] : [names.input],
    losses: definition.rowMeans ? 'rows' : 'elements',
    parameters: definition.parameters,
    common: definition.batchmean ? withBatchmean : commonParameters,
    prepare: (inputs, options, wantGrad) => prepare(definition, inputs, options, wantGrad),
  });
}

function prepare(
  definition: PointwiseDefinition,
  args: readonly unknown[],
  options: Settled,
  wantGrad: boolean,
): Prepared {
  const fn = definition.name;
  const names = definition.inputs ?? binary;
  const order = definition.inputs ? (Object.keys(names) as Operand[]) : null;
  const argument = (operand: Operand, at: number): unknown => args[order ? order.indexOf(operand) : at];
  const input = parseReal(fn, names.input, argument('input', 0));
  const { dtype, length } = input;
  const given = argument('target', 1);
  const target = definition.labels
    ? parseNumbers(fn, names.target, given, dtype)
    : parseReal(fn, names.target, given);
  checkMatching(fn, names.input, input, names.target, target);
  if (!definition.labels) checkDtypes(fn, names.input, input, names.target, target as RealInput);
  const rows = definition.rowMeans ? layoutOf(fn, names.input, input, null, options) : null;
  const shape = rows ? [rows.outer, rows.classes, rows.inner] : shapeOf(fn, input, options);
  const other = names.other
    ? otherOf(fn, names, input, argument('other', 2), shape, definition.otherARow ?? false)
    : null;
  const axis = rows ? 1 : (options.axis as number);
  if (rows) checkClassWeight(fn, options.weight, dtype, rows.classes);
  const weight = patternOf(fn, 'weight', options.weight, dtype, length, shape, axis);
  const posWeight = patternOf(fn, 'posWeight', options.posWeight, dtype, length, shape, axis);
  const counted = weight && definition.weightedMean ? sumPattern(weight, length) : length;
  const plan = planReduction(
    fn,
    options,
    dtype,
    rows?.rows ?? length,
    rows?.rows ?? counted,
    wantGrad,
    shape?.[0] ?? length,
  );
  const gradients = gradientsOf(fn, options.grad, dtype, names, length, other, wantGrad);
  if (options.grad !== null || options.out !== null) {
    checkMemory(fn, gradients, plan.out, other ? [input, target, other.source] : [input, target], [
      weight?.source,
      posWeight?.source,
      plan.gradOutput,
    ]);
  }

  const { reduction, divisor, out } = plan;
  const share = rows ? 1 / rows.classes : 1;
  const scale = plan.scale * share;
  const grad = gradients[other ? names.input : 'grad'] ?? null;
  const otherGrad = (other && gradients[names.other!]) ?? null;
  const wanted = grad !== null || otherGrad !== null;
  const job: PointwiseJob = {
    dtype,
    length,
    input,
    target,
    other,
    domains: definition.domain
      ? domainsOf(fn, definition.domain, names, { input, target, other: other?.source })
      : null,
    weight,
    posWeight,
    gradOutput: wanted && plan.gradOutput ? upstream(plan.gradOutput, rows) : null,
    constants: definition.constants(options),
    scale,
    grad: scale === 0 ? null : grad,
    otherGrad: scale === 0 ? null : otherGrad,
    out,
    rows,
  };
  const kernel = typeof definition.kernel === 'function' ? definition.kernel(options) : definition.kernel;
  return {
    work: { family: 'pointwise', kernel, job, run: runPointwise },
    elements: length,
    finish(total) {
      if (scale === 0) {
        grad?.fill(0);
        otherGrad?.fill(0);
      }
      return {
        value: out ?? reduced(reduction, total * share, divisor),
        grad: other && wantGrad ? gradients : grad,
        divisor,
      };
    },
  };
}

/** Upstream gradients, one an element or one a row. */
function upstream(source: Input, rows: Layout | null): Pattern {
  return rows ? { source, inner: rows.inner, classes: rows.classes } : { source, inner: 1 };
}

/** Where the gradients go: 'grad' for the only one, else by the inputs' names. */
function gradientsOf(
  fn: string,
  given: unknown,
  dtype: Dtype,
  names: Names,
  length: number,
  other: Pattern | null,
  wantGrad: boolean,
): Gradients {
  if (!wantGrad) return {};
  if (!other) return { grad: takeArray(fn, 'grad', given, dtype, length) };
  return takeGradients(fn, given, dtype, {
    [names.input]: length,
    [names.other!]: other.source.data.length,
  });
}

/** The second input: one number an element, or where `aRow` one a row of the shape; for flat arrays any length that divides the number of elements. */
function otherOf(
  fn: string,
  names: Names,
  input: RealInput,
  value: unknown,
  shape: readonly number[] | null,
  aRow: boolean,
): Pattern {
  const name = names.other!;
  const source = parseReal(fn, name, value);
  checkDtypes(fn, names.input, input, name, source);
  if (aRow) {
    const inner = shape ? (shape[shape.length - 1] ?? 1) : input.length / source.length;
    if (shape ? isARow(source, shape) : source.length > 0 && Number.isInteger(inner))
      return { source, inner };
    if (source.length !== input.length)
      throw new RangeError(
        `${fn}: ${name} has ${source.length} elements, expected ${input.length}, as ${names.input}, or one a row`,
      );
  }
  checkMatching(fn, names.input, input, name, source);
  return { source, inner: 1 };
}

/** Whether there is one number a row: of the shape without its last axis, or with 1 there, or flat. */
function isARow(source: Input, shape: readonly number[]): boolean {
  const rows = shape.slice(0, -1);
  if (source.length !== product(rows)) return false;
  return !source.shape || sameShape(source.shape, rows) || sameShape(source.shape, [...rows, 1]);
}

/** The shape, where the call or the input has one. */
function shapeOf(fn: string, input: Input, options: Settled): readonly number[] | null {
  let shape = input.shape;
  if (options.shape !== null) shape = checkShape(fn, 'shape', options.shape);
  else if (options.classes !== null && !shape) {
    const classes = options.classes as number;
    if (input.length % classes !== 0)
      throw new RangeError(
        `${fn}: input has ${input.length} elements, expected a multiple of classes (${classes})`,
      );
    shape = [input.length / classes, classes];
  }
  if (shape && product(shape) !== input.length) {
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

function checkClassWeight(fn: string, given: unknown, dtype: Dtype, classes: number): void {
  if (given === null || given === undefined) return;
  const { length } = parseNumbers(fn, 'weight', given, dtype);
  if (length !== classes)
    throw new RangeError(`${fn}: weight has ${length} elements, expected ${classes}, one a class`);
}

function sumPattern(pattern: Pattern, length: number): number {
  const period = pattern.source.data.length;
  return period === 0 ? 0 : sumSource(pattern.source, period) * (length / period);
}
