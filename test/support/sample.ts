/**
 * Random inputs of a loss, from its entry in cases.ts, and the same inputs as arguments of a call. A sample holds
 * plain numbers that are exact in the precision asked for, so the reference sees what the library sees.
 */
import { differentiable, type Entry, type Input, type Kind, type Size } from '../cases.js';
import { reference, type ReferenceAnswer, type ReferenceOptions } from '../reference/index.js';
import { softmax } from '../reference/rows.js';
import { grid } from './configurations.js';
import type { Precision } from './judge.js';
import type { Real } from './library.js';
import { fill, random, seedOf, type Random } from './random.js';

export interface Sample {
  entry: Entry;
  precision: Precision;
  /** Of the first input. */
  shape: number[];
  axis: number;
  inputs: Float64Array[];
  options: ReferenceOptions;
}

export interface SampleOptions {
  entry: Entry;
  config: string;
  size: Size;
  precision: Precision;
  seed?: number | string;
  /** Keep away from kinks (for central differences). */
  smooth?: boolean;
  /** Standard deviation of logits and reals. */
  spread?: number;
}

interface Maker {
  r: Random;
  classes: number;
  spread: number;
  /** What an ignored row has for a target. */
  ignored: number | undefined;
}

/** One number of each kind. */
const numbers: Partial<Record<Kind, (maker: Maker, grad: boolean) => number>> = {
  real: ({ r, spread }, grad) => (grad ? spread : 2) * r.normal(),
  logits: ({ r, spread }) => spread * r.normal(),
  probability: ({ r }) => r.between(1e-6, 1 - 1e-6),
  logProbability: ({ r }) => -r.between(1e-3, 8),
  rate: ({ r }) => r.between(0.05, 8),
  variance: ({ r }) => r.between(0.05, 4),
  count: ({ r }) => r.integer(0, 9),
  // Hard labels mostly, some soft ones.
  unit: ({ r }) => (r.next() < 0.3 ? r.next() : r.integer(0, 1)),
  sign: ({ r }) => (r.next() < 0.5 ? -1 : 1),
  index: ({ r, classes, ignored }) =>
    ignored !== undefined && r.next() < 0.15 ? ignored : r.integer(0, classes - 1),
  distribution: ({ r, classes }) => r.next() / classes,
};

/** Rows of labels, each ended by -1 if there is room; some label is there twice. */
function labelRows({ r, classes }: Maker, rows: number): Float64Array {
  const out = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const count = r.integer(0, Math.min(classes, 6));
    for (let c = 0; c < classes; c++)
      out[row * classes + c] =
        c < count ? r.integer(0, classes - 1) : c === count ? -1 : r.integer(-1, classes - 1);
  }
  return out;
}

export const kindOf = ({ kind, kindBy }: Input, options: ReferenceOptions): Kind => kindBy?.(options) ?? kind;

export function sample(wanted: SampleOptions): Sample {
  const { entry, config, size, precision, smooth = false, spread = 2 } = wanted;
  const { rows, classes } = size;
  const r = random(seedOf(`${entry.name} ${config} ${rows}x${classes} ${precision} ${wanted.seed ?? 0}`));
  const options = entry.options[config]!(r, size);
  const onGrid = entry.kinks && !smooth;
  const round = onGrid ? grid : precision === 'float32' ? Math.fround : (x: number) => x;
  if (entry.family === 'ctc') return sequences(wanted, options, r, round);
  // Vectors as long as a few numbers, however many components they have: else the difference of their distances cancels.
  const share = entry.family === 'embedding' ? 1 / Math.sqrt(classes) : 1;
  const maker = {
    r,
    classes,
    spread: spread * share,
    ignored: entry.ignores ? (options.ignoreIndex ?? -100) : undefined,
  };
  const next = (input: Input) => round(numbers[kindOf(input, options)]!(maker, input.grad ?? false));
  const make = (input: Input) =>
    input.kind === 'labels'
      ? labelRows(maker, rows)
      : fill(input.perRow ? rows : rows * classes, () =>
          input.kind === 'index' ? numbers.index!(maker, false) : next(input),
        );
  // Targets first.
  const inputs: Float64Array[] = [];
  for (const wantsGrad of [false, true])
    entry.inputs.forEach((input, i) => {
      if ((input.grad ?? false) === wantsGrad) inputs[i] = make(input);
    });
  const s: Sample = { entry, precision, shape: [rows, classes], axis: -1, inputs, options };
  if (!entry.smooth || !(smooth || entry.family === 'embedding')) return s;
  const count = entry.family === 'pointwise' ? rows * classes : rows;
  for (let at = 0; at < count; at++) {
    const parts = inputs.map((all) =>
      all.subarray((at * all.length) / count, ((at + 1) * all.length) / count),
    );
    if (entry.inputs.some(({ kind }, i) => kind === 'index' && !(parts[i]![0]! >= 0))) continue; // ignored
    for (let tries = 0; tries < 10_000 && !entry.smooth(parts, options); tries++)
      entry.inputs.forEach((input, i) => {
        if (input.grad) parts[i]!.forEach((_, c) => (parts[i]![c] = next(input)));
      });
  }
  return s;
}

