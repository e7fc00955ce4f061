/**
 * The family of losses of a row of classes against a class index or a distribution: layouts, class weights, targets, denominators; no formula.
 */
import { sideFor } from './backend.js';
import { refuse } from './domain.js';
import type { Domain, Dtype, Real, RowJob } from './kernels/jobs.js';
import type { RowKernel } from './kernels/kernel.js';
import { firstOutside, runRows } from './kernels/run.js';
import { elementOf } from './kernels/source.js';
import { defineLoss } from './loss.js';
import type { Settled } from './options.js';
import type { Parameter } from './parameters.js';
import { checkMemory, planReduction, type Plan, reduced, takeArray } from './reduce.js';
import { realScratch } from './scratch.js';
import { isFlat, layoutOf, type Layout, wholeRow } from './layout.js';
import { type CheckedTargets, indexTargets, maskedRows, maskOf } from './targets.js';
import {
  checkDtypes,
  checkMatching,
  type Input,
  parseIntegers,
  parseNumbers,
  parseReal,
  type RealInput,
} from './tensor.js';
import type { BinaryLoss } from './types.js';
import type { Prepared } from './work.js';

interface RowDefinition {
  readonly name: string;
  readonly inputs: readonly [string, string];
  readonly parameters: readonly Parameter[];
  /** By the options, where they choose between several. */
  readonly kernel: RowKernel | ((options: Settled) => RowKernel);
  /** The kernel's numbers, in the order that stands beside it. */
  constants(options: Settled, row: RowFacts): readonly number[];
  /** What 'mean' divides by: the weights of the rows' classes, the rows that count, or (without a mask) the first of the shape. */
  readonly mean: 'weights' | 'rows' | 'batch';
  /** What targets are; default a class index a row. The others have one value a class: a distribution in the input's dtype, 0/1 of any kind, labels that -1 ends. */
  readonly targets?: 'indices' | 'distribution' | 'mask' | 'labels';
  /** What every element of the input must be. */
  readonly domain?: Domain;
  /** A flat input without classes or shape is one row. */
  readonly oneRow?: boolean;
  /** Whether the kernel reads the weights of all classes, not the targets' alone. */
  readsAllWeights?(options: Settled): boolean;
  /** A given divisor replaces that of the second term too; else it is the number of rows that count. */
  readonly secondTerm?: boolean;
}

/** What constants may depend on beside the options. */
export interface RowFacts {
  readonly classes: number;
  /** Σ class weights, or the number of classes. */
  readonly weightSum: number;
  /** The gradient's factor of the second term, as a multiple of the first's. */
  readonly secondRatio: number;
}

export function rowLoss<T, O>(definition: RowDefinition): BinaryLoss<T, O> {
  const { targets = 'indices' } = definition;
  const indices = targets === 'indices' || targets === 'labels';
  return defineLoss({
    name: definition.name,
    inputs: definition.inputs,
    integers: indices ? [definition.inputs[1]] : [],
    parameters: definition.parameters,
    prepare: (inputs, options, wantGrad) => prepare(definition, inputs, options, wantGrad),
  });
}

function prepare(
  definition: RowDefinition,
  inputs: readonly unknown[],
  options: Settled,
  wantGrad: boolean,
): Prepared {
  const fn = definition.name;
  const [inputName, targetName] = definition.inputs;
  const input = parseReal(fn, inputName, inputs[0]);
  const { dtype } = input;
  const target = parseTarget(definition, inputs[1], dtype);
  const soft = definition.targets !== undefined && definition.targets !== 'indices';
  const layout =
    definition.oneRow && isFlat(input, options)
      ? wholeRow(input.length)
      : layoutOf(fn, inputName, input, soft ? null : target, options);
  const { classes, rows } = layout;
  const classWeight = classWeightOf(fn, options.weight, dtype, classes);
  const mask = maskOf(fn, input, layout, options);
  let targets: CheckedTargets | null = null;
  if (soft) {
    checkMatching(fn, inputName, input, targetName, target);
    if (definition.targets === 'distribution')
      checkDtypes(fn, inputName, input, targetName, target as RealInput);
    if (definition.targets === 'labels') checkLabels(fn, target, classes);
    if ('mask' in options) targets = maskedRows(mask, rows);
  } else targets = indexTargets(fn, target, layout, classWeight, mask, options);
  const counted = targets ? targets.counted : rows;
  const plan = planReduction(
    fn,
    options,
    dtype,
    rows,
    targets && definition.mean === 'weights'
      ? targets.weight
      : definition.mean === 'batch' && !mask
        ? batchOf(input, options, rows)
        : counted,
    wantGrad,
  );
  const grad = wantGrad ? takeArray(fn, 'grad', options.grad, dtype, input.length) : null;
  if (options.grad !== null || options.out !== null) {
    checkMemory(fn, { grad }, plan.out, soft ? [input, target] : [input], [
      soft ? null : target,
      classWeight && { data: classWeight, format: 'same' },
      mask,
      plan.gradOutput,
    ]);
  }
  if (definition.domain) {
    const side = sideFor(dtype, input.length);
    const bad = firstOutside(side, definition.domain, dtype, input, input.length);
    if (bad >= 0) refuse(fn, inputName, definition.domain, input, bad);
  }
  return preparedRows(
    definition,
    input,
    targets,
    soft ? target : null,
    layout,
    classWeight,
    options,
    plan,
    grad,
    counted,
  );
}

