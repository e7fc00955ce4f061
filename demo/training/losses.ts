/**
 * The losses of scores that a run can choose from, and which of their options have a control. Names, defaults, ranges and descriptions are
 * losskit's own, but for posWeight, which is an array there and a number here.
 */
import {
  binaryCrossEntropyWithLogits,
  hingeLoss,
  sigmoidFocalLoss,
  softMarginLoss,
  squaredHingeLoss,
} from 'losskit';

export interface Control {
  readonly name: string;
  readonly initial: number;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly description: string;
}

interface Loss {
  readonly lossName: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly default: number | boolean | string | null;
    readonly slider?: readonly [number, number];
    readonly description: string;
  }[];
  valueAndGrad(
    scores: Float64Array,
    targets: Float64Array,
    options: object,
  ): { readonly value: number; readonly grad: Float64Array };
}

export interface LossChoice {
  readonly loss: Loss;
  /** The target of a common point and that of a rare one. */
  readonly targets: readonly [common: number, rare: number];
  /** Whether σ(score) is a probability; the scores of a hinge are distances only. */
  readonly probability: boolean;
  readonly controls: readonly Control[];
  /** What to look for. */
  readonly hint: string;
}

const posWeight: Control = {
  name: 'posWeight',
  initial: 1,
  low: 1,
  high: 30,
  step: 0.5,
  description: 'a factor of the loss of the rare class',
};

function controlOf(loss: Loss, name: string, initial?: number): Control {
  const { default: usual, slider, description } = loss.parameters.find((one) => one.name === name)!;
  const [low, high] = slider!;
  return { name, initial: initial ?? (usual as number), low, high, step: (high - low) / 100, description };
}

function choice(
  given: unknown,
  targets: LossChoice['targets'],
  names: readonly string[],
  hint: string,
  initial: Readonly<Record<string, number>> = {},
): LossChoice {
  const loss = given as Loss;
  return {
    loss,
    targets,
    probability: targets[0] === 0,
    controls: names.map((name) => (name === 'posWeight' ? posWeight : controlOf(loss, name, initial[name]))),
    hint,
  };
}

export const lossChoices: readonly LossChoice[] = [
  choice(
    binaryCrossEntropyWithLogits,
    [0, 1],
    ['posWeight', 'labelSmoothing'],
    'posWeight w asks for the boundary where the chance of the rare class is 1 / (1 + w): at 1 where both are as likely, at 9 where it is one in ten.',
  ),
  choice(
    sigmoidFocalLoss,
    [0, 1],
    ['alpha', 'gamma'],
    'alpha asks for the boundary where the chance of the rare class is 1 − alpha: the usual 0.25 favours the common class. gamma asks for no other place, as on the boundary both classes lose the same by it; but it makes losses small beside the penalty on the weights, so scores stay nearer to 0.',
    { alpha: 0.5 },
  ),
  choice(
    hingeLoss,
    [-1, 1],
    ['margin', 'posWeight'],
    'A margin m is as good as the weight penalty times m: the larger, the flatter the scores, and the sooner a rare class is given up. posWeight gives it back.',
  ),
  choice(
    squaredHingeLoss,
    [-1, 1],
    ['margin', 'posWeight'],
    'Squared, the margin scales all scores alike and leaves the boundary where it is. posWeight moves it.',
  ),
  choice(
    softMarginLoss,
    [-1, 1],
    [],
    'It has no options: binaryCrossEntropyWithLogits for labels of ±1. The rare class cannot be given more weight.',
  ),
];

export const choiceOf = (name: string): LossChoice =>
  lossChoices.find(({ loss }) => loss.lossName === name) ?? lossChoices[0];

/** Of every control its first value. */
export const initialOptions = ({ controls }: LossChoice): Record<string, number> =>
  Object.fromEntries(controls.map(({ name, initial }) => [name, initial]));