/** Frames of CTC: `rows` samples of `classes`, with labels that fit, one after the other. */
function sequences(
  { entry, size, precision, spread = 2 }: SampleOptions,
  options: ReferenceOptions,
  r: Random,
  round: (x: number) => number,
): Sample {
  const { rows, classes } = size;
  const { blank = 0, fromLogits = false } = options;
  const frames = 4 + ((rows + classes) % 8);
  const targets: number[] = [];
  const [inputLengths, targetLengths] = [new Float64Array(rows), new Float64Array(rows)];
  for (let n = 0; n < rows; n++) {
    const own = Array.from({ length: classes > 1 ? r.integer(0, frames >> 1) : 0 }, () => {
      const label = r.integer(0, classes - 2);
      return label < blank ? label : label + 1;
    });
    const repeats = own.filter((y, i) => i > 0 && y === own[i - 1]).length;
    targets.push(...own);
    targetLengths[n] = own.length;
    inputLengths[n] = r.integer(Math.max(1, own.length + repeats), frames);
  }
  const input = fill(frames * rows * classes, () => spread * r.normal());
  if (!fromLogits) {
    for (let at = 0; at < input.length; at += classes) {
      const s = softmax(input.slice(at, at + classes));
      for (let c = 0; c < classes; c++) input[at + c] = -s.nll(c);
    }
  }
  const inputs = [input.map(round), Float64Array.from(targets), inputLengths, targetLengths];
  return { entry, precision, shape: [frames, rows, classes], axis: -1, inputs, options };
}

export function answer(s: Sample, options: ReferenceOptions = {}): ReferenceAnswer {
  const { inputs, shape, axis } = s;
  return reference(s.entry.name, { inputs, shape, axis, options: { ...s.options, ...options } });
}

/**
 * How far value and gradients (their largest elements) move when every input moves by half an ulp, all up, each up or down,
 * or one input up and the next one down, and so does every soft target and smoothing: where a probability and its target nearly cancel, the rounding of either is all that is left.
 * Never less than the rounding of the reference itself, whose probabilities are of the order of 1.
 */
export function sensitivity(s: Sample, options: ReferenceOptions = {}, base = answer(s, options)) {
  const half = s.precision === 'float32' ? 2 ** -24 : 2 ** -53;
  const r = random(1);
  let value = 2 ** -50 * largest(base.values);
  const grads = base.grads.map((grad) => 2 ** -50 * Math.max(1, largest(grad)));
  const apart = (i: number) => (i % 2 === 0 ? 1 : -1);
  for (const sign of [() => 1, () => (r.next() < 0.5 ? -1 : 1), ...(base.grads.length > 1 ? [apart] : [])]) {
    const inputs = s.inputs.map((input, i) => {
      const { kind, grad } = s.entry.inputs[i]!;
      // A teacher's logits are rounded as the student's are.
      if (grad || kind === 'logits') return input.map((x) => x * (1 + sign(i) * half));
      const soft = kind === 'unit' || kind === 'distribution';
      return soft ? input.map((t) => (t > 0 && t < 1 ? t * (1 + sign(i) * half) : t)) : input;
    });
    const moved = answer({ ...s, inputs, options: nudged(s.options, 1 + sign(0) * half) }, options);
    value = Math.max(value, furthest(moved.values, base.values));
    base.grads.forEach((grad, k) => (grads[k] = Math.max(grads[k]!, furthest(moved.grads[k]!, grad))));
  }
  return { value, grads };
}

