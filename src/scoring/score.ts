/** What the functions that score logits against tokens share: their options, checked inputs, and the cross-entropy job that does the work. */
import { sideFor } from '../backend.js';
import type { Real, RowJob, RowStats } from '../kernels/jobs.js';
import type { RowKernel } from '../kernels/kernel.js';
import { plainJob } from '../kernels/plainJob.js';
import { runRows } from '../kernels/run.js';
import { type Layout, layoutOf } from '../layout.js';
import type { Settled } from '../options.js';
import {
  ignoreIndexParameter,
  maskParameter,
  type Parameter,
  shiftParameter,
  softcapParameter,
  temperatureParameter,
} from '../parameters.js';
import { checkOverlap } from '../reduce.js';
import { type CheckedTargets, indexTargets, maskOf } from '../targets.js';
import { type Input, parseIntegers, parseReal, type RealInput } from '../tensor.js';
import type { NumberArray } from '../types.js';

/** How logits and tokens are read. */
export interface ScoringOptions {
  /** The target that does not count. Default -100. */
  ignoreIndex?: number;
  /** Logits (after softcap) are divided by it, > 0. Default 1. */
  temperature?: number;
  /** Logits become softcap · tanh(logits / softcap), > 0. Default off. */
  softcap?: number | null;
  /** Row t of a sequence is scored against target t + shift; 1 where the targets are the input tokens. Default 0. */
  shift?: number;
  /** Aligned with the targets: rows whose target has a 0 do not count. An attention mask. */
  mask?: NumberArray | null;
  /** The shape of flat logits; without it they are one sequence. */
  shape?: readonly number[];
  /** The class axis. Default -1. */
  axis?: number;
  /** Classes a row of flat logits. */
  classes?: number;
}

/** `grad` of a function of one differentiable input. */
export interface ScoringGradient {
  /** Where the gradient goes: exact length and dtype; may be the logits. Default a new array. */
  grad?: Float32Array | Float64Array;
}

export const scoringParameters: readonly Parameter[] = [
  ignoreIndexParameter,
  temperatureParameter,
  softcapParameter,
  shiftParameter,
  maskParameter,
];

/** The checked inputs of one call. */
export interface Scoring {
  readonly source: RealInput;
  readonly layout: Layout;
  readonly targets: CheckedTargets;
  /** What is read beside the logits, which no result may share memory with. */
  readonly others: readonly (Input | null)[];
}

/** Refuses whatever does not fit, before anything is computed. */
export function scoringOf(fn: string, logits: unknown, tokens: unknown, options: Settled): Scoring {
  const source = parseReal(fn, 'logits', logits);
  const target = parseIntegers(fn, 'targets', tokens);
  const layout = layoutOf(fn, 'logits', source, target, options);
  const mask = maskOf(fn, source, layout, options);
  const targets = indexTargets(fn, target, layout, null, mask, options);
  return { source, layout, targets, others: [target, mask] };
}

/** Refuses results that share memory with each other or with what is read; the gradient may take the place of the logits. */
export function checkResults(
  fn: string,
  { source, others }: Scoring,
  out: Real | null,
  grad: Real | null,
  gradOutput: Input | null,
): void {
  const read = [...others, gradOutput];
  if (out) for (const other of [source, ...read]) checkOverlap(fn, 'out', out, other?.data, false);
  if (!grad) return;
  checkOverlap(fn, 'grad', grad, source.data, true);
  for (const other of [...read.map((each) => each?.data), out]) checkOverlap(fn, 'grad', grad, other, false);
}

/** What a call wants of the job. */
export interface Wanted {
  /** −log p of each row's token. */
  readonly out: Real | null;
  readonly stats: RowStats | null;
  /** The gradient of Σ scale · gradOutput · (−log p). */
  readonly grad: Real | null;
  readonly scale: number;
  readonly gradOutput: Input | null;
}

/** Nothing but the sum. */
export const sumOnly: Wanted = { out: null, stats: null, grad: null, scale: 1, gradOutput: null };

/**
 * Runs the job and gives Σ −log p over the rows that count. Never by the loops for tiny calls, which round otherwise: the parts of a corpus sum up
 * to the whole, whatever their sizes.
 */
export function runScoring(
  kernel: RowKernel,
  { source, layout, targets }: Scoring,
  options: Settled,
  wanted: Wanted,
): number {
  const softcap = (options.softcap as number | null) ?? 0;
  const temperature = options.temperature as number;
  const totals = new Float64Array(2);
  const job: RowJob = {
    ...plainJob(source, layout),
    ...wanted,
    targets,
    softcap,
    constants: [0, 0, softcap, temperature, 1, layout.classes, wanted.stats ? 1 : 0],
    // The body with a temperature is that with label smoothing.
    readsAllWeights: temperature !== 1,
    totals,
  };
  return runRows(sideFor(source.dtype, Infinity), kernel, job);
}
