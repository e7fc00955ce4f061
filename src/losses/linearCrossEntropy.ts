import {
  crossEntropyConstants,
  crossEntropyParameters,
  crossEntropyReadsAllWeights,
} from '../crossEntropyOptions.js';
import type { LinearJob, Real } from '../kernels/jobs.js';
import type { Source } from '../kernels/source.js';
import { type LinearInputs, linearInputs, linearLengths, type LinearLoss, runLinear } from '../linear.js';
import { defineLoss } from '../loss.js';
import type { Settled } from '../options.js';
import { commonOptionsWithout, type Parameter } from '../parameters.js';
import { checkMemory, type Gradients, planReduction, reduced, takeGradients } from '../reduce.js';
import { classWeightOf, sum } from '../rowLoss.js';
import { indexTargets, maskOf } from '../targets.js';
import type { DifferentiableLoss, GradientArrays, IndexArray, RealArray } from '../types.js';
import type { CrossEntropyOptions } from './crossEntropy.js';
import type { Prepared } from '../work.js';

/**
 * Options of {@link linearCrossEntropy}.
 *
 * @category Options
 */
export interface LinearCrossEntropyOptions extends Omit<CrossEntropyOptions, 'grad' | 'axis' | 'classes'> {
  /** One number a class, added to its logits. Differentiable. Default none. */
  bias?: RealArray | null;
  /** Gradients are added to what is in the arrays given as `grad`. Default false. */
  accumulate?: boolean;
  /** Keys left out are allocated, null is not computed: a frozen head costs no gradient. */
  grad?: GradientArrays<'hidden' | 'head' | 'bias'>;
}

const FN = 'linearCrossEntropy';

const parameters: readonly Parameter[] = [
  { name: 'bias', type: 'array', default: null, description: 'a number a class, added to its logits' },
  ...crossEntropyParameters,
  {
    name: 'accumulate',
    type: 'boolean',
    default: false,
    description: 'whether gradients are added to what is in the arrays given for them',
  },
];

function prepare(args: readonly unknown[], options: Settled, wantGrad: boolean): Prepared {
  const inputs = linearInputs(FN, args, options);
  const { hidden, head, bias, target, layout, classes } = inputs;
  const { dtype } = hidden;
  const { rows } = layout;
  const classWeight = classWeightOf(FN, options.weight, dtype, classes);
  const mask = maskOf(FN, hidden, layout, { ...options, axis: -1 });
  const targets = indexTargets(FN, target, { ...layout, classes }, classWeight, mask, options);
  const plan = planReduction(FN, options, dtype, rows, targets.weight, wantGrad);
  const gradients = wantGrad ? takeGradients(FN, options.grad, dtype, linearLengths(inputs)) : {};
  const weight: Source | null = classWeight && { data: classWeight, format: 'same' };
  checkResults(inputs, gradients, plan.out, [target, mask, plan.gradOutput, weight]);

  const { reduction, divisor, scale, gradOutput, out } = plan;
  const second = options.divisor === null ? targets.counted : divisor;
  const facts = {
    classes,
    weightSum: classWeight ? sum(classWeight, classes) : classes,
    secondRatio: reduction === 'mean' && second !== 0 ? divisor / second : 1,
  };
  const wanted = wantGrad && scale !== 0;
  const gradientOf = (name: string) => (wanted ? (gradients[name] ?? null) : null);
  const job: LinearJob = {
    dtype,
    rows,
    width: layout.classes,
    classes,
    x: hidden,
    head,
    bias,
    xGrad: gradientOf('hidden'),
    headGrad: gradientOf('head'),
    biasGrad: gradientOf('bias'),
    accumulate: options.accumulate as boolean,
  };
  const loss: LinearLoss = {
    targets,
    classWeight,
    readsAllWeights: crossEntropyReadsAllWeights(options),
    constants: crossEntropyConstants(options, facts),
    softcap: (options.softcap as number | null) ?? 0,
    scale,
    gradOutput,
    out,
    wantGrad: wanted,
  };
  return {
    work: { family: 'linear', job, loss, run: (side) => runLinear(side, job, loss) },
    elements: rows * classes,
    finish(total, more) {
      // Nothing has written them then.
      if (!options.accumulate && (!wanted || rows === 0))
        for (const gradient of Object.values(gradients)) gradient?.fill(0);
      const value =
        out ?? reduced(reduction, total, divisor) + (more !== 0 ? reduced(reduction, more, second) : 0);
      return { value, grad: wantGrad ? gradients : null, divisor };
    },
  };
}

/** The gradient of hidden may take its place; the head is read again after gradients are written, so theirs may take no input's. */
function checkResults(
  { hidden, head, bias }: LinearInputs,
  { hidden: ofHidden = null, ...others }: Gradients,
  out: Real | null,
  read: readonly (Source | null)[],
): void {
  const rest = [head, bias, ...read];
  const written = [ofHidden, out].map((data): Source | null => data && { data, format: 'same' });
  checkMemory(FN, { hidden: ofHidden }, out, [hidden], rest);
  checkMemory(FN, others, null, [], [hidden, ...rest, ...written]);
}

/**
 * Cross-entropy of the logits hidden · headᵀ + bias, which are never held: as `torch.nn.functional.linear_cross_entropy`, Liger-Kernel
 * (arXiv:2410.10989) and Cut Cross-Entropy (arXiv:2411.09009).
 *
 *     logits_nc = Σ_h hidden_nh · head_ch + bias_c,  loss as crossEntropy(logits, targets, options), with all of its options
 *     gradients slopeᵀ · hidden (head), slope · head (hidden), Σ_n slope (bias), slope being crossEntropy's gradient
 *
 * Shapes: hidden `[…, H]` (flat: rows = targets), head `[C, H]`, bias `[C]`, targets one a row; of one dtype. `shift` and `mask` as crossEntropy, with
 * the axis before H as sequences. The gradients are `{ hidden, head }`, with a bias `{ hidden, head, bias }`; `grad: { head: null }` leaves the
 * head's out, and with it a third of the work. `accumulate: true` adds them to what is in the arrays given, as over micro-batches. A row that
 * does not count is never read. The head's gradient may not take the head's place.
 *
 * Workspace beside arrays given and returned: 11 MB, and a chunk of up to 256 rows of logits of at most 16 MiB (but at least 4 rows) with blocks of
 * the head, about 25 MB in all at [512, 768] x [32000, 768]. The chunks depend on the sizes alone.
 *
 * @throws RangeError for a target outside [0, C), sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array, mixed dtypes or unknown options
 * @function
 * @category Classification
 */
export const linearCrossEntropy = defineLoss<
  DifferentiableLoss<
    [head: RealArray, targets: IndexArray],
    LinearCrossEntropyOptions,
    'hidden' | 'head' | 'bias'
  >
>({
  name: 'linearCrossEntropy',
  inputs: ['hidden', 'head', 'targets'],
  differentiable: ['hidden', 'head', 'bias'],
  integers: ['targets'],
  parameters,
  common: commonOptionsWithout('axis', 'classes'),
  prepare,
});
