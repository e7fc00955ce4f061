/**
 * One entry a loss: how to make its inputs, which option configurations to try, and where it has no derivative. Every
 * table-driven test runs over this list, and api.test.ts asserts that every exported loss is in it. To test a new
 * loss, add its entry here and its formula to reference/.
 */
import type { ReferenceOptions } from './reference/index.js';
import {
  both,
  classWeight,
  elementWeight,
  fixed,
  mask,
  none,
  posWeights,
  someWeight0,
  weights,
  type Configuration,
} from './support/configurations.js';

/** Row-wise losses: rows x classes. Pointwise losses: rows x classes elements. */
export interface Size {
  rows: number;
  classes: number;
}

export type InputKind = 'real' | 'logits' | 'probability' | 'logProbability';
export type TargetKind = 'real' | 'unit' | 'sign' | 'index' | 'distribution';

export interface Entry {
  /** The export; the reference has the same name. */
  name: string;
  family: 'pointwise' | 'rows';
  input: InputKind;
  target: TargetKind;
  /** Whether rows may be ignored by their target. */
  ignores?: true;
  /** Option configurations by name; the first is the default. */
  options: Record<string, Configuration>;
  /**
   * The loss has kinks: samples for float32 then lie on a grid on which every difference is exact, so that a tie is a
   * tie in both precisions and float32 cannot fall to the other side of a margin by rounding.
   */
  kinks?: true;
  /** Whether this element or row is far enough from every kink for central differences (steps up to 0.002). */
  smooth?(x: ArrayLike<number>, target: number, options: ReferenceOptions): boolean;
}

const FAR = 0.01;

const apart =
  (...distances: ((options: ReferenceOptions) => number)[]): NonNullable<Entry['smooth']> =>
  (x, t, options) =>
    distances.every((at) => Math.abs(Math.abs(x[0]! - t) - at(options)) > FAR);

const hingeSmooth: NonNullable<Entry['smooth']> = (x, t, { margin = 1 }) =>
  Math.abs(margin - t * x[0]!) > FAR;

const hinges = {
  ...weights,
  margin: fixed({ margin: 0.5 }),
  'margin 0': fixed({ margin: 0 }),
  ...posWeights,
  'weight, posWeight, margin': both(classWeight, fixed({ posWeight: 1.75, margin: 2 })),
};

