import type { CtcJob } from '../kernels/jobs.js';
import { runCtc } from '../kernels/run.js';
import { defineLoss } from '../loss.js';
import type { Settled } from '../options.js';
import { checkMemory, planReduction, reduced, takeArray } from '../reduce.js';
import { checkLengths, checkSequences } from '../sequences.js';
import { checkShape, type Input, parseIntegers, parseReal, product } from '../tensor.js';
import type { CommonOptions, DifferentiableLoss, IndexArray } from '../types.js';
import type { Prepared } from '../work.js';

/**
 * Options of {@link ctcLoss}.
 *
 * @category Options
 */
export interface CtcLossOptions extends CommonOptions {
  /** The class that stands for no label. Default 0. */
  blank?: number;
  /** Whether a sample whose frames cannot hold its labels counts as 0 instead of +inf. Default false. */
  zeroInfinity?: boolean;
  /** Whether the input is logits, to be put through a log-softmax. Default false. */
  fromLogits?: boolean;
}

const fn = 'ctcLoss';

/**
 * Connectionist temporal classification, as `torch.nn.functional.ctc_loss` (Graves et al. 2006, "Connectionist temporal classification").
 *
 *     loss = −log Σ_paths Π_t p_t(path_t)
 *
 * over all paths of one class a frame that, repeats merged and blanks left out, are the sample's labels. In nats.
 *
 * Shapes: logProbs (or logits, with `fromLogits`) `[T, N, C]`, frames x samples x classes, or `[T, C]` for one sample; flat arrays need `shape`, or
 * `classes` (N is then the number of inputLengths). targets `[N, S]`, of which the first targetLengths[n] of a row count, or flat: one sample's
 * labels behind the other's where that makes Σ targetLengths, else rows of length/N. inputLengths, targetLengths: one a sample.
 * 'none' gives N losses; 'mean' is Σ loss / max(1, targetLength), divided by N (or `divisor`).
 *
 * Gradient: for logits softmax − occupancy, the derivative. For log-probabilities exp(logProbs) − occupancy, as PyTorch: the derivative behind a
 * log-softmax. Frames beyond a sample's length are never read and have gradient 0. Labels that do not fit the frames: loss +inf and gradient NaN
 * in the sample's frames, or 0 and 0 with `zeroInfinity`. No frames: 0 without labels. A NaN or +inf (of log-probabilities: of a class in the
 * labels, or blank) gives NaN in its sample only.
 *
 * Workspace, beside the scratch that all losses share: none where a sample's T · C fits 2 MiB and its T · S some 40,000; beyond, 50 bytes a
 * label for each part of such a size. Calls with more than 8190 labels a sample or 2 MiB a frame run the TypeScript loops: 16 bytes a label and frame.
 *
 * @throws RangeError for a length outside its range, a label outside [0, C) or equal to blank, sizes that do not fit
 * @throws TypeError for a wrong kind of array, mixed or unknown options
 * @function
 * @category Sequences and preferences
 */
export const ctcLoss = defineLoss<
  DifferentiableLoss<
    [targets: IndexArray, inputLengths: IndexArray, targetLengths: IndexArray],
    CtcLossOptions
  >
>({
  name: 'ctcLoss',
  inputs: ['logProbs', 'targets', 'inputLengths', 'targetLengths'],
  integers: ['targets', 'inputLengths', 'targetLengths'],
  losses: 'samples',
  parameters: [
    {
      name: 'blank',
      type: 'number',
      default: 0,
      min: 0,
      integer: true,
      description: 'the class that stands for no label',
    },
    {
      name: 'zeroInfinity',
      type: 'boolean',
      default: false,
      description: 'whether a sample whose frames cannot hold its labels counts as 0 instead of +inf',
    },
    {
      name: 'fromLogits',
      type: 'boolean',
      default: false,
      description: 'whether the input is logits, to be put through a log-softmax',
    },
  ],
  prepare,
});

