/**
 * Holds a bad call to its contract: an error of the right type whose message names the function and what the contract
 * says, thrown before anything is written, by `valueAndGrad` and by the plain call; and the next good call is right.
 */
import { expect } from 'vitest';
import { reference } from '../reference/index.js';
import { judge } from './judge.js';
import { asArray, lossOf } from './library.js';

export const SENTINEL = 12345;

export interface BadCall {
  name: string;
  what: string;
  input: unknown;
  target: unknown;
  options?: Record<string, unknown>;
  error: typeof TypeError | typeof RangeError | (typeof TypeError | typeof RangeError)[];
  /** What the message must hold beside the function's name. */
  says: (string | RegExp)[];
  /** The error is about `grad` or `gradOutput`, which plain calls ignore. */
  onlyWithGrad?: true;
}

export function expectBad(call: BadCall, length = 15): void {
  const { name, what, input, target, error, says, options = {} } = call;
  const loss = lossOf(name);
  const given = options['grad'];
  const grad = given ?? new Float32Array(length).fill(SENTINEL);
  const before = ArrayBuffer.isView(grad) ? (grad as Float32Array).slice() : undefined;
  const out = options['out'];
  const outBefore = ArrayBuffer.isView(out) ? (out as Float32Array).slice() : undefined;
  const calls = [() => loss.valueAndGrad(input, target, { ...options, grad })];
  if (!call.onlyWithGrad) {
    calls.push(() => loss(input, target, options) as never);
    // Bound options are checked, too: when they are bound or when they are used.
    calls.push(() => loss.with(options)(input, target) as never);
  }
  for (const attempt of calls) {
    const thrown = caught(attempt);
    if (thrown === undefined) expect.fail(`${name}, ${what}: nothing was thrown`);
    const types = Array.isArray(error) ? error : [error];
    const label = `${name}, ${what}: "${String(thrown)}"`;
    expect(
      types.some((type) => thrown instanceof type),
      label,
    ).toBe(true);
    const { message } = thrown as Error;
    for (const part of [name, ...says]) {
      const holds = typeof part === 'string' ? message.includes(part) : part.test(message);
      expect(holds, `${label} does not hold ${part}`).toBe(true);
    }
  }
  if (before) expect(grad, `${name}, ${what}: grad was written`).toEqual(before);
  if (outBefore) expect(out, `${name}, ${what}: out was written`).toEqual(outBefore);
  expectGood();
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
const good = reference('crossEntropy', { input, target, shape: [3, 5] });

/** A good call right after a bad one. */
export function expectGood(): void {
  const { value, grad } = lossOf('crossEntropy').valueAndGrad(input, target);
  const values = judge(asArray(value), good.values, { precision: 'float32' });
  const grads = judge(grad, good.grad, { precision: 'float32', sens: 1e-7 });
  expect(
    Math.max(values.worst, grads.worst),
    `the next good call: ${values.at} ${grads.at}`,
  ).toBeLessThanOrEqual(1);
}
