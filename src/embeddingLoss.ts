/** The family of losses of a row of two or three embeddings: shapes, labels, denominators; no formula. */
import { sideFor } from './backend.js';
import { refuse } from './domain.js';
import type { Dtype, EmbeddingJob } from './kernels/jobs.js';
import type { EmbeddingKernel } from './kernels/kernel.js';
import { firstOutside, runEmbedding } from './kernels/run.js';
import { defineLoss } from './loss.js';
import type { Settled } from './options.js';
import { commonParameters, dimParameter, type Parameter } from './parameters.js';
import { checkMemory, type Gradients, planReduction, reduced, takeGradients } from './reduce.js';
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
import type { DifferentiableLoss } from './types.js';
import type { Prepared } from './work.js';

interface EmbeddingDefinition {
  readonly name: string;
  /** The differentiable inputs, which come first. */
  readonly inputs: readonly string[];
  /** The name of the ±1 labels, one a row. */
  readonly labels?: string;
  readonly parameters: readonly Parameter[];
  readonly kernel: EmbeddingKernel;
  /** The kernel's numbers, in the order that stands beside it. */
  constants(options: Settled): readonly number[];
}

/** R are the inputs after the first, K the keys of the gradients. */
export function embeddingLoss<R extends readonly unknown[], O, K extends string>(
  definition: EmbeddingDefinition,
): DifferentiableLoss<R, O, K> {
  return defineLoss({
    name: definition.name,
    inputs: definition.labels ? [...definition.inputs, definition.labels] : definition.inputs,
    differentiable: definition.inputs,
    parameters: definition.parameters,
    common: [...commonParameters, dimParameter],
    prepare: (inputs, options, wantGrad) => prepare(definition, inputs, options, wantGrad),
  });
}

function prepare(
  definition: EmbeddingDefinition,
  args: readonly unknown[],
  options: Settled,
  wantGrad: boolean,
): Prepared {
  const fn = definition.name;
  const names = definition.inputs;
  const inputs = names.map((name, k) => parseReal(fn, name, args[k]));
  const [first] = inputs;
  const { dtype, length } = first;
  for (let k = 1; k < names.length; k++) {
    checkMatching(fn, names[0], first, names[k], inputs[k]);
    checkDtypes(fn, names[0], first, names[k], inputs[k]);
  }
  const labels = definition.labels ? parseNumbers(fn, definition.labels, args[names.length], dtype) : null;
  const dim = dimOf(definition, inputs, labels, options);
  const rows = length / dim;
  if (labels && labels.length !== rows)
    throw new RangeError(
      `${fn}: ${definition.labels} has ${labels.length} elements, expected ${rows}, one a row`,
    );
  const plan = planReduction(fn, options, dtype, rows, rows, wantGrad);
  const gradients = gradientsOf(fn, names, options.grad, dtype, length, wantGrad);
  if (options.grad !== null || options.out !== null)
    checkMemory(fn, gradients, plan.out, inputs, [labels, plan.gradOutput]);
  if (labels) {
    const bad = firstOutside(sideFor(dtype, length), 'sign', dtype, labels, rows);
    if (bad >= 0) refuse(fn, definition.labels!, 'sign', labels, bad);
  }

  const { reduction, divisor, scale, out } = plan;
  const grads = names.map((name) => gradients[name] ?? null);
  const job: EmbeddingJob = {
    dtype,
    rows,
    dim,
    inputs,
    labels,
    gradOutput: plan.gradOutput,
    constants: definition.constants(options),
    scale,
    grads: scale === 0 ? names.map(() => null) : grads,
    out,
  };
  return {
    work: { family: 'embedding', kernel: definition.kernel, job, run: runEmbedding },
    elements: length,
    finish(total) {
      if (scale === 0) for (const grad of grads) grad?.fill(0);
      return {
        value: out ?? reduced(reduction, total, divisor),
        grad: wantGrad ? gradients : null,
        divisor,
      };
    },
  };
}

function gradientsOf(
  fn: string,
  names: readonly string[],
  given: unknown,
  dtype: Dtype,
  length: number,
  wantGrad: boolean,
): Gradients {
  if (!wantGrad) return {};
  const lengths: Record<string, number> = {};
  for (const name of names) lengths[name] = length;
  return takeGradients(fn, given, dtype, lengths);
}

/** Elements a row: the last axis of the shape, or `dim`, or `classes`, or as many as there are for each label. */
function dimOf(
  { name: fn, inputs: names, labels: labelsName }: EmbeddingDefinition,
  [first, ...others]: readonly RealInput[],
  labels: Input | null,
  options: Settled,
): number {
  const { length } = first;
  const given = (options.dim ?? options.classes) as number | null;
  const option = options.dim === null ? 'classes' : 'dim';
  if (options.dim !== null && options.classes !== null && options.dim !== options.classes)
    throw new RangeError(
      `${fn}: dim is ${options.dim}, but classes ${options.classes}, expected one of them`,
    );
  const shape =
    options.shape === null
      ? (first.shape ?? others.find((other) => other.shape)?.shape ?? null)
      : checkShape(fn, 'shape', options.shape);
  if (shape) {
    checkRows(fn, names[0], length, shape, options.axis as number);
    const dim = shape[shape.length - 1];
    if (given !== null && given !== dim)
      throw new RangeError(
        `${fn}: ${option} is ${given}, but the last axis of shape [${shape.join(', ')}] has ${dim}`,
      );
    return dim;
  }
  if (given !== null) {
    if (length % given === 0) return given;
    throw new RangeError(
      `${fn}: ${names[0]} has ${length} elements, expected a multiple of ${option} (${given})`,
    );
  }
  if (!labels)
    throw new RangeError(
      `${fn}: ${names[0]} is flat with ${length} elements, expected dim or a shape to split it into rows`,
    );
  const dim = length / labels.length;
  if (Number.isInteger(dim) && dim >= 1) return dim;
  throw new RangeError(
    `${fn}: ${names[0]} has ${length} elements for ${labels.length} of ${labelsName}, expected a whole number for each (or give dim)`,
  );
}

/** Refuses a shape that is not one of rows along its last axis. */
function checkRows(fn: string, name: string, length: number, shape: readonly number[], axis: number): void {
  const text = `shape [${shape.join(', ')}]`;
  if (product(shape) !== length)
    throw new RangeError(`${fn}: ${text} is ${product(shape)} elements, but ${name} has ${length}`);
  if (axis !== -1 && axis !== shape.length - 1)
    throw new RangeError(`${fn}: axis is ${axis}, expected the last one of ${text}, -1`);
  if (shape.length === 0) throw new RangeError(`${fn}: ${name} has ${text}, expected [dim] or [rows, dim]`);
  if (shape[shape.length - 1] === 0)
    throw new RangeError(`${fn}: ${text} has rows of 0 elements, expected at least 1`);
}