export const cases: readonly Entry[] = [
  {
    name: 'crossEntropy',
    family: 'rows',
    input: 'logits',
    target: 'index',
    ignores: true,
    options: {
      none,
      weight: classWeight,
      'weights of 0': someWeight0,
      labelSmoothing: fixed({ labelSmoothing: 0.1 }),
      'labelSmoothing 1': fixed({ labelSmoothing: 1 }),
      'weight, labelSmoothing': both(classWeight, fixed({ labelSmoothing: 0.3 })),
      zLoss: fixed({ zLoss: 0.01 }),
      softcap: fixed({ softcap: 5 }),
      temperature: fixed({ temperature: 0.5 }),
      'softcap, temperature': fixed({ softcap: 5, temperature: 2 }),
      ignoreIndex: fixed({ ignoreIndex: 1 }),
      shift: fixed({ shift: 1 }),
      mask,
      'shift, mask': both(mask, fixed({ shift: 1 })),
      everything: both(
        classWeight,
        mask,
        fixed({
          labelSmoothing: 0.05,
          zLoss: 1e-3,
          softcap: 30,
          temperature: 1.5,
          ignoreIndex: -1,
          shift: 1,
        }),
      ),
    },
  },
  {
    name: 'softTargetCrossEntropy',
    family: 'rows',
    input: 'logits',
    target: 'distribution',
    options: {
      none,
      weight: classWeight,
      labelSmoothing: fixed({ labelSmoothing: 0.1 }),
      'weight, labelSmoothing': both(someWeight0, fixed({ labelSmoothing: 0.3 })),
    },
  },
  {
    name: 'nllLoss',
    family: 'rows',
    input: 'logProbability',
    target: 'index',
    ignores: true,
    options: {
      none,
      weight: classWeight,
      'weights of 0': someWeight0,
      ignoreIndex: fixed({ ignoreIndex: 1 }),
    },
  },
  { name: 'mseLoss', family: 'pointwise', input: 'real', target: 'real', options: weights },
  {
    name: 'l1Loss',
    family: 'pointwise',
    input: 'real',
    target: 'real',
    options: weights,
    kinks: true,
    smooth: apart(() => 0),
  },
  {
    name: 'smoothL1Loss',
    family: 'pointwise',
    input: 'real',
    target: 'real',
    options: {
      none,
      beta: fixed({ beta: 0.5 }),
      'beta 2.5': fixed({ beta: 2.5 }),
      'beta 0': fixed({ beta: 0 }),
    },
    kinks: true,
    smooth: apart(
      () => 0,
      ({ beta = 1 }) => beta,
    ),
  },
  {
    name: 'huberLoss',
    family: 'pointwise',
    input: 'real',
    target: 'real',
    options: {
      ...weights,
      delta: fixed({ delta: 0.5 }),
      'delta, weight': both(elementWeight, fixed({ delta: 3 })),
    },
    smooth: apart(({ delta = 1 }) => delta),
  },
  {
    name: 'binaryCrossEntropy',
    family: 'pointwise',
    input: 'probability',
    target: 'unit',
    options: weights,
    // The logarithm is too steep near 0 and 1 for differences with a fixed step.
    smooth: (x) => x[0]! > 0.1 && x[0]! < 0.9,
  },
  {
    name: 'binaryCrossEntropyWithLogits',
    family: 'pointwise',
    input: 'logits',
    target: 'unit',
    options: {
      ...weights,
      ...posWeights,
      labelSmoothing: fixed({ labelSmoothing: 0.1 }),
      everything: both(classWeight, posWeights['posWeight an element'], fixed({ labelSmoothing: 0.2 })),
    },
  },
  {
    name: 'sigmoidFocalLoss',
    family: 'pointwise',
    input: 'logits',
    target: 'unit',
    options: {
      ...weights,
      ...posWeights,
      'alpha off': fixed({ alpha: null }),
      'alpha < 0': fixed({ alpha: -1 }),
      'alpha 0.75': fixed({ alpha: 0.75 }),
      'gamma 0': fixed({ gamma: 0 }),
      'gamma 0.5': fixed({ gamma: 0.5 }),
      'gamma 1.5': fixed({ gamma: 1.5, alpha: 0.5 }),
      everything: both(elementWeight, posWeights['posWeight [C]'], fixed({ gamma: 3, alpha: 0.9 })),
    },
  },
  {
    name: 'softmaxFocalLoss',
    family: 'rows',
    input: 'logits',
    target: 'index',
    ignores: true,
    options: {
      none,
      weight: classWeight,
      'gamma 0': fixed({ gamma: 0 }),
      'gamma 0.5': fixed({ gamma: 0.5 }),
      'gamma 1': fixed({ gamma: 1 }),
      everything: both(someWeight0, fixed({ gamma: 1.5, ignoreIndex: 1 })),
    },
  },
  {
    name: 'hingeLoss',
    family: 'pointwise',
    input: 'real',
    target: 'sign',
    options: hinges,
    kinks: true,
    smooth: hingeSmooth,
  },
  {
    name: 'squaredHingeLoss',
    family: 'pointwise',
    input: 'real',
    target: 'sign',
    options: hinges,
    kinks: true,
    smooth: hingeSmooth,
  },
  {
    name: 'multiMarginLoss',
    family: 'rows',
    input: 'real',
    target: 'index',
    options: {
      none,
      weight: classWeight,
      'p 2': fixed({ p: 2 }),
      margin: fixed({ margin: 0.5 }),
      everything: both(someWeight0, fixed({ p: 2, margin: 2 })),
    },
    kinks: true,
    smooth: (x, y, { margin = 1 }) =>
      Array.from(x).every((v, c) => c === y || Math.abs(margin - x[y]! + v) > FAR),
  },
  {
    name: 'crammerSingerLoss',
    family: 'rows',
    input: 'real',
    target: 'index',
    ignores: true,
    options: {
      none,
      weight: classWeight,
      margin: fixed({ margin: 0.5 }),
      everything: both(someWeight0, fixed({ margin: 2, ignoreIndex: 1 })),
    },
    kinks: true,
    smooth: (x, y, { margin = 1 }) => {
      const rivals = Array.from(x)
        .filter((_, c) => c !== y)
        .sort((a, b) => b - a);
      if (rivals.length > 1 && rivals[0]! - rivals[1]! < FAR) return false;
      return rivals.length === 0 || Math.abs(margin + rivals[0]! - x[y]!) > FAR;
    },
  },
];

export function entry(name: string): Entry {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no case for ${name}`);
  return found;
}

/** Every (loss, configuration) pair. */
export const configurations: readonly { entry: Entry; config: string }[] = cases.flatMap((each) =>
  Object.keys(each.options).map((config) => ({ entry: each, config })),
);
