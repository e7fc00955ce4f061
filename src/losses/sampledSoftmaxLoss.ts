import { sideFor } from '../backend.js';
import { dot, runContrast } from '../contrastive.js';
import type { Real } from '../kernels/jobs.js';
import { elementOf, newReal, readSource, type Source } from '../kernels/source.js';
import { type LinearInputs, linearInputs, linearLengths } from '../linear.js';
import { defineLoss } from '../loss.js';
import { kindOf, type Settled } from '../options.js';
import { commonOptionsWithout, type Parameter } from '../parameters.js';
import { checkMemory, planReduction, reduced, takeGradients } from '../reduce.js';
import { checkTargets } from '../targets.js';
import { type Input, parseIntegers, parseNumbers } from '../tensor.js';
import type {
  CommonOptions,
  DifferentiableLoss,
  GradientArrays,
  IndexArray,
  NumberArray,
  RealArray,
} from '../types.js';
import { atOnce, type Evaluation } from '../work.js';

/**
 * Options of {@link sampledSoftmaxLoss}.
 *
 * @category Options
 */
export interface SampledSoftmaxLossOptions extends Omit<
  CommonOptions<GradientArrays<'hidden' | 'head' | 'bias'>>,
  'axis' | 'classes'
> {
  /** The sampled classes, the same for all rows. */
  sampled: IndexArray;
  /** log of how often each sampled class is expected among the samples; one a sample. */
  logExpectedCount: NumberArray;
  /** The same of each row's target; one a row. */
  targetLogExpectedCount: NumberArray;
  /** One number a class, added to its logits. Differentiable. Default none. */
  bias?: RealArray | null;
  /** Whether a sample that is a row's target is left out of that row. Default true. */
  removeAccidentalHits?: boolean;
}

const FN = 'sampledSoftmaxLoss';

const parameters: readonly Parameter[] = [
  { name: 'bias', type: 'array', default: null, description: 'a number a class, added to its logits' },
  { name: 'sampled', type: 'array', default: null, required: true, description: 'the sampled classes' },
  {
    name: 'logExpectedCount',
    type: 'array',
    default: null,
    required: true,
    description: 'log of the expected count of each sampled class',
  },
  {
    name: 'targetLogExpectedCount',
    type: 'array',
    default: null,
    required: true,
    description: "log of the expected count of each row's target",
  },
  {
    name: 'removeAccidentalHits',
    type: 'boolean',
    default: true,
    description: "whether a sample that is a row's target is left out of that row",
  },
];

interface Inputs extends LinearInputs {
  readonly rows: number;
  readonly width: number;
  readonly targets: Int32Array;
  readonly sampled: Int32Array;
  readonly logExpected: Input;
  readonly targetLogExpected: Input;
}

/** Classes as int32, each in [0, classes). */
function classesOf(name: string, input: Input, classes: number): Int32Array {
  const list = new Int32Array(input.length);
  const unshifted = { ignoreIndex: null, shift: 0, sequence: input.length, mask: null };
  try {
    checkTargets(FN, input, input.length, classes, null, unshifted).read(0, input.length, list, 0);
  } catch (error) {
    if (name === 'targets' || !(error instanceof RangeError)) throw error;
    throw new RangeError(error.message.replace('targets[', `${name}[`), { cause: error });
  }
  return list;
}

function required(name: string, options: Settled): unknown {
  if (options[name] === null)
    throw new TypeError(`${FN}: ${name} is ${kindOf(undefined)}, but it must be given`);
  return options[name];
}

function inputsOf(args: readonly unknown[], options: Settled): Inputs {
  const inputs = linearInputs(FN, args, options);
  const { hidden, target, classes } = inputs;
  const { rows, classes: width } = inputs.layout;
  const sampled = parseIntegers(FN, 'sampled', required('sampled', options));
  const logExpected = parseNumbers(
    FN,
    'logExpectedCount',
    required('logExpectedCount', options),
    hidden.dtype,
  );
  const own = required('targetLogExpectedCount', options);
  const targetLogExpected = parseNumbers(FN, 'targetLogExpectedCount', own, hidden.dtype);
  expectLength('logExpectedCount', logExpected, sampled.length, 'a sample');
  expectLength('targetLogExpectedCount', targetLogExpected, rows, 'a row');
  return {
    ...inputs,
    rows,
    width,
    targets: classesOf('targets', target, classes),
    sampled: classesOf('sampled', sampled, classes),
    logExpected,
    targetLogExpected,
  };
}

function expectLength(name: string, { length }: Input, wanted: number, what: string): void {
  if (length !== wanted)
    throw new RangeError(`${FN}: ${name} has ${length} elements, expected ${wanted}, one ${what}`);
}

/** Rows of the head: class 0 is the target, whose place stays zeros, then the samples. */
function gathered({ head, sampled, width, hidden }: Inputs): Real {
  const rows = newReal(hidden.dtype, (sampled.length + 1) * width);
  sampled.forEach((c, s) => readSource(head, c * width, width, rows, (s + 1) * width));
  return rows;
}

