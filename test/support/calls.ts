/** Calls of every export that computes something, large enough for the kernels, in both precisions and under every option configuration of cases.ts. */
import { cases } from '../cases.js';
import { type Real, PRECISIONS } from './library.js';
import { asArguments, drawInputs, preferenceCases } from './preference.js';
import { random } from './random.js';
import { argumentsOf, realArray, sample } from './sample.js';

/** The arguments of a call, options last. */
export type Call = readonly unknown[];

const SEED = 1;
const ROWS = 6;
const CLASSES = 5;

/** Exports that cases.ts has no shape for, by what they are called with on rows of numbers. */
const others: Record<string, (rows: (count: number) => Real) => Call> = {
  linearCrossEntropy: (rows) => [rows(ROWS), rows(CLASSES), targets, { labelSmoothing: 0.1 }],
  sampledSoftmaxLoss: (rows) => [
    rows(ROWS),
    rows(9),
    targets,
    { sampled: [1, 4, 7], logExpectedCount: [-1, -2, -1.5], targetLogExpectedCount: Array(ROWS).fill(-1) },
  ],
  infoNceLoss: (rows) => [rows(ROWS), rows(ROWS), { dim: CLASSES }],
  softmax: (rows) => [rows(ROWS), { classes: CLASSES }],
  logSoftmax: (rows) => [rows(ROWS), { classes: CLASSES }],
  logSumExp: (rows) => [rows(ROWS), { classes: CLASSES }],
  sigmoid: (rows) => [rows(ROWS)],
  tokenLogProbs: (rows) => [rows(ROWS), targets, { softcap: 5 }],
  topLogProbs: (rows) => [rows(ROWS), { k: 2, classes: CLASSES }],
  perplexity: (rows) => [rows(ROWS), targets],
  sequenceLogProbs: (rows) => [rows(ROWS), { shape: [ROWS, CLASSES] }],
};
const targets = Int32Array.from({ length: ROWS }, (_, i) => i % CLASSES);

/** Whether it is a function of arrays, as the losses are. */
export const computes = (name: string): boolean => callsOf(name).length > 0;

export function callsOf(name: string): readonly Call[] {
  return PRECISIONS.flatMap((precision) => {
    const Kind = realArray(precision);
    const r = random(SEED);
    const entry = cases.find((each) => each.name === name);
    if (entry)
      return Object.keys(entry.options).map((config) => {
        const made = sample({ entry, config, size: { rows: ROWS, classes: CLASSES }, precision });
        const { inputs, options } = argumentsOf(made);
        return [...inputs, options];
      });
    const preference = preferenceCases[name];
    if (preference)
      return preference.configs.map((options) => [
        ...asArguments(preference, drawInputs(preference, r, 30, precision), precision),
        options,
      ]);
    const other = others[name];
    return other ? [other((count) => Kind.from({ length: count * CLASSES }, () => r.normal()))] : [];
  });
}
