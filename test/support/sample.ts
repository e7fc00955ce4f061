/**
 * Random inputs of a loss, from its entry in cases.ts, and the same inputs as arguments of a call. A sample holds
 * plain numbers that are exact in the precision asked for, so the reference sees what the library sees.
 */
import type { Entry, Size } from '../cases.js';
import { reference, type ReferenceAnswer, type ReferenceOptions } from '../reference/index.js';
import { grid } from './configurations.js';
import type { Precision } from './judge.js';
import { fill, random, seedOf, type Random } from './random.js';

export interface Sample {
  entry: Entry;
  precision: Precision;
  shape: number[];
  axis: number;
  input: Float64Array;
  target: Float64Array;
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

function inputs(entry: Entry, r: Random, spread: number): () => number {
  switch (entry.input) {
    case 'probability':
      return () => r.between(1e-6, 1 - 1e-6);
    case 'logProbability':
      return () => -r.between(1e-3, 8);
    default:
      return () => spread * r.normal();
  }
}

function targets(entry: Entry, r: Random, classes: number, ignored: number | undefined): () => number {
  switch (entry.target) {
    case 'index':
      return () => (ignored !== undefined && r.next() < 0.15 ? ignored : r.integer(0, classes - 1));
    case 'sign':
      return () => (r.next() < 0.5 ? -1 : 1);
    case 'unit':
      // Hard labels mostly, some soft ones.
      return () => (r.next() < 0.3 ? r.next() : r.integer(0, 1));
    case 'distribution':
      return () => r.next() / classes;
    default:
      return () => 2 * r.normal();
  }
}

export function sample(wanted: SampleOptions): Sample {
  const { entry, config, size, precision, smooth = false, spread = 2 } = wanted;
  const { rows, classes } = size;
  const r = random(seedOf(`${entry.name} ${config} ${rows}x${classes} ${precision} ${wanted.seed ?? 0}`));
  const options = entry.options[config]!(r, size);
  const onGrid = entry.kinks && !smooth;
  const round = onGrid ? grid : precision === 'float32' ? Math.fround : (x: number) => x;
  const nextInput = inputs(entry, r, spread);
  const nextTarget = targets(entry, r, classes, entry.ignores ? (options.ignoreIndex ?? -100) : undefined);
  const perRow = entry.target === 'index';
  const target = fill(perRow ? rows : rows * classes, () => (perRow ? nextTarget() : round(nextTarget())));
  const input = fill(rows * classes, () => round(nextInput()));
  if (smooth && entry.smooth) {
    const step = entry.family === 'rows' ? classes : 1;
    for (let i = 0; i < input.length; i += step) {
      const part = input.subarray(i, i + step);
      const y = target[i / step]!;
      if (perRow && !(y >= 0)) continue; // ignored: the row has no derivative but 0
      for (let tries = 0; tries < 10_000 && !entry.smooth(part, y, options); tries++) {
        for (let c = 0; c < step; c++) part[c] = round(nextInput());
      }
    }
  }
  return { entry, precision, shape: [rows, classes], axis: -1, input, target, options };
}

export function answer(s: Sample, options: ReferenceOptions = {}): ReferenceAnswer {
  const { input, target, shape, axis } = s;
  return reference(s.entry.name, { input, target, shape, axis, options: { ...s.options, ...options } });
}

/**
 * How far value and gradient (its largest element) move when every input moves by half an ulp, up or down, and so does
 * every soft target and smoothing: where a probability and its target nearly cancel, the rounding of either is all that is left.
 * Never less than the rounding of the reference itself, whose probabilities are of the order of 1.
 */
export function sensitivity(s: Sample, options: ReferenceOptions = {}, base = answer(s, options)) {
  const half = s.precision === 'float32' ? 2 ** -24 : 2 ** -53;
  const r = random(1);
  let value = 2 ** -50 * largest(base.values);
  let grad = 2 ** -50 * Math.max(1, largest(base.grad));
  const soft = s.entry.target === 'unit' || s.entry.target === 'distribution';
  for (const sign of [() => 1, () => (r.next() < 0.5 ? -1 : 1)]) {
    const input = s.input.map((x) => x * (1 + sign() * half));
    const target = soft ? s.target.map((t) => (t > 0 && t < 1 ? t * (1 + sign() * half) : t)) : s.target;
    const moved = answer({ ...s, input, target, options: nudged(s.options, 1 + sign() * half) }, options);
    value = Math.max(value, furthest(moved.values, base.values));
    grad = Math.max(grad, furthest(moved.grad, base.grad));
  }
  return { value, grad };
}

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
  input: Float32Array | Float64Array;
  target: Float32Array | Float64Array | Int32Array;
  options: Record<string, unknown>;
}

/** The sample as flat typed arrays; soft targets need `classes`, as flat arrays cannot say. */
export function argumentsOf(s: Sample, more: Record<string, unknown> = {}): Arguments {
  const Real = realArray(s.precision);
  const options: Record<string, unknown> = { ...s.options };
  for (const name of ['weight', 'posWeight']) {
    const given = options[name];
    if (given instanceof Float64Array) options[name] = new Real(given);
  }
  if (s.entry.family === 'rows') options['classes'] = s.shape[1];
  return {
    input: new Real(s.input),
    target: s.entry.target === 'index' ? Int32Array.from(s.target) : new Real(s.target),
    options: { ...options, ...more },
  };
}
