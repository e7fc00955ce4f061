/** A small good call of each loss, 3 x 5 (of CTC: one frame of 3 samples, 5 classes), for tests to spoil in one place. */
import { differentiable, entry, type Entry, type Kind } from '../cases.js';
import type { BadCall } from './bad.js';
import { gradOption } from './sample.js';

export const ROWS = 3;
export const CLASSES = 5;
const ELEMENTS = ROWS * CLASSES;

const from = (value: (i: number) => number) => () =>
  Float32Array.from({ length: ELEMENTS }, (_, i) => value(i));
const reals = from(Math.cos);
export const logits = from(Math.sin);
export const probabilities = from(() => 0.25);
export const labels = from((i) => (i % 2 ? 1 : -1));
const counts = from((i) => i % 4);
export const indices = () => Int32Array.of(0, 1, 4);

const byKind: Partial<Record<Kind, () => Float32Array | Int32Array>> = {
  logits,
  frames: logits,
  probability: probabilities,
  distribution: probabilities,
  unit: probabilities,
  variance: probabilities,
  count: counts,
  sign: labels,
  index: indices,
  labels: () => Int32Array.from({ length: ELEMENTS }, (_, i) => (i % CLASSES === 0 ? 2 : -1)),
  sequence: () => Int32Array.of(1, 2, 4),
  lengths: () => Int32Array.of(1, 1, 1),
};

export interface Good {
  inputs: unknown[];
  options: Record<string, unknown>;
}

/** A good call of each loss, to spoil in one place. */
export function goodCall(name: string): Good {
  const { inputs, family } = entry(name);
  const size = family === 'embedding' ? { dim: CLASSES } : family === 'pointwise' ? {} : { classes: CLASSES };
  return {
    inputs: inputs.map(({ kind, grad, perRow }) => {
      const all = (byKind[kind] ?? (grad ? logits : reals))();
      return perRow ? all.slice(0, ROWS) : all;
    }),
    options: size,
  };
}

/** The good call's size said by a shape instead. */
export const shaped = (name: string, shape: unknown): Record<string, unknown> => ({
  ...Object.fromEntries(Object.keys(goodCall(name).options).map((option) => [option, undefined])),
  shape,
});

/** The option `grad` with this array for the gradient of one input, and none for the others. */
export const gradFor = (each: Entry, input: string, array: unknown): unknown =>
  gradOption(
    each,
    differentiable(each).map(({ name }) => (name === input ? array : undefined)),
  );

interface Spoil {
  /** By name. */
  inputs?: Record<string, unknown>;
  options?: Record<string, unknown>;
  onlyWithGrad?: true;
}

export function bad(
  name: string,
  what: string,
  error: BadCall['error'],
  says: BadCall['says'],
  { inputs = {}, options, ...rest }: Spoil,
): BadCall {
  const good = goodCall(name);
  const names = entry(name).inputs.map((input) => input.name);
  for (const spoilt of Object.keys(inputs))
    if (!names.includes(spoilt)) throw new Error(`${name} has no input ${spoilt}`);
  return {
    name,
    what,
    error,
    says,
    ...rest,
    inputs: good.inputs.map((input, i) => (names[i]! in inputs ? inputs[names[i]!] : input)),
    options: { ...good.options, ...options },
  };
}
