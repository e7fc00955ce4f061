import { kernelsFor } from '../backend.js';
import {
  crossEntropyConstants,
  crossEntropyParameters,
  crossEntropyReadsAllWeights,
} from '../crossEntropyOptions.js';
import type { Real, RowJob } from '../kernels/jobs.js';
import { type Layout, layoutOf } from '../layout.js';
import { chunksOf, partOf, partOfTargets } from '../linear.js';
import { defineLoss, type Evaluation } from '../loss.js';
import type { Settled } from '../options.js';
import { commonParameters, type Parameter } from '../parameters.js';
import { checkOverlap, type Gradients, planReduction, reduced, takeGradients } from '../reduce.js';
import { classWeightOf, sum } from '../rowLoss.js';
import { indexTargets, maskOf } from '../targets.js';
import { checkDtypes, type Input, parseIntegers, parseReal, type RealInput } from '../tensor.js';
import type { DifferentiableLoss, GradientArrays, IndexArray, RealArray } from '../types.js';
import type { CrossEntropyOptions } from './crossEntropy.js';

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

interface Inputs {
  readonly hidden: RealInput;
  readonly head: RealInput;
  readonly bias: RealInput | null;
  readonly target: Input;
  /** Of the hidden rows: `classes` is their width. */
  readonly layout: Layout;
  readonly classes: number;
}

function inputsOf(args: readonly unknown[], options: Settled): Inputs {
  const hidden = parseReal(FN, 'hidden', args[0]);
  const head = parseReal(FN, 'head', args[1]);
  const target = parseIntegers(FN, 'targets', args[2]);
  checkDtypes(FN, 'hidden', hidden, 'head', head);
  const layout = layoutOf(FN, 'hidden', hidden, target, { ...options, axis: -1, classes: null });
  const width = layout.classes;
  const wide = head.shape ? head.shape[head.shape.length - 1] : width;
  if (
    (head.shape && (head.shape.length !== 2 || wide !== width)) ||
    head.length % width !== 0 ||
    head.length === 0
  ) {
    const has = head.shape ? `shape [${head.shape.join(', ')}]` : `${head.length} elements`;
    throw new RangeError(
      `${FN}: head has ${has}, expected [classes, ${width}], a row of hidden's width a class`,
    );
  }
  const classes = head.length / width;
  const given = options.bias;
  const bias = given === null ? null : parseReal(FN, 'bias', given);
  if (bias) {
    checkDtypes(FN, 'hidden', hidden, 'bias', bias);
    if (bias.length !== classes)
      throw new RangeError(`${FN}: bias has ${bias.length} elements, expected ${classes}, one a class`);
  }
  return { hidden, head, bias, target, layout, classes };
}

function evaluate(args: readonly unknown[], options: Settled, wantGrad: boolean): Evaluation {
  const inputs = inputsOf(args, options);
  const { hidden, head, bias, target, layout, classes } = inputs;
  const { dtype } = hidden;
  const { rows } = layout;
  const classWeight = classWeightOf(FN, options.weight, dtype, classes);
  const mask = maskOf(FN, hidden, layout, { ...options, axis: -1 });
  const targets = indexTargets(FN, target, { ...layout, classes }, classWeight, mask, options);
  const plan = planReduction(FN, options, dtype, rows, targets.weight, wantGrad);
  const gradients = gradientsOf(inputs, options, wantGrad);
  checkMemory(inputs, gradients, plan.out, [
    target,
    mask,
    plan.gradOutput,
    classWeight && { data: classWeight },
  ]);

  const { reduction, divisor, scale, out } = plan;
  const second = options.divisor === null ? targets.counted : divisor;
  const facts = {
    classes,
    weightSum: classWeight ? sum(classWeight, classes) : classes,
    secondRatio: reduction === 'mean' && second !== 0 ? divisor / second : 1,
  };
  const kernels = kernelsFor(dtype, rows * classes);
  const wanted = wantGrad && scale !== 0;
  const scores = kernels.linear({
    dtype,
    rows,
    width: layout.classes,
    classes,
    x: hidden,
    head,
    bias,
    xGrad: wanted ? gradients.hidden : null,
    headGrad: wanted ? gradients.head : null,
    biasGrad: wanted ? (gradients.bias ?? null) : null,
    accumulate: options.accumulate as boolean,
  });
  const totals = [0, 0];
  const chunkTotals = new Float64Array(2);
  const constants = crossEntropyConstants(options, facts);
  for (const { from, count, counted, data } of chunksOf(scores, rows, classes, targets)) {
    scores.fill(from, count, counted);
    const job: RowJob = {
      dtype,
      outer: count,
      classes,
      inner: 1,
      input: { data, format: 'same' },
      targets: partOfTargets(targets, from),
      soft: null,
      classWeight,
      readsAllWeights: crossEntropyReadsAllWeights(options),
      gradOutput: wanted && plan.gradOutput ? partOf(plan.gradOutput, from, count) : null,
      constants,
      softcap: (options.softcap as number | null) ?? 0,
      scale,
      grad: wanted ? data : null,
      out: out ? out.subarray(from, from + count) : null,
      stats: null,
      totals: chunkTotals,
    };
    kernels.rows('crossEntropy', job);
    totals[0] += chunkTotals[0];
    totals[1] += chunkTotals[1];
    if (wanted) scores.gradients(from, count, counted);
  }
  if (wanted && rows > 0) scores.end();
  else if (!options.accumulate) for (const gradient of Object.values(gradients)) gradient?.fill(0);
  const value =
    out ??
    reduced(reduction, totals[0], divisor) + (totals[1] !== 0 ? reduced(reduction, totals[1], second) : 0);
  return { value, grad: wantGrad ? gradients : null, divisor };
}

function gradientsOf({ hidden, head, bias }: Inputs, options: Settled, wantGrad: boolean): Gradients {
  if (!wantGrad) return { hidden: null, head: null, bias: null };
  const lengths = { hidden: hidden.length, head: head.length, ...(bias && { bias: bias.length }) };
  return takeGradients(FN, options.grad, hidden.dtype, lengths);
}

/** The gradient of hidden may take its place; the head is read again after gradients are written, so theirs may take no input's. */
function checkMemory(
  { hidden, head, bias }: Inputs,
  gradients: Gradients,
  out: Real | null,
  others: readonly ({ data: unknown } | null)[],
): void {
  const read = [hidden, head, bias, ...others];
  const written: [string, Real][] = [];
  for (const [key, gradient] of [...Object.entries(gradients), ['', out] as const]) {
    if (!gradient) continue;
    const name = key ? `grad.${key}` : 'out';
    for (const source of read)
      checkOverlap(FN, name, gradient, source?.data, key === 'hidden' && source === hidden);
    for (const [, earlier] of written) checkOverlap(FN, name, gradient, earlier, false);
    written.push([name, gradient]);
  }
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
  parameters,
  common: commonParameters.filter(({ name }) => name !== 'axis' && name !== 'classes'),
  evaluate,
});