/** The first of the shape; of flat arrays the rows. */
function batchOf({ shape }: Input, options: Settled, rows: number): number {
  const given = (options.shape as readonly number[] | null) ?? shape;
  return given ? given[0] : rows;
}

function parseTarget({ name, inputs, targets }: RowDefinition, given: unknown, dtype: Dtype): Input {
  if (targets === 'distribution') return parseReal(name, inputs[1], given);
  if (targets === 'mask') return parseNumbers(name, inputs[1], given, dtype);
  return parseIntegers(name, inputs[1], given);
}

/** Labels of a row, ended by -1 where there are fewer than classes. */
function checkLabels(fn: string, { data, length }: Input, classes: number): void {
  for (let i = 0; i < length; i++) {
    const label = Number(data[i]);
    if (label >= -1 && label < classes && Number.isInteger(label)) continue;
    throw new RangeError(
      `${fn}: targets[${i}] is ${data[i]}, expected an integer in [0, ${classes}), or -1 to end the row's labels`,
    );
  }
}

function preparedRows(
  definition: RowDefinition,
  input: RealInput,
  targets: CheckedTargets | null,
  soft: Input | null,
  layout: Layout,
  classWeight: Real | null,
  options: Settled,
  plan: Plan,
  grad: Real | null,
  counted: number,
): Prepared {
  const { reduction, divisor, scale, out } = plan;
  const { outer, classes, inner } = layout;
  const second = definition.secondTerm && options.divisor === null ? counted : divisor;
  const facts: RowFacts = {
    classes,
    weightSum: classWeight ? sum(classWeight, classes) : classes,
    secondRatio: reduction === 'mean' && second !== 0 ? divisor / second : 1,
  };
  const job: RowJob = {
    dtype: input.dtype,
    outer,
    classes,
    inner,
    input,
    targets,
    soft,
    classWeight,
    readsAllWeights: definition.readsAllWeights?.(options) ?? false,
    gradOutput: grad ? plan.gradOutput : null,
    constants: definition.constants(options, facts),
    softcap: (options.softcap as number | null | undefined) ?? 0,
    scale,
    grad: scale === 0 ? null : grad,
    out,
    stats: null,
    totals,
  };
  const kernel = typeof definition.kernel === 'function' ? definition.kernel(options) : definition.kernel;
  return {
    work: { family: 'rows', kernel, job, run: runRows },
    elements: input.length,
    finish(loss, more) {
      if (scale === 0 && grad) grad.fill(0);
      const value =
        out ??
        reduced(reduction, loss, divisor) +
          (definition.secondTerm && more !== 0 ? reduced(reduction, more, second) : 0);
      return { value, grad, divisor };
    },
  };
}

const totals = new Float64Array(2);

export function classWeightOf(fn: string, given: unknown, dtype: Dtype, classes: number): Real | null {
  if (given === null || given === undefined) return null;
  const source = parseNumbers(fn, 'weight', given, dtype);
  if (source.length !== classes || (source.shape && source.shape.length !== 1)) {
    const has = source.shape ? `shape [${source.shape.join(', ')}]` : `${source.length} elements`;
    throw new RangeError(`${fn}: weight has ${has}, expected ${classes}, one a class`);
  }
  if (source.format === 'same') return source.data as unknown as Real;
  const weights = realScratch(dtype, classes);
  for (let c = 0; c < classes; c++) weights[c] = elementOf(source, c);
  return weights;
}

export function sum(values: Real, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i];
  return total;
}