function evaluate(args: readonly unknown[], options: Settled, wantGrad: boolean): Evaluation {
  const inputs = inputsOf(args, options);
  const { hidden, head, bias, rows, width, targets, sampled, logExpected, targetLogExpected } = inputs;
  const { dtype } = hidden;
  const plan = planReduction(FN, options, dtype, rows, rows, wantGrad);
  const { reduction, divisor, scale, out } = plan;
  const gradients = wantGrad ? takeGradients(FN, options.grad, dtype, linearLengths(inputs)) : {};
  const others = [logExpected, targetLogExpected, plan.gradOutput];
  checkMemory(FN, gradients, out, [hidden, head, ...(bias ? [bias] : [])], others);

  const wanted = wantGrad && scale !== 0;
  const classes = sampled.length + 1;
  const x = newReal(dtype, hidden.length);
  readSource(hidden, 0, hidden.length, x, 0);
  const shifts = Float64Array.from(
    sampled,
    (c, s) => (bias ? elementOf(bias, c) : 0) - elementOf(logExpected, s),
  );
  const own = newReal(dtype, width);
  const removes = options.removeAccidentalHits as boolean;
  const xGrad = wanted && gradients.hidden ? newReal(dtype, hidden.length) : null;
  const headGrad = wanted && gradients.head ? newReal(dtype, classes * width) : null;
  const targetSlopes = new Float64Array(wantGrad ? rows : 0);
  const biasSlopes = new Float64Array(gradients.bias ? sampled.length : 0);
  const total = runContrast(sideFor(dtype, rows * classes), {
    dtype,
    rows,
    width,
    classes,
    x,
    head: gathered(inputs),
    target: () => 0,
    scale,
    gradOutput: plan.gradOutput,
    out,
    xGrad,
    headGrad,
    adjust(scores, from, count) {
      for (let r = 0, at = 0; r < count; r++, at += classes) {
        const y = targets[from + r];
        readSource(head, y * width, width, own, 0);
        const shift = (bias ? elementOf(bias, y) : 0) - elementOf(targetLogExpected, from + r);
        scores[at] = dot(x, (from + r) * width, own, 0, width) + shift;
        for (let s = 0; s < sampled.length; s++)
          scores[at + 1 + s] = removes && sampled[s] === y ? -Infinity : scores[at + 1 + s] + shifts[s];
      }
    },
    ...(wanted && {
      collect(slopes: Real, from: number, count: number) {
        for (let r = 0, at = 0; r < count; r++, at += classes) {
          targetSlopes[from + r] = slopes[at];
          slopes[at] = 0;
          for (let s = 0; s < biasSlopes.length; s++) biasSlopes[s] += slopes[at + 1 + s];
        }
      },
    }),
  });
  if (wanted) give(inputs, gradients, { x, xGrad, headGrad, targetSlopes, biasSlopes });
  else for (const gradient of Object.values(gradients)) gradient?.fill(0);
  return { value: out ?? reduced(reduction, total, divisor), grad: wantGrad ? gradients : null, divisor };
}

interface Results {
  readonly x: Real;
  readonly xGrad: Real | null;
  /** Of the target's place and of each sample. */
  readonly headGrad: Real | null;
  readonly targetSlopes: Float64Array;
  readonly biasSlopes: Float64Array;
}

/** Adds what belongs to each class where it belongs. All inputs have been read: a gradient may take the place of its own. */
function give(
  { head, rows, width, targets, sampled, hidden }: Inputs,
  gradients: Readonly<Record<string, Real | null>>,
  { x, xGrad, headGrad, targetSlopes, biasSlopes }: Results,
): void {
  if (xGrad) {
    const own = newReal(hidden.dtype, width);
    for (let r = 0, at = 0; r < rows; r++, at += width) {
      readSource(head as Source, targets[r] * width, width, own, 0);
      for (let i = 0; i < width; i++) xGrad[at + i] += targetSlopes[r] * own[i];
    }
  }
  if (gradients.head && headGrad) {
    const into = gradients.head.fill(0);
    sampled.forEach((c, s) => {
      for (let i = 0; i < width; i++) into[c * width + i] += headGrad[(s + 1) * width + i];
    });
    targets.forEach((c, r) => {
      for (let i = 0; i < width; i++) into[c * width + i] += targetSlopes[r] * x[r * width + i];
    });
  }
  if (gradients.bias) {
    const into = gradients.bias.fill(0);
    sampled.forEach((c, s) => (into[c] += biasSlopes[s]));
    targets.forEach((c, r) => (into[c] += targetSlopes[r]));
  }
  if (xGrad) gradients.hidden!.set(xGrad);
}

/**
 * Cross-entropy of hidden states among sampled classes, or sampled softmax (Jean et al., arXiv:1412.2007), as TensorFlow's
 * `tf.nn.sampled_softmax_loss`; not in PyTorch.
 *
 *     s_c = hidden · head_c + bias_c − log E[count of c], for the target and each sample;  loss = log Σ e^s − s_target
 *
 * A sample that is the row's target does not count for it (`removeAccidentalHits`). Which classes are sampled, and how often each is expected
 * among the samples (`logExpectedCount`, `targetLogExpectedCount`), is the caller's.
 * Shapes: hidden `[…, H]` (flat: rows = targets), head `[C, H]`, bias `[C]`, sampled `[S]`; of one dtype. Gradients `{ hidden, head, bias? }`, the
 * head's as long as the head, 0 for classes that are neither sampled nor a target. 'mean' divides by the rows.
 *
 * Workspace: the sampled rows of the head and their gradient, and the scores of a chunk of rows (at most 16 MiB).
 *
 * @throws RangeError for a target or sample outside [0, C), sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array, mixed dtypes, a missing or unknown option
 * @function
 * @category Classification
 */
export const sampledSoftmaxLoss = defineLoss<
  DifferentiableLoss<
    [head: RealArray, targets: IndexArray],
    SampledSoftmaxLossOptions,
    'hidden' | 'head' | 'bias'
  >
>({
  name: 'sampledSoftmaxLoss',
  inputs: ['hidden', 'head', 'targets'],
  differentiable: ['hidden', 'head', 'bias'],
  integers: ['targets', 'sampled'],
  parameters,
  common: commonOptionsWithout('axis', 'classes'),
  prepare: (args, options, wantGrad) => atOnce(() => evaluate(args, options, wantGrad)),
});
