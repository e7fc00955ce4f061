/** Option configurations that the entries of cases.ts share: random weights, masks, and ways to combine them. */
import type { Size } from '../cases.js';
import type { ReferenceOptions } from '../reference/index.js';
import { fill, random, type Random } from './random.js';

export type Configuration = (random: Random, size: Size) => ReferenceOptions;
export const none: Configuration = () => ({});

export const classWeight: Configuration = (r, { classes }) => ({
  weight: fill(classes, () => grid(r.between(0.25, 2))),
});
export const someWeight0: Configuration = (r, { classes }) => ({
  weight: fill(classes, (c) => (c % 3 === 1 ? 0 : grid(r.between(0.25, 2)))),
});
export const elementWeight: Configuration = (r, { rows, classes }) => ({
  weight: fill(rows * classes, () => grid(r.between(0, 2))),
});
export const mask: Configuration = (r, { rows }) => ({
  mask: Uint8Array.from({ length: rows }, () => r.integer(0, 1)),
});

/** Both configurations at once. */
export const both =
  (...parts: Configuration[]): Configuration =>
  (r, size) =>
    Object.assign({}, ...parts.map((part) => part(r, size)));
export const fixed =
  (options: ReferenceOptions): Configuration =>
  () =>
    options;

/** Multiples of 1/64: sums and differences of a few of them are exact in float32. */
export function grid(x: number): number {
  return Math.round(x * 64) / 64;
}

export const weights = { none, 'weight [C]': classWeight, 'weight an element': elementWeight };
export const posWeights = {
  'posWeight number': fixed({ posWeight: 2.5 }),
  'posWeight [C]': ((r, { classes }) => ({
    posWeight: fill(classes, () => grid(r.between(0.5, 3))),
  })) as Configuration,
  'posWeight an element': ((r, { rows, classes }) => ({
    posWeight: fill(rows * classes, () => grid(r.between(0.5, 3))),
  })) as Configuration,
};

const known = new Map<object, Set<string>>();

/** Whether a loss takes an option, that is whether some configuration uses it. */
export function takes({ options }: { options: Record<string, Configuration> }, name: string): boolean {
  if (!known.has(options)) {
    const used = Object.values(options).map((make) => make(random(1), { rows: 2, classes: 2 }));
    known.set(options, new Set(used.flatMap((each) => Object.keys(each))));
  }
  return known.get(options)!.has(name);
}
