/**
 * The losses of preferences, which are not in cases.ts (one number a sequence: no rows, no classes): how to make their inputs, and which options to try.
 * All of preference.test.ts runs over this table, so that a loss named here is tested there; api.test.ts asserts that none is in neither.
 */
import type { PreferenceReferenceOptions } from '../reference/preference.js';
import { preference } from '../reference/preference.js';
import { sum } from '../reference/sums.js';
import type { Random } from './random.js';
import type { Precision } from './judge.js';
import { realArray } from './sample.js';
import { asArray, REDUCTIONS, type Real } from './library.js';

export interface PreferenceCase {
  /** The arguments; 'labels' is not of the others' dtype. */
  inputs: readonly string[];
  /** Those with a gradient. */
  gradients: readonly string[];
  /** Own options and their defaults, from the catalogue. */
  own: Record<string, unknown>;
  /** The first is the default. */
  configs: readonly PreferenceReferenceOptions[];
  /** One element of each input. */
  draw(r: Random): number[];
  /** Whether central differences can be taken. */
  smooth?(x: readonly number[], options: PreferenceReferenceOptions): boolean;
}

/** Sequences of many tokens, the policy near its reference. */
const sums = (r: Random) => {
  const reference = -r.between(5, 120);
  return [reference + 4 * r.normal(), reference] as const;
};
const averages = (r: Random) => [-r.between(1e-3, 8), -r.between(1e-3, 8)];

export const preferenceCases: Record<string, PreferenceCase> = {
  dpoLoss: {
    inputs: ['policyChosen', 'policyRejected', 'referenceChosen', 'referenceRejected'],
    gradients: ['policyChosen', 'policyRejected'],
    own: { beta: 0.1, type: 'sigmoid', labelSmoothing: 0 },
    configs: [
      {},
      { beta: 0.5, labelSmoothing: 0.1 },
      { labelSmoothing: 1 },
      { type: 'robust', labelSmoothing: 0.2 },
      { type: 'robust', beta: 1.5 },
      { type: 'hinge', beta: 0.3 },
      { type: 'ipo', beta: 0.25 },
      { type: 'ipo', labelSmoothing: 0.6 },
    ],
    draw: (r) => {
      const [[pc, rc], [pr, rr]] = [sums(r), sums(r)];
      return [pc, pr, rc, rr];
    },
    smooth: ([pc, pr, rc, rr], { type, beta = 0.1 }) =>
      type !== 'hinge' || Math.abs(beta * (pc! - rc! - (pr! - rr!)) - 1) > 0.01,
  },
  orpoLoss: {
    inputs: ['chosen', 'rejected'],
    gradients: ['chosen', 'rejected'],
    own: { beta: 0.1 },
    configs: [{}, { beta: 1 }],
    draw: averages,
  },
  simpoLoss: {
    inputs: ['chosen', 'rejected'],
    gradients: ['chosen', 'rejected'],
    own: { beta: 2, gamma: 0.5 },
    configs: [{}, { beta: 10, gamma: 3 }, { beta: 0.7, gamma: 0 }, { gamma: -1 }],
    draw: averages,
  },
  ktoLoss: {
    inputs: ['policy', 'reference', 'labels'],
    gradients: ['policy'],
    own: { beta: 0.1, kl: 0, desirableWeight: 1, undesirableWeight: 1 },
    configs: [
      {},
      { beta: 0.4, kl: 2.5 },
      { desirableWeight: 1.33, undesirableWeight: 0.5 },
      { desirableWeight: 0 },
    ],
    draw: (r) => [...sums(r), r.integer(0, 1)],
  },
};

export const preferenceNames = Object.keys(preferenceCases);

/** Inputs of `length` elements each, exact in the precision. */
export function drawInputs(
  { draw, smooth }: PreferenceCase,
  r: Random,
  length: number,
  precision: Precision,
  keepSmooth: PreferenceReferenceOptions | null = null,
): number[][] {
  const round = precision === 'float32' ? Math.fround : (x: number) => x;
  const columns: number[][] = [];
  for (let i = 0; i < length; i++) {
    let x = draw(r);
    while (keepSmooth && smooth && !smooth(x, keepSmooth)) x = draw(r);
    x.forEach((value, k) => (columns[k] ??= []).push(round(value)));
  }
  return columns;
}

/** The inputs as a call takes them. */
export const asArguments = (
  { inputs }: PreferenceCase,
  columns: readonly number[][],
  precision: Precision,
): (Real | Uint8Array)[] =>
  inputs.map((name, k) => (name === 'labels' ? Uint8Array : realArray(precision)).from(columns[k] ?? []));

export interface ReductionOptions {
  reduction?: (typeof REDUCTIONS)[number];
  divisor?: number;
  gradOutput?: number | number[];
}

/** Value and gradients of a call, by the reference. */
export function answerOf(
  name: string,
  columns: readonly number[][],
  options: PreferenceReferenceOptions & ReductionOptions,
): { values: ArrayLike<number>; grads: number[][]; divisor: number } {
  const { reduction = 'mean', gradOutput = 1 } = options;
  const each = (columns[0] ?? []).map((_, i) =>
    preference[name]!(
      columns.map((column) => column[i]!),
      options,
    ),
  );
  const losses = each.map(({ loss }) => loss);
  const divisor = options.divisor ?? losses.length;
  const by = reduction === 'mean' ? divisor : 1;
  const value = reduction === 'none' ? losses : sum(losses) / by;
  const grads = preferenceCases[name]!.gradients.map((_, k) =>
    each.map(
      ({ slopes }, i) => (slopes[k]! * (typeof gradOutput === 'number' ? gradOutput : gradOutput[i]!)) / by,
    ),
  );
  return { values: asArray(value), grads, divisor };
}
