/** What the explorer has to be told of a loss beside what losskit says of it, in three kinds of picture. Knows no drawing. */
import type { OptionValues } from './options.js';

export const groups = {
  regression: 'Regression',
  binary: 'Binary',
  classification: 'Classification',
  embedding: 'Embedding',
  divergence: 'Divergence and distillation',
  preference: 'Sequence and preference',
} as const;
export type Group = keyof typeof groups;

/** A number that is an argument of the loss: a slider, a choice, or fixed where it is only there to be subtracted. */
export interface Argument {
  readonly name: string;
  readonly label: string;
  readonly start: number;
  readonly range?: readonly [number, number];
  /** Where an option changes what the numbers mean. */
  readonly rangeBy?: (options: OptionValues) => readonly [number, number] | undefined;
  readonly choices?: readonly (readonly [value: number, label: string])[];
  readonly integer?: true;
}

interface Common {
  readonly group: Group;
  readonly about: string;
  /** For formula.ts. */
  readonly formula: string;
  /** Where an option makes it another. */
  readonly formulaBy?: (options: OptionValues) => string | undefined;
  /** Its name elsewhere, and the page that defines it. */
  readonly source: readonly [name: string, address: string];
  /** One line below the picture. */
  readonly note?: string;
  /** The loss whose curve it has. */
  readonly like?: string;
  /** Options that the picture needs as they are. */
  readonly fixed?: OptionValues;
  /** Options that no picture shows. */
  readonly without?: readonly string[];
  /** Something to see, and the address that shows it. */
  readonly tries?: readonly (readonly [text: string, query: string])[];
}

/** One number against one target. */
export interface PointEntry extends Common {
  readonly kind: 'point';
  /** The first argument, which the curve runs over. */
  readonly x: Argument;
  readonly xLabelBy?: (options: OptionValues) => string | undefined;
  /** The rest, in order. */
  readonly rest: readonly Argument[];
  /** The input is a logit: its sigmoid is worth showing. */
  readonly logit?: true;
}

export type Targets = 'index' | 'distribution' | 'mask' | 'labels' | 'teacher' | 'sequence';
/** How the numbers go into the call; see kinds/rowCalls.ts. */
export type RowCall = 'rows' | 'linear' | 'sampled' | 'frames';

/** A row of numbers, one a class. */
export interface RowEntry extends Common {
  readonly kind: 'row';
  /** What a number of the row is. */
  readonly unit: 'logit' | 'log-prob.' | 'probability' | 'score';
  readonly range: readonly [number, number];
  readonly start: readonly number[];
  readonly targets: Targets;
  /** Of index: a class; of the others: one number a class. */
  readonly startTarget?: number;
  readonly startTargets?: readonly number[];
  readonly call: RowCall;
  /** What turns the row into probabilities. */
  readonly probability?: 'softmax' | 'sigmoid';
  readonly rest?: readonly Argument[];
  /** The names of the arguments in the code line. */
  readonly names: readonly string[];
}

/** Points of a plane. */
export interface PlaneEntry extends Common {
  readonly kind: 'plane';
  readonly points: readonly string[];
  /** x and y of each point. */
  readonly start: readonly number[];
  /** The point that moves at first. */
  readonly moves: number;
  /** What the curve runs over: the point's distance from the first, or its angle. */
  readonly over: 'distance' | 'angle';
  readonly target?: Argument;
  /** From this point on they are one argument. */
  readonly negatives?: number;
}

export type Entry = PointEntry | RowEntry | PlaneEntry;

/** All that can be set of a loss but its options; each kind uses its part. */
export interface State {
  /** point: the prediction */
  x: number;
  /** point, row: further arguments by name */
  rest: Record<string, number>;
  /** row: the logits; plane: x and y of each point */
  values: number[];
  /** row: the class, or which sequence */
  target: number;
  /** row: one number a class */
  targets: number[];
  /** row: the class, plane: the point that the curve moves */
  selected: number;
}

/** Everything an evaluation takes. */
export interface Setting {
  readonly name: string;
  readonly entry: Entry;
  readonly state: State;
  readonly options: OptionValues;
}

export interface Axis {
  readonly label: string;
  readonly range: readonly [number, number];
}

/** What a kind of picture is to the plots. */
export interface Kind<E extends Entry = Entry> {
  axis(setting: Setting & { entry: E }): Axis;
  /** Where on the axis the state is. */
  position(setting: Setting & { entry: E }): number;
  move(setting: Setting & { entry: E }, x: number): void;
  /** The loss and its derivative along the axis at every x. */
  evaluate(setting: Setting & { entry: E }, xs: Float64Array, loss: Float64Array, slope: Float64Array): void;
  /** The losskit call of this setting. */
  code(setting: Setting & { entry: E }): string;
}
