/**
 * Cross-entropy of scores that a loss makes itself from rows and a head, a chunk of rows at a time: what linearCrossEntropy, infoNceLoss and
 * sampledSoftmaxLoss share. Their inputs, and the walk over the chunks; it knows what none of them is for.
 */
import type { Side } from './backend.js';
import type { LinearJob, LinearScores, Real, RowJob, Targets } from './kernels/jobs.js';
import { crossEntropy } from './kernels/modules/crossEntropy.js';
import { plainJob } from './kernels/plainJob.js';
import { makeScores, runRows } from './kernels/run.js';
import type { Source } from './kernels/source.js';
import { type Layout, layoutOf } from './layout.js';
import type { Settled } from './options.js';
import { checkDtypes, type Input, parseIntegers, parseReal, type RealInput } from './tensor.js';

/** The inputs of an output layer and its loss. */
export interface LinearInputs {
  readonly hidden: RealInput;
  readonly head: RealInput;
  readonly bias: RealInput | null;
  readonly target: Input;
  /** Of the hidden rows: `classes` is their width. */
  readonly layout: Layout;
  /** Rows of the head. */
  readonly classes: number;
}

/** Hidden states, head and targets as given, and the option `bias`. */
export function linearInputs(fn: string, args: readonly unknown[], options: Settled): LinearInputs {
  const hidden = parseReal(fn, 'hidden', args[0]);
  const head = parseReal(fn, 'head', args[1]);
  const target = parseIntegers(fn, 'targets', args[2]);
  checkDtypes(fn, 'hidden', hidden, 'head', head);
  const layout = layoutOf(fn, 'hidden', hidden, target, { ...options, axis: -1, classes: null });
  const width = layout.classes;
  const { shape } = head;
  if (
    (shape && (shape.length !== 2 || shape[1] !== width)) ||
    head.length % width !== 0 ||
    head.length === 0
  ) {
    const has = shape ? `shape [${shape.join(', ')}]` : `${head.length} elements`;
    throw new RangeError(
      `${fn}: head has ${has}, expected [classes, ${width}], a row of hidden's width a class`,
    );
  }
  const classes = head.length / width;
  const bias = options.bias === null ? null : parseReal(fn, 'bias', options.bias);
  if (bias) {
    checkDtypes(fn, 'hidden', hidden, 'bias', bias);
    if (bias.length !== classes)
      throw new RangeError(`${fn}: bias has ${bias.length} elements, expected ${classes}, one a class`);
  }
  return { hidden, head, bias, target, layout, classes };
}

/** How long each gradient is, by its name. */
export const linearLengths = ({ hidden, head, bias }: LinearInputs): Readonly<Record<string, number>> => ({
  hidden: hidden.length,
  head: head.length,
  ...(bias && { bias: bias.length }),
});

/** What a cross-entropy of such scores is, beside its dtype and sizes. */
export interface LinearLoss
  extends
    Pick<RowJob, 'constants' | 'scale' | 'gradOutput' | 'out'>,
    Partial<Pick<RowJob, 'classWeight' | 'readsAllWeights' | 'softcap'>> {
  readonly targets: Targets;
  readonly wantGrad: boolean;
  /** Puts other scores into rows [from, from + count) before their losses. */
  adjust?(scores: Real, from: number, count: number): void;
  /** Takes gradients of scores that are not those of the head, and leaves 0 in their place. */
  collect?(slopes: Real, from: number, count: number): void;
}

/** Runs it, the gradients of the job included; Σ loss and Σ second term. */
export function runLinear(side: Side, job: LinearJob, loss: LinearLoss): [loss: number, second: number] {
  const scores = makeScores(side, job);
  const totals = new Float64Array(2);
  const sums: [number, number] = [0, 0];
  for (let from = 0; from < job.rows; from += scores.chunk) {
    runLinearChunk(side, scores, job, loss, from, totals);
    sums[0] += totals[0];
    sums[1] += totals[1];
  }
  if (loss.wantGrad) scores.end();
  return sums;
}

/** The chunk of rows that begins at `from`; what it adds to the sums goes to `totals`. */
export function runLinearChunk(
  side: Side,
  scores: LinearScores,
  job: LinearJob,
  loss: LinearLoss,
  from: number,
  totals: Float64Array,
): void {
  const { dtype, rows, classes } = job;
  const { targets, wantGrad, adjust, collect, gradOutput, out, ...rest } = loss;
  const count = Math.min(scores.chunk, rows - from);
  const data = scores.scores.subarray(0, count * classes);
  const counted = new Int32Array(count);
  targets.read(from, count, counted, 0);
  scores.fill(from, count, counted);
  adjust?.(data, from, count);
  runRows(side, crossEntropy, {
    ...plainJob({ data, format: 'same', dtype }, { outer: count, classes, inner: 1 }),
    ...rest,
    targets: partOfTargets(targets, from),
    gradOutput: wantGrad && gradOutput ? partOf(gradOutput, from, count) : null,
    grad: wantGrad ? data : null,
    out: out && out.subarray(from, from + count),
    totals,
  });
  if (!wantGrad) return;
  collect?.(data, from, count);
  scores.gradients(from, count, counted);
}

/** Elements [from, from + count) of a source. */
function partOf({ data, format }: Source, from: number, count: number): Source {
  const part = ArrayBuffer.isView(data)
    ? (data as Float32Array).subarray(from, from + count)
    : (data as readonly number[]).slice(from, from + count);
  return { data: part, format };
}

/** The targets of the rows from `from` on. */
function partOfTargets(targets: Targets, from: number): Targets {
  return {
    direct: null,
    ignoreIndex: -1,
    read: (start, count, into, at) => targets.read(from + start, count, into, at),
  };
}
