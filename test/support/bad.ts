/**
 * Holds a bad call to its contract: an error of the right type whose message names the function and what the contract
 * says, thrown before anything is written, by `valueAndGrad` and by the plain call; and the next good call is right.
 */
import { expect } from 'vitest';
import { differentiable, entry } from '../cases.js';
import { reference } from '../reference/index.js';
import { judge } from './judge.js';
import { asArray, lossOf } from './library.js';
import { gradOption } from './sample.js';

export const SENTINEL = 12345;
const sentinels = (length: number) => new Float32Array(length).fill(SENTINEL);

export interface BadCall {
  name: string;
  what: string;
  inputs: unknown[];
  options?: Record<string, unknown>;
  error: typeof TypeError | typeof RangeError | (typeof TypeError | typeof RangeError)[];
  /** What the message must hold beside the function's name. */
  says: (string | RegExp)[];
  /** The error is about `grad` or `gradOutput`, which plain calls ignore. */
  onlyWithGrad?: true;
}

/** The arrays that a call may write to. */
export const writable = (grad: unknown, out?: unknown): Float32Array[] =>
  [...(ArrayBuffer.isView(grad) ? [grad] : Object.values(grad ?? {})), out].filter(
    (array): array is Float32Array => ArrayBuffer.isView(array) && !(array instanceof DataView),
  );

/** The option `grad` for inputs of these many elements each. */
export const sentinelGrads = (name: string, length: number): unknown =>
  gradOption(
    entry(name),
    differentiable(entry(name)).map(() => sentinels(length)),
  );

export function expectBad(call: BadCall, length = 15): void {
  const { name, what, inputs, error, says, options = {} } = call;
  const loss = lossOf(name);
  const grad = options['grad'] ?? sentinelGrads(name, length);
  const written = writable(grad, options['out']);
  const before = written.map((array) => array.slice());
  const calls = [() => loss.valueAndGrad(...inputs, { ...options, grad })];
  if (!call.onlyWithGrad) {
    calls.push(() => loss(...inputs, options) as never);
    // Bound options are checked, too: when they are bound or when they are used.
    calls.push(() => loss.with(options)(...inputs) as never);
  }
  for (const attempt of calls) expectThrown(caught(attempt), `${name}, ${what}`, error, [name, ...says]);
  written.forEach((array, k) => expect(array, `${name}, ${what}: written`).toEqual(before[k]));
  expectGood();
}

function expectThrown(thrown: unknown, where: string, error: BadCall['error'], says: BadCall['says']): void {
  if (thrown === undefined) expect.fail(`${where}: nothing was thrown`);
  const types = Array.isArray(error) ? error : [error];
  const label = `${where}: "${String(thrown)}"`;
  expect(
    types.some((type) => thrown instanceof type),
    label,
  ).toBe(true);
  const { message } = thrown as Error;
  for (const part of says) {
    const holds = typeof part === 'string' ? message.includes(part) : part.test(message);
    expect(holds, `${label} does not hold ${part}`).toBe(true);
  }
}

export function caught(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (thrown) {
    return thrown ?? 'an empty error';
  }
  return undefined;
}

const input = Float32Array.from({ length: 15 }, (_, i) => Math.sin(i * 1.7));
const target = Int32Array.of(4, 0, 2);
const good = reference('crossEntropy', { inputs: [input, target], shape: [3, 5] });

/** A good call right after a bad one. */
export function expectGood(): void {
  const { value, grad } = lossOf('crossEntropy').valueAndGrad(input, target);
  const values = judge(asArray(value), good.values, { precision: 'float32' });
  const grads = judge(grad, good.grads[0]!, { precision: 'float32', sens: 1e-7 });
  expect(
    Math.max(values.worst, grads.worst),
    `the next good call: ${values.at} ${grads.at}`,
  ).toBeLessThanOrEqual(1);
}
