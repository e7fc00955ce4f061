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

/** Row-wise losses: rows x classes. Pointwise losses: rows x classes elements. Embeddings: rows x dim. CTC: samples, classes. */
export interface Size {
  rows: number;
  classes: number;
}

/** What numbers an input holds; see sample.ts. */
export type Kind =
  | 'real'
  | 'logits'
  | 'probability'
  | 'logProbability'
  | 'rate'
  | 'variance'
  | 'count'
  | 'unit'
  | 'sign'
  | 'index'
  | 'labels'
  | 'distribution'
  | 'frames'
  | 'sequence'
  | 'lengths';

export interface Input {
  /** The argument's name, as messages and gradients have it. */
  name: string;
  kind: Kind;
  /** Its kind where the options say otherwise. */
  kindBy?(options: ReferenceOptions): Kind | undefined;
  /** One number a row, not one an element. */
  perRow?: true;
  grad?: true;
}

export interface Entry {
  /** The export; the reference has the same name. */
  name: string;
  family: 'pointwise' | 'rows' | 'embedding' | 'ctc';
  /** In the order of the arguments. */
  inputs: readonly Input[];
  /** Whether rows may be ignored by their target. */
  ignores?: true;
  /** Option configurations by name; the first is the default. */
  options: Record<string, Configuration>;
  /** Beside mean, sum and none. */
  batchmean?: true;
  /**
   * The loss has kinks: samples for float32 then lie on a grid on which every difference is exact, so that a tie is a
   * tie in both precisions and float32 cannot fall to the other side of a margin by rounding.
   */
  kinks?: true;
  /**
   * Whether this element or row (of each input) is far enough from every kink for central differences, with steps up to
   * 0.002. Embeddings, whose distances round, are always kept as far.
   */
  smooth?(parts: readonly ArrayLike<number>[], options: ReferenceOptions): boolean;
  /** Whether the gradient is the derivative of the value. */
  exact?(options: ReferenceOptions): boolean;
}

export const has = ({ inputs }: Entry, ...kinds: Kind[]): boolean =>
  inputs.some(({ kind }) => kinds.includes(kind));
export const differentiable = ({ inputs }: Entry): readonly Input[] => inputs.filter(({ grad }) => grad);
/** How many losses 'none' gives. */
export const lossesOf = ({ family }: Entry, { rows, classes }: Size): number =>
  family === 'pointwise' ? rows * classes : rows;
/** Whether there is one loss a row. */
export const byRow = ({ family }: Entry): boolean => family === 'rows' || family === 'embedding';

const input = (kind: Kind, name = 'input', kindBy?: Input['kindBy']): Input => ({
  name,
  kind,
  grad: true,
  ...(kindBy && { kindBy }),
});
const target = (kind: Kind, name = 'target', kindBy?: Input['kindBy']): Input => ({
  name,
  kind,
  ...(kindBy && { kindBy }),
});
const indices: Input = { name: 'targets', kind: 'index', perRow: true };

const FAR = 0.01;

const apart =
  (...distances: ((options: ReferenceOptions) => number)[]): NonNullable<Entry['smooth']> =>
  ([x, t], options) =>
    distances.every((at) => Math.abs(Math.abs(x![0]! - t![0]!) - at(options)) > FAR);

const hingeSmooth: NonNullable<Entry['smooth']> = ([x, t], { margin = 1 }) =>
  Math.abs(margin - t![0]! * x![0]!) > FAR;

const norm = (x: number[], p = 2) => x.reduce((sum, v) => sum + Math.abs(v) ** p, 0) ** (1 / p);

const cosineSmooth: NonNullable<Entry['smooth']> = ([x, y, t], { margin = 0 }) => {
  const [u, v] = [Array.from(x!), Array.from(y!)];
  const cos = u.reduce((sum, a, i) => sum + a * v[i]!, 0) / norm(u) / norm(v);
  // Random long vectors are nearly orthogonal: at margin 0 none of them is far from it.
  const far = (5 * FAR) / Math.sqrt(u.length);
  return Math.min(norm(u), norm(v)) > 0.3 && (t![0]! > 0 || Math.abs(cos - margin) > far);
};

