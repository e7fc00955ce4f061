/** log Σ e^x and log-softmax over an axis, with gradients. They give arrays, and know no reduction. */
import { type Side, sideFor } from './backend.js';
import * as kernels from './kernels/modules/softmax.js';
import { plainJob } from './kernels/plainJob.js';
import { runRows } from './kernels/run.js';
import type { Real } from './kernels/jobs.js';
import { OptionTable, type Settled } from './options.js';
import { commonOptions } from './parameters.js';
import { checkOverlap, sameMemory, takeArray, takeUpstream } from './reduce.js';
import { layoutOfRows, type RowFunction } from './rowFunction.js';
import type { Layout } from './layout.js';
import { type Input, parseReal, type RealInput } from './tensor.js';

const parameters = commonOptions('shape', 'axis', 'classes', 'out', 'grad', 'gradOutput');

/** One call, checked: where value and gradient go, and the upstream gradient as a factor or an array. */
interface Call {
  readonly source: RealInput;
  readonly layout: Layout;
  readonly side: Side;
  readonly value: Real;
  readonly grad: Real | null;
  readonly factor: number;
  readonly upstream: Input | null;
}

interface Definition {
  readonly name: string;
  /** How long the value is. */
  length(layout: Layout): number;
  run(call: Call): void;
}

function rowFunction({ name, length, run }: Definition): RowFunction {
  const table = new OptionTable(name, [], parameters);
  const evaluate = (input: unknown, given: unknown, wantGrad: boolean): Call => {
    const options = table.settle(given, table.defaults);
    const source = parseReal(name, 'input', input);
    const layout = layoutOfRows(name, source, options);
    const losses = length(layout);
    const upstream = wantGrad ? upstreamOf(name, options, source, losses) : null;
    const value = takeArray(name, 'out', options.out, source.dtype, losses);
    const grad = wantGrad ? takeArray(name, 'grad', options.grad, source.dtype, source.length) : null;
    checkOverlap(name, 'out', value, source.data, losses === source.length);
    checkOverlap(name, 'out', value, upstream?.data, false);
    if (grad) {
      checkOverlap(name, 'grad', grad, source.data, true);
      checkOverlap(name, 'grad', grad, upstream?.data, losses === source.length);
      checkOverlap(name, 'grad', grad, value, false);
    }
    const side = sideFor(source.dtype, source.length);
    const factor = typeof options.gradOutput === 'number' ? options.gradOutput : 1;
    const call: Call = { source, layout, side, value, grad, factor, upstream };
    run(call);
    return call;
  };
  const plain = (input: unknown, options?: unknown) => evaluate(input, options, false).value;
  const valueAndGrad = (input: unknown, options?: unknown) => {
    const { value, grad } = evaluate(input, options, true);
    return { value, grad };
  };
  return Object.assign(plain, { valueAndGrad }) as unknown as RowFunction;
}

function upstreamOf(fn: string, options: Settled, { dtype }: RealInput, losses: number): Input | null {
  return typeof options.gradOutput === 'number' ? null : takeUpstream(fn, options.gradOutput, dtype, losses);
}

/**
 * log Σ_c e^x_c over the class axis, one number a row, as `torch.logsumexp`; without overflow.
 *
 *     gradient gradOutput · softmax(x)
 *
 * The value is an array with one number a row (of one row too). A NaN or +inf in a row, or a row all −inf, gives NaN in that row's value and gradient.
 * `gradOutput` is a number or one a row. A flat array without `classes` or `shape` is one row.
 *
 * @throws RangeError for sizes that do not fit; TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Tools
 */
export const logSumExp: RowFunction = rowFunction({
  name: 'logSumExp',
  length: ({ rows }) => rows,
  run({ source, layout, side, value, grad, factor, upstream }) {
    runRows(side, kernels.logSumExp, {
      ...plainJob(source, layout),
      gradOutput: grad && upstream,
      scale: factor,
      grad,
      out: value,
    });
  },
});

/**
 * x_c − log Σ e^x over the class axis, as `torch.nn.functional.log_softmax`.
 *
 *     gradient gradOutput_c − softmax(x)_c · Σ gradOutput
 *
 * The value has the input's length. A NaN or +inf in a row, or a row all −inf, gives NaN in that row's value and gradient; a −inf beside other logits is
 * −inf. `gradOutput` is a number or an array like the input. A flat array without `classes` or `shape` is one row.
 *
 * @throws RangeError for sizes that do not fit; TypeError for a wrong kind of array or an unknown option
 * @function
 * @category Tools
 */
export const logSoftmax: RowFunction = rowFunction({
  name: 'logSoftmax',
  length: ({ outer, classes, inner }) => outer * classes * inner,
  run({ source, layout, side, value, grad, factor, upstream }) {
    const job = plainJob(source, layout);
    const writeValue = () => runRows(side, kernels.logSoftmax, { ...job, grad: value });
    if (!grad) {
      writeValue();
      return;
    }
    // −gradOutput as the targets of a cross-entropy: its gradient is Σ gradOutput · softmax − gradOutput, times −1.
    const inPlace = sameMemory(grad, source.data);
    const soft = upstream ?? { data: filled(inPlace ? null : grad, grad, factor), format: 'same' as const };
    const writeGradient = () =>
      runRows(side, kernels.softTargetCrossEntropy, {
        ...job,
        soft,
        readsAllWeights: true,
        constants: [0],
        scale: -1,
        grad,
      });
    // Where a result takes the input's place, the other one comes first.
    if (inPlace) writeValue();
    writeGradient();
    if (!inPlace) writeValue();
  },
});

/** `into`, or a new array like `like`, with `value` in every place. */
function filled(into: Real | null, like: Real, value: number): Real {
  return (into ?? like.slice()).fill(value);
}
