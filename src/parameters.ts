/** What an option is: one description that the checks, the types' docs, the README's table, the demo's controls and the tests are made from. */

export interface Parameter {
  /** The option's name. */
  readonly name: string;
  /** What it takes: an array may be a tensor. */
  readonly type: 'number' | 'boolean' | 'choice' | 'array';
  /** null: off unless given. */
  readonly default: number | boolean | string | null;
  /** The least it may be. */
  readonly min?: number;
  /** The most it may be. */
  readonly max?: number;
  /** What it must be above. */
  readonly exclusiveMin?: number;
  /** What it must be below. */
  readonly exclusiveMax?: number;
  /** All it may be. */
  readonly choices?: readonly (string | number)[];
  /** There is no default: it must be given. */
  readonly required?: boolean;
  /** Whole numbers only. */
  readonly integer?: boolean;
  /** null switches it off though it has a default. */
  readonly nullable?: boolean;
  /** A useful range for a control. */
  readonly slider?: readonly [number, number];
  /** What it does, in a few words. */
  readonly description: string;
}

/**
 * The options every loss takes.
 *
 * @category Tools
 */
export const commonParameters: readonly Parameter[] = [
  {
    name: 'reduction',
    type: 'choice',
    default: 'mean',
    choices: ['mean', 'sum', 'none'],
    description: 'what becomes of the losses: their mean, their sum, or an array of them',
  },
  {
    name: 'divisor',
    type: 'number',
    default: null,
    exclusiveMin: 0,
    description: "what 'mean' divides by instead of its own count, as under gradient accumulation",
  },
  {
    name: 'gradOutput',
    type: 'number',
    default: 1,
    description: "the upstream gradient: a number, or under 'none' an array like the value",
  },
  {
    name: 'grad',
    type: 'array',
    default: null,
    description: 'the array that valueAndGrad writes the gradient to; may be the input itself',
  },
  { name: 'out', type: 'array', default: null, description: "the array that 'none' writes the losses to" },
  { name: 'shape', type: 'array', default: null, description: 'the shape of flat arrays, row-major' },
  { name: 'axis', type: 'number', default: -1, integer: true, description: 'the class axis of the shape' },
  {
    name: 'classes',
    type: 'number',
    default: null,
    min: 1,
    integer: true,
    description: 'classes a row of flat arrays',
  },
];

/** The common options of these names. */
export const commonOptions = (...names: readonly string[]): readonly Parameter[] =>
  commonParameters.filter(({ name }) => names.includes(name));

/** The common options without these. */
export const commonOptionsWithout = (...names: readonly string[]): readonly Parameter[] =>
  commonParameters.filter(({ name }) => !names.includes(name));

/** What `classes` is to row-wise losses. */
export const dimParameter: Parameter = {
  name: 'dim',
  type: 'number',
  default: null,
  min: 1,
  integer: true,
  description: 'elements a row of flat arrays',
};

export const weightParameter: Parameter = {
  name: 'weight',
  type: 'array',
  default: null,
  description: 'a factor an element, or one a class over the class axis',
};

export const classWeightParameter: Parameter = {
  name: 'weight',
  type: 'array',
  default: null,
  description: 'a factor a class',
};

export const posWeightParameter: Parameter = {
  name: 'posWeight',
  type: 'array',
  default: null,
  description: 'a factor of the positive part: a number, one an element, or one a class over the class axis',
};

export const ignoreIndexParameter: Parameter = {
  name: 'ignoreIndex',
  type: 'number',
  default: -100,
  integer: true,
  description: 'the target that does not count: loss 0, gradient 0',
};

export const labelSmoothingParameter: Parameter = {
  name: 'labelSmoothing',
  type: 'number',
  default: 0,
  min: 0,
  max: 1,
  slider: [0, 0.5],
  description: 'how much of the target is spread evenly over the classes',
};

export const marginParameter: Parameter = {
  name: 'margin',
  type: 'number',
  default: 1,
  slider: [0, 4],
  description: 'the lead at which a right answer costs nothing',
};

export const gammaParameter: Parameter = {
  name: 'gamma',
  type: 'number',
  default: 2,
  min: 0,
  slider: [0, 5],
  description: 'how much easy examples lose weight; 0: not at all',
};

export const fullParameter: Parameter = {
  name: 'full',
  type: 'boolean',
  default: false,
  description: 'whether the terms that do not depend on the input are there too',
};

export const smoothParameter: Parameter = {
  name: 'smooth',
  type: 'number',
  default: 1,
  min: 0,
  slider: [0, 10],
  description: 'added above and below the fraction, so that empty rows have a loss',
};

export const softcapParameter: Parameter = {
  name: 'softcap',
  type: 'number',
  default: null,
  exclusiveMin: 0,
  slider: [5, 50],
  description: 'bound of the logits: softcap · tanh(logits / softcap)',
};

export const temperatureParameter: Parameter = {
  name: 'temperature',
  type: 'number',
  default: 1,
  exclusiveMin: 0,
  slider: [0.1, 5],
  description: 'what the logits are divided by',
};

export const shiftParameter: Parameter = {
  name: 'shift',
  type: 'number',
  default: 0,
  min: 0,
  integer: true,
  description: 'row t is scored against target t + shift of its sequence',
};

export const maskParameter: Parameter = {
  name: 'mask',
  type: 'array',
  default: null,
  description: 'aligned with the targets: where it is 0, the row does not count',
};

export const rowMaskParameter: Parameter = {
  name: 'mask',
  type: 'array',
  default: null,
  description: 'one a row: where it is 0, the row does not count',
};