/** Every difference has a kink for p 1, and for p < 2 a derivative that is too steep near 0. */
const tripletSmooth: NonNullable<Entry['smooth']> = ([a, p, n], options) => {
  const { margin = 1, p: power = 2, swap = false } = options;
  const apart = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x, (v, i) => v - y[i]!);
  const pairs = [apart(a!, p!), apart(a!, n!), ...(swap ? [apart(p!, n!)] : [])];
  const [near, far, other = Infinity] = pairs.map((d) => norm(d, power)) as [number, number, number?];
  // Distances of long vectors differ by little.
  const least = FAR * Math.min(1, 3 / Math.sqrt(a!.length));
  return (
    (power >= 2 || a!.length > 5 || pairs.every((d) => d.every((v) => Math.abs(v) > 20 * FAR))) &&
    Math.min(near, far, other) > 0.3 &&
    Math.abs(far - other) > least &&
    Math.abs(margin + near - Math.min(far, other)) > least
  );
};

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
    inputs: [input('logits', 'logits'), indices],
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
    inputs: [input('logits', 'logits'), target('distribution', 'targets')],
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
    inputs: [input('logProbability', 'logProbs'), indices],
    ignores: true,
    options: {
      none,
      weight: classWeight,
      'weights of 0': someWeight0,
      ignoreIndex: fixed({ ignoreIndex: 1 }),
    },
  },
  { name: 'mseLoss', family: 'pointwise', inputs: [input('real'), target('real')], options: weights },
  {
    name: 'l1Loss',
    family: 'pointwise',
    inputs: [input('real'), target('real')],
    options: weights,
    kinks: true,
    smooth: apart(() => 0),
  },
  {
    name: 'smoothL1Loss',
    family: 'pointwise',
    inputs: [input('real'), target('real')],
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
    inputs: [input('real'), target('real')],
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
    inputs: [input('probability'), target('unit')],
    options: weights,
    // The logarithm is too steep near 0 and 1 for differences with a fixed step.
    smooth: ([x]) => x![0]! > 0.1 && x![0]! < 0.9,
  },
  {
    name: 'binaryCrossEntropyWithLogits',
    family: 'pointwise',
    inputs: [input('logits'), target('unit')],
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
    inputs: [input('logits'), target('unit')],
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
    inputs: [input('logits', 'logits'), indices],
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
    inputs: [input('real'), target('sign')],
    options: hinges,
    kinks: true,
    smooth: hingeSmooth,
  },
  {
    name: 'squaredHingeLoss',
    family: 'pointwise',
    inputs: [input('real'), target('sign')],
    options: hinges,
    kinks: true,
    smooth: hingeSmooth,
  },
  {
    name: 'multiMarginLoss',
    family: 'rows',
    inputs: [input('real'), indices],
    options: {
      none,
      weight: classWeight,
      'p 2': fixed({ p: 2 }),
      margin: fixed({ margin: 0.5 }),
      everything: both(someWeight0, fixed({ p: 2, margin: 2 })),
    },
    kinks: true,
    smooth: ([x, t], { margin = 1 }) =>
      Array.from(x!).every((v, c) => c === t![0] || Math.abs(margin - x![t![0]!]! + v) > FAR),
  },
  {
    name: 'crammerSingerLoss',
    family: 'rows',
    inputs: [input('real'), indices],
    ignores: true,
    options: {
      none,
      weight: classWeight,
      margin: fixed({ margin: 0.5 }),
      everything: both(someWeight0, fixed({ margin: 2, ignoreIndex: 1 })),
    },
    kinks: true,
    smooth: ([x, t], { margin = 1 }) => {
      const rivals = Array.from(x!)
        .filter((_, c) => c !== t![0])
        .sort((a, b) => b - a);
      if (rivals.length > 1 && rivals[0]! - rivals[1]! < FAR) return false;
      return rivals.length === 0 || Math.abs(margin + rivals[0]! - x![t![0]!]!) > FAR;
    },
  },
  {
    name: 'logCoshLoss',
    family: 'pointwise',
    inputs: [input('real'), target('real')],
    options: { none },
  },
  {
    name: 'quantileLoss',
    family: 'pointwise',
    inputs: [input('real'), target('real')],
    options: { none, 'quantile 0.875': fixed({ quantile: 0.875 }), 'quantile 0.1': fixed({ quantile: 0.1 }) },
    kinks: true,
    smooth: apart(() => 0),
  },
  {
    name: 'klDiv',
    family: 'pointwise',
    inputs: [
      input('logProbability'),
      target('distribution', 'target', ({ logTarget }) => (logTarget ? 'logProbability' : undefined)),
    ],
    options: { none, logTarget: fixed({ logTarget: true }) },
    batchmean: true,
  },
  {
    name: 'poissonNllLoss',
    family: 'pointwise',
    inputs: [
      input('real', 'input', ({ logInput = true }) => (logInput ? undefined : 'rate')),
      target('count'),
    ],
    options: {
      none,
      full: fixed({ full: true }),
      rate: fixed({ logInput: false }),
      'rate, full, eps': fixed({ logInput: false, full: true, eps: 0.01 }),
    },
    // The logarithm of a rate is too steep near 0.
    smooth: ([x], { logInput = true }) => logInput || x![0]! > 0.3,
  },
  {
    name: 'gaussianNllLoss',
    family: 'pointwise',
    inputs: [input('real'), target('real'), input('variance', 'variance')],
    options: { none, full: fixed({ full: true }), 'eps, full': fixed({ eps: 0.5, full: true }) },
    smooth: ([, , v], { eps = 1e-6 }) => v![0]! > 0.3 && v![0]! > eps + FAR,
  },
  {
    name: 'softMarginLoss',
    family: 'pointwise',
    inputs: [input('logits'), target('sign')],
    options: { none },
  },
  {
    name: 'hingeEmbeddingLoss',
    family: 'pointwise',
    inputs: [input('real'), target('sign')],
    options: { none, margin: fixed({ margin: 0.5 }), 'margin -1': fixed({ margin: -1 }) },
    kinks: true,
    smooth: ([x, t], { margin = 1 }) => t![0]! > 0 || Math.abs(margin - x![0]!) > FAR,
  },
  {
    name: 'marginRankingLoss',
    family: 'pointwise',
    inputs: [input('real', 'input1'), input('real', 'input2'), target('sign')],
    options: { none, margin: fixed({ margin: 0.5 }), 'margin -1': fixed({ margin: -1 }) },
    kinks: true,
    smooth: ([x, y, t], { margin = 0 }) => Math.abs(margin - t![0]! * (x![0]! - y![0]!)) > FAR,
  },
  {
    name: 'poly1Loss',
    family: 'rows',
    inputs: [input('logits', 'logits'), indices],
    ignores: true,
    options: {
      none,
      weight: classWeight,
      'epsilon 0': fixed({ epsilon: 0 }),
      'epsilon -1': fixed({ epsilon: -1 }),
      everything: both(someWeight0, fixed({ epsilon: 2.5, ignoreIndex: 1 })),
    },
  },
  {
    name: 'diceLoss',
    family: 'rows',
    inputs: [input('probability'), target('unit')],
    options: { none, 'smooth 0.1': fixed({ smooth: 0.1 }) },
  },
  {
    name: 'tverskyLoss',
    family: 'rows',
    inputs: [input('probability'), target('unit')],
    options: {
      none,
      'alpha, beta': fixed({ alpha: 0.25, beta: 0.75 }),
      everything: fixed({ alpha: 1.5, beta: 0.5, smooth: 0.1 }),
    },
  },
  {
    name: 'distillationLoss',
    family: 'rows',
    inputs: [input('logits', 'student'), target('logits', 'teacher')],
    options: {
      none,
      'temperature 2': fixed({ temperature: 2 }),
      reverse: fixed({ direction: 'reverse' }),
      everything: both(mask, fixed({ direction: 'reverse', temperature: 0.5 })),
    },
  },
  {
    name: 'jsDivergence',
    family: 'rows',
    inputs: [input('logits', 'student'), target('logits', 'teacher')],
    options: {
      none,
      'beta 0': fixed({ beta: 0 }),
      'beta 1': fixed({ beta: 1 }),
      everything: both(mask, fixed({ beta: 0.125, temperature: 2 })),
    },
  },
  {
    name: 'multilabelMarginLoss',
    family: 'rows',
    inputs: [input('real'), target('labels', 'targets')],
    options: { none },
    kinks: true,
    smooth: ([x, t]) => {
      const end = Array.from(t!).indexOf(-1);
      const labels = Array.from(t!).slice(0, end < 0 ? undefined : end);
      return labels.every((y) =>
        Array.from(x!).every((v, c) => labels.includes(c) || Math.abs(1 - x![y]! + v) > FAR),
      );
    },
  },
  {
    name: 'multilabelSoftMarginLoss',
    family: 'rows',
    inputs: [input('logits'), target('unit')],
    options: { none, weight: classWeight, 'weights of 0': someWeight0 },
  },
  {
    name: 'cosineEmbeddingLoss',
    family: 'embedding',
    inputs: [
      input('real', 'input1'),
      input('real', 'input2'),
      { name: 'target', kind: 'sign', perRow: true },
    ],
    options: { none, margin: fixed({ margin: 0.25 }), 'margin -0.5': fixed({ margin: -0.5 }) },
    smooth: cosineSmooth,
  },
  {
    name: 'tripletMarginLoss',
    family: 'embedding',
    inputs: [input('real', 'anchor'), input('real', 'positive'), input('real', 'negative')],
    options: {
      none,
      'p 1': fixed({ p: 1 }),
      'p 3, swap': fixed({ p: 3, swap: true, margin: 2 }),
      'p 1.5, eps': fixed({ p: 1.5, eps: 0.125 }),
      swap: fixed({ swap: true, margin: 0.5 }),
    },
    smooth: tripletSmooth,
  },
  {
    name: 'ctcLoss',
    family: 'ctc',
    inputs: [
      input('frames', 'logProbs'),
      target('sequence', 'targets'),
      target('lengths', 'inputLengths'),
      target('lengths', 'targetLengths'),
    ],
    options: {
      none,
      fromLogits: fixed({ fromLogits: true }),
      'last blank': (_, { classes }) => ({ blank: classes - 1 }),
      everything: (_, { classes }) => ({ fromLogits: true, zeroInfinity: true, blank: classes >> 1 }),
    },
    // For log-probabilities it is PyTorch's: that of the logits behind them.
    exact: ({ fromLogits }) => fromLogits === true,
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