function prepare(inputs: readonly unknown[], options: Settled, wantGrad: boolean): Prepared {
  const input = parseReal(fn, 'logProbs', inputs[0]);
  const targets = parseIntegers(fn, 'targets', inputs[1]);
  const inputLengths = parseIntegers(fn, 'inputLengths', inputs[2]);
  const targetLengths = parseIntegers(fn, 'targetLengths', inputs[3]);
  const { dtype } = input;
  const [frames, samples, classes] = shapeOf(input, inputLengths.length, options);
  const blank = options.blank as number;
  if (blank >= classes)
    throw new RangeError(`${fn}: blank is ${blank}, expected an integer in [0, ${classes})`);
  const lengths = checkLengths(fn, 'inputLengths', inputLengths, samples, frames, 'the frames');
  const { labels, starts } = checkSequences(fn, targets, targetLengths, samples, classes, blank);
  const plan = planReduction(fn, options, dtype, samples, samples, wantGrad);
  const { reduction, divisor, scale, out } = plan;
  const grad = wantGrad ? takeArray(fn, 'grad', options.grad, dtype, input.length) : null;
  if (options.grad !== null || options.out !== null)
    checkMemory(fn, { grad }, out, [input], [targets, inputLengths, targetLengths, plan.gradOutput]);
  const job: CtcJob = {
    dtype,
    frames,
    samples,
    classes,
    input,
    fromLogits: options.fromLogits as boolean,
    labels,
    starts,
    lengths,
    blank,
    zeroInfinity: options.zeroInfinity as boolean,
    perLabel: reduction === 'mean',
    gradOutput: grad ? plan.gradOutput : null,
    scale,
    grad: scale === 0 ? null : grad,
    out,
  };
  return {
    work: { family: 'ctc', kernel: null, job, run: runCtc },
    elements: input.length,
    finish(total) {
      if (scale === 0 && grad) grad.fill(0);
      return { value: out ?? reduced(reduction, total, divisor), grad, divisor };
    },
  };
}

/** Frames, samples and classes. `samples`: of flat arrays with `classes`. */
function shapeOf(input: Input, samples: number, options: Settled): readonly [number, number, number] {
  const given = options.shape === null ? input.shape : checkShape(fn, 'shape', options.shape);
  const classes = options.classes as number | null;
  const shape = given ?? flatShape(input.length, samples, classes);
  const named = `[${shape.join(', ')}]`;
  if (shape.length !== 2 && shape.length !== 3)
    throw new RangeError(`${fn}: logProbs has shape ${named}, expected [T, N, C], or [T, C] for one sample`);
  if (product(shape) !== input.length)
    throw new RangeError(
      `${fn}: shape ${named} is ${product(shape)} elements, but logProbs has ${input.length}`,
    );
  const axis = options.axis as number;
  if (axis !== -1 && axis !== shape.length - 1)
    throw new RangeError(
      `${fn}: axis is ${axis}, expected -1 or ${shape.length - 1}, the last of shape ${named}`,
    );
  const last = shape[shape.length - 1];
  if (last === 0) throw new RangeError(`${fn}: shape ${named} has 0 classes, expected at least 1`);
  if (classes !== null && classes !== last)
    throw new RangeError(`${fn}: classes is ${classes}, but the last axis of shape ${named} has ${last}`);
  return [shape[0], shape.length === 3 ? shape[1] : 1, last];
}

function flatShape(length: number, samples: number, classes: number | null): readonly number[] {
  if (classes === null)
    throw new RangeError(
      `${fn}: logProbs is flat with ${length} elements, expected classes or a shape [T, N, C] to split it`,
    );
  const frames = samples === 0 ? 0 : length / (samples * classes);
  if (!Number.isInteger(frames) || (samples === 0 && length > 0))
    throw new RangeError(
      `${fn}: logProbs has ${length} elements, expected a multiple of ${samples} samples (inputLengths) x ${classes} classes`,
    );
  return [frames, samples, classes];
}
