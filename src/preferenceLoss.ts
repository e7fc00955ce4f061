/**
 * The family of losses of a few log-probabilities a sequence (pairs of a chosen and a rejected one, or labelled examples): checks, reductions, gradients;
 * no formula. One number a sequence is little work, so that every backend runs this loop, in float64 whatever the dtype of the inputs.
 */
import type { Dtype } from './kernels/jobs.js';
import { elementOf, type Source } from './kernels/source.js';
import { defineLoss } from './loss.js';
import type { Settled } from './options.js';
import { commonOptionsWithout, type Parameter } from './parameters.js';
import {
  checkMemory,
  type Gradients,
  type Plan,
  planReduction,
  reduced,
  takeArray,
  takeGradients,
} from './reduce.js';
import { checkDtypes, checkMatching, type Input, parseNumbers, parseReal } from './tensor.js';
import type { CommonOptions, DifferentiableLoss } from './types.js';
import { atOnce, type Evaluation } from './work.js';

/** The common options without those of an array's layout, which a number a sequence does not have. */
export type PreferenceOptions<G = Float32Array | Float64Array> = Omit<
  CommonOptions<G>,
  'shape' | 'axis' | 'classes'
>;

/** The loss of one element of each input, `x` in the order of the arguments. Leaves its derivatives by the first of them in `slopes`. */
export type Formula = (x: Float64Array, slopes: Float64Array) => number;

/** What the elements of an input have to be. */
export interface Domain {
  allows(x: number): boolean;
  readonly expected: string;
}

interface PreferenceDefinition {
  readonly name: string;
  /** Log-probabilities, the differentiable ones first. */
  readonly inputs: readonly string[];
  /** How many of them are differentiable. */
  readonly gradients: 1 | 2;
  /** The name of a last argument that may be any numbers or booleans. */
  readonly labels?: string;
  readonly parameters: readonly Parameter[];
  readonly domains?: Readonly<Record<string, Domain>>;
  /** May refuse options that do not go together. */
  formula(options: Settled): Formula;
}

const common = commonOptionsWithout('shape', 'axis', 'classes');

/** Losses are added up block by block, as everywhere. */
const BLOCK = 1024;

/** One element of each input, and the derivatives there. Shared, so that a call allocates nothing that is not asked for. */
const element = new Float64Array(4);
const slopes = new Float64Array(2);

/** R are the inputs after the first, K the keys of the gradients where there are two. */
export function preferenceLoss<R extends readonly unknown[], O, K extends string = never>(
  definition: PreferenceDefinition,
): DifferentiableLoss<R, O, K> {
  const { name, inputs, labels, parameters } = definition;
  return defineLoss({
    name,
    inputs: labels === undefined ? inputs : [...inputs, labels],
    differentiable: inputs.slice(0, definition.gradients),
    losses: 'elements',
    parameters,
    common,
    prepare: (args, options, wantGrad) => atOnce(() => evaluate(definition, args, options, wantGrad)),
  });
}

function evaluate(
  definition: PreferenceDefinition,
  args: readonly unknown[],
  options: Settled,
  wantGrad: boolean,
): Evaluation {
  const { name: fn, inputs: names, labels: labelsName } = definition;
  const inputs = names.map((name, k) => parseReal(fn, name, args[k]));
  const [first] = inputs;
  const { dtype, length } = first;
  for (let k = 1; k < names.length; k++) {
    checkMatching(fn, names[0], first, names[k], inputs[k]);
    checkDtypes(fn, names[0], first, names[k], inputs[k]);
  }
  const labels = labelsName === undefined ? null : parseNumbers(fn, labelsName, args[names.length], dtype);
  if (labels) checkMatching(fn, names[0], first, labelsName!, labels);
  const plan = planReduction(fn, options, dtype, length, length, wantGrad);
  const gradients = wantGrad ? gradientsOf(definition, options.grad, dtype, length) : {};
  if (options.grad !== null || options.out !== null)
    checkMemory(fn, gradients, plan.out, inputs, [labels, plan.gradOutput]);
  const sources: readonly Input[] = labels ? [...inputs, labels] : inputs;
  checkDomains(definition, sources);
  const formula = definition.formula(options);

  const total = run(formula, sources, length, plan, Object.values(gradients));
  return {
    value: plan.out ?? reduced(plan.reduction, total, plan.divisor),
    grad: 'grad' in gradients ? gradients.grad : wantGrad ? gradients : null,
    divisor: plan.divisor,
  };
}

/** Where the gradients go: 'grad' for the only one, else by the inputs' names. */
function gradientsOf(
  { name: fn, inputs, gradients }: PreferenceDefinition,
  given: unknown,
  dtype: Dtype,
  length: number,
): Gradients {
  if (gradients === 1) return { grad: takeArray(fn, 'grad', given, dtype, length) };
  const lengths = Object.fromEntries(inputs.slice(0, gradients).map((name) => [name, length]));
  return takeGradients(fn, given, dtype, lengths);
}

/** Refuses the first element that is outside of its input's domain. */
function checkDomains(
  { name: fn, inputs, labels, domains }: PreferenceDefinition,
  sources: readonly Input[],
): void {
  sources.forEach((source, k) => {
    const name = inputs[k] ?? labels!;
    const domain = domains?.[name];
    if (!domain) return;
    for (let i = 0; i < source.length; i++) {
      const x = elementOf(source, i);
      if (!domain.allows(x))
        throw new RangeError(`${fn}: ${name}[${i}] is ${x}, expected ${domain.expected}`);
    }
  });
}

/** Writes losses and gradients and gives the sum of the losses. A gradient may lie on any input: an element is read before it is written. */
function run(
  formula: Formula,
  sources: readonly Source[],
  length: number,
  { scale, gradOutput, out }: Plan,
  grads: readonly Gradients[string][],
): number {
  let total = 0;
  for (let start = 0; start < length; start += BLOCK) {
    let sum = 0;
    for (let i = start; i < Math.min(start + BLOCK, length); i++) {
      for (let k = 0; k < sources.length; k++) element[k] = elementOf(sources[k], i);
      const loss = formula(element, slopes);
      sum += loss;
      if (out) out[i] = loss;
      const factor = gradOutput ? scale * elementOf(gradOutput, i) : scale;
      for (let k = 0; k < grads.length; k++) {
        const grad = grads[k];
        // Nothing counts, nothing flows: not even a NaN. + 0 makes 0 of −0.
        if (grad) grad[i] = scale === 0 ? 0 : factor * slopes[k] + 0;
      }
    }
    total += sum;
  }
  return total;
}