/** No conditioning: float64 is judged without. */
export const noSensitivity = (s: Sample) => ({ value: 0, grads: differentiable(s.entry).map(() => 0) });

/** Constants such as 0.1 are no float32 either. */
function nudged(options: ReferenceOptions, factor: number): ReferenceOptions {
  const { labelSmoothing } = options;
  return labelSmoothing === undefined ? options : { ...options, labelSmoothing: labelSmoothing * factor };
}

function largest(a: Float64Array): number {
  let most = 0;
  for (const x of a) if (Math.abs(x) > most && Number.isFinite(x)) most = Math.abs(x);
  return most;
}

function furthest(a: Float64Array, b: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i]! - b[i]!);
    if (distance > most && Number.isFinite(distance)) most = distance;
  }
  return most;
}

/** The array type of a precision; typed as one of the two, as their constructors are called alike. */
export const realArray = (precision: Precision) =>
  (precision === 'float32' ? Float32Array : Float64Array) as Float64ArrayConstructor;

export interface Arguments {
  inputs: (Real | Int32Array)[];
  options: Record<string, unknown>;
}

/** What flat arrays need beside themselves. */
export function flatOptions({ family }: Entry, shape: readonly number[]): Record<string, unknown> {
  if (family === 'rows') return { classes: shape[1] };
  if (family === 'embedding') return { dim: shape[1] };
  return family === 'ctc' ? { shape: [...shape] } : {};
}

/** Options without what says the size of flat arrays: for tensors. */
export const unsized = (options: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !['classes', 'dim', 'shape'].includes(name)));

const whole = new Set<Kind>(['index', 'labels', 'sequence', 'lengths']);

/** The sample as flat typed arrays. */
export function argumentsOf(s: Sample, more: Record<string, unknown> = {}): Arguments {
  const Real = realArray(s.precision);
  const options: Record<string, unknown> = { ...s.options };
  for (const name of ['weight', 'posWeight']) {
    const given = options[name];
    if (given instanceof Float64Array) options[name] = new Real(given);
  }
  return {
    inputs: s.inputs.map((input, i) =>
      whole.has(s.entry.inputs[i]!.kind) ? Int32Array.from(input) : new Real(input),
    ),
    options: { ...options, ...flatOptions(s.entry, s.shape), ...more },
  };
}

/** No rows at all (of 3 classes), no samples. */
export function emptyArguments(entry: Entry, precision: Precision): Arguments {
  const shape = entry.family === 'ctc' ? [2, 0, 3] : [0, 3];
  const inputs = entry.inputs.map(() => new Float64Array(0));
  return argumentsOf({ entry, precision, shape, axis: -1, inputs, options: {} });
}

/** The dims of each input as a tensor. */
export function dimsOf({ entry, shape, inputs }: Sample): number[][] {
  return entry.inputs.map((input, i) => {
    if (entry.family === 'ctc') return i === 0 ? shape : [inputs[i]!.length];
    return input.perRow ? shape.slice(0, -1) : shape;
  });
}

/** Fresh arrays for the gradients of these inputs, filled with `value`. */
export function gradArrays(entry: Entry, inputs: readonly (Real | Int32Array)[], value = 0): Real[] {
  return entry.inputs.flatMap(({ grad }, i) => (grad ? [(inputs[i] as Real).slice().fill(value)] : []));
}

/** The differentiable ones of these inputs. */
export const places = (entry: Entry, inputs: readonly unknown[]): Real[] =>
  inputs.filter((_, i) => entry.inputs[i]!.grad) as Real[];

/** Arrays for the gradients as the option `grad` has them. */
export function gradOption(entry: Entry, arrays: readonly unknown[]): unknown {
  const names = differentiable(entry).map(({ name }) => name);
  return names.length === 1 ? arrays[0] : Object.fromEntries(names.map((name, k) => [name, arrays[k]]));
}
