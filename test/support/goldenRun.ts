/**
 * A golden case put to the library: the value and gradient, once as tensors with their own dims and once as flat arrays
 * with `shape` and `axis`, by the acceptance rules of the numerics contract. Runs in Node and in pages: it knows no test
 * runner, no file, and the library only as the loss it is handed.
 */
import { reference, type ReferenceOptions } from '../reference/index.js';
import {
  absolutely,
  computed,
  decode,
  ourName,
  question,
  type StoredCase,
  type StoredLarge,
} from './golden.js';
import { boundsOf, differs, judge, type Precision, type Rule } from './judge.js';
import { TORCH_SUBGRADIENT } from './kinks.js';
import { type AnyLoss, asArray, gradsOf, type Real } from './results.js';

/** Told the error of every comparison, as a share of the loss's bound. */
export type Note = (loss: string, precision: Precision, share: number) => void;

type Numbers = ArrayLike<number>;

/** What is wrong, a line each; nothing: the case passes. */
export function runCase(loss: AnyLoss, entry: StoredCase, note: Note = () => {}): string[] {
  const { name, inputs, options, flat, grads } = question(entry);
  const precision = entry.dtype === 'f32' ? 'float32' : 'float64';
  const flush = !entry.tags?.includes('subnormal');
  const absolute = absolutely(entry);
  const failures: string[] = [];
  const check = (what: string, got: Numbers, want: Numbers, rule: Partial<Rule>) => {
    const verdict = judge(got, want, { precision, flush, bounds: boundsOf(name), ...rule });
    note(name, precision, verdict.worst);
    if (!(verdict.worst <= 1)) failures.push(`${entry.id} ${what}${verdict.at}`);
  };
  const { value, grad } = loss.valueAndGrad(...inputs, options);
  const values = { sens: entry.sens?.value ?? 0, absolute: absolute.value };
  check('value', asArray(value), decode(entry.value), values);
  gradsOf(grad).forEach((got, k) => {
    const input = grads[k]!;
    if (!(got instanceof inputs[0]!.data.constructor))
      failures.push(`${entry.id} ${input} is of another type`);
    if (!entry.grads || TORCH_SUBGRADIENT.includes(entry.id)) return;
    const sens = entry.sens?.grads?.[input] ?? 0;
    check(`grad ${input}`, got, decode(entry.grads[input]!), { sens, absolute: absolute.grad });
  });
  if (gradsOf(grad).length !== grads.length) failures.push(`${entry.id} has another number of gradients`);
  const plain = asArray(loss(...inputs.map((input) => input.data), { ...options, ...flat }));
  const at = differs(plain, asArray(value));
  if (at >= 0)
    failures.push(`${entry.id} forward of flat arrays: [${at}] ${plain[at]}, not ${asArray(value)[at]}`);
  return failures;
}

/** A case of computed inputs with what every backend is compared with: the reference takes longer than the library. */
export interface Large {
  entry: StoredLarge;
  name: string;
  input: Real;
  target: ArrayLike<number>;
  options: object;
  /** The float64 gradient. */
  want: Float64Array;
  /** What half an ulp of a logit, of up to 12, moves: the file has no conditioning for these cases. */
  sens: { value: number; grad: number };
}

export function prepare(entry: StoredLarge): Large {
  const { shape } = entry.arrays.input;
  const axis = shape.length > 2 ? 1 : -1;
  const input = computed(entry, 'input') as Float32Array;
  const target = computed(entry, 'target');
  const { label_smoothing, ...params } = entry.params;
  const options = {
    ...params,
    ...(label_smoothing === undefined ? {} : { labelSmoothing: label_smoothing }),
  };
  const name = ourName(entry);
  const ask = (x: Numbers) =>
    reference(name, { inputs: [x, target], shape, axis, options: options as ReferenceOptions });
  const base = ask(input);
  const moved = ask(Float64Array.from(input, (x) => x * (1 + 2 ** -24)));
  const [want, nudged] = [base.grads[0]!, moved.grads[0]!];
  const sens = {
    value: Math.abs(base.values[0]! - moved.values[0]!),
    grad: want.reduce((most, g, i) => Math.max(most, Math.abs(g - nudged[i]!)), 0),
  };
  return { entry, name, input, target, options: { ...options, axis }, want, sens };
}

/** What is wrong, a line each. */
export function runLarge(loss: AnyLoss, large: Large, note: Note = () => {}): string[] {
  const { entry, name, input, target, options, want, sens } = large;
  const failures: string[] = [];
  const fail = (what: string) => failures.push(`${entry.id} ${what}`);
  for (const [which, made] of [
    ['input', input],
    ['target', target],
  ] as const) {
    const first = decode(entry.checksum[which]!.first4);
    if (first.some((x, i) => x !== made[i])) fail(`${which} is not what the answers were made for`);
  }
  const { value, grad } = loss.valueAndGrad(
    { data: input, dims: entry.arrays.input.shape },
    { data: target, dims: entry.arrays.target.shape },
    options,
  );
  const got = gradsOf(grad)[0]!;
  const check = (what: string, got: Numbers, want: Numbers, sens: number) => {
    const verdict = judge(got, want, { precision: 'float32', sens });
    note(name, 'float32', verdict.worst);
    if (!(verdict.worst <= 1)) fail(what + verdict.at);
  };
  const one = (stored: Parameters<typeof decode>[0]) => decode(stored)[0]!;
  const { first16, last16, l2: expectedL2, maxabs, sum: expectedSum } = entry.grad64;
  check('value', asArray(value), decode(entry.value64), sens.value);
  check('first 16', got.subarray(0, 16), decode(first16), sens.grad);
  check('last 16', got.subarray(-16), decode(last16), sens.grad);
  check('grad', got, want, sens.grad);
  const { sum, l2, largest } = moments(got);
  if (!(Math.abs(l2 - one(expectedL2)) <= 1e-6 * one(expectedL2)))
    fail(`l2 is ${l2}, expected ${one(expectedL2)}`);
  check('largest', [largest], [one(maxabs)], sens.grad);
  // The sum cancels: what is left is the rounding of its elements.
  if (!(Math.abs(sum - one(expectedSum)) <= 2e-6 * one(expectedL2) * Math.sqrt(got.length)))
    fail(`sum is ${sum}, expected ${one(expectedSum)}`);
  return failures;
}

function moments(grad: Real) {
  let sum = 0;
  let squares = 0;
  let largest = 0;
  for (const g of grad) {
    sum += g;
    squares += g * g;
    largest = Math.max(largest, Math.abs(g));
  }
  return { sum, l2: Math.sqrt(squares), largest };
}
