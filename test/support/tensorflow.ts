/** TensorFlow.js with its backends for Node, and what of a call on tensors the tests compare. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type * as tensorflow from '@tensorflow/tfjs';
import { createTfLosses } from '../../src/tfjs/index.js';

const require = createRequire(import.meta.url);

function load(): typeof tensorflow {
  const { warn, log } = console;
  console.warn = console.log = () => {}; // it greets
  try {
    const tf = require('@tensorflow/tfjs') as typeof tensorflow;
    const wasm = require('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(path: string): void };
    wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    return tf;
  } finally {
    Object.assign(console, { warn, log });
  }
}

export const tf = load();
export const L = createTfLosses(tf);
export const TF_BACKENDS = ['cpu', 'wasm'] as const;

export async function useTf(backend: (typeof TF_BACKENDS)[number]): Promise<void> {
  const { warn, log } = console;
  console.warn = console.log = () => {};
  await tf.setBackend(backend);
  await tf.ready();
  tf.zeros([1]).dispose(); // the greeting comes with the first tensor
  Object.assign(console, { warn, log });
}

export type Tensor = tensorflow.Tensor;
export type AnyTf = (...args: unknown[]) => Tensor;

/** A copy of a tensor's numbers. */
export const numbers = (tensor: Tensor): Float32Array => Float32Array.from(tensor.dataSync());

/** Value and gradients of `call` as arrays, nothing left behind. */
export function valueAndGrads(
  call: (...xs: Tensor[]) => Tensor,
  xs: Tensor[],
  dy?: Tensor,
): { value: Float32Array; shape: number[]; grads: Float32Array[] } {
  let result!: ReturnType<typeof valueAndGrads>;
  tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads(call)(xs, dy);
    result = { value: numbers(value), shape: value.shape, grads: grads.map(numbers) };
  });
  return result;
}

/** What a call throws, or null. */
export function thrown(call: () => unknown): Error | null {
  try {
    call();
    return null;
  } catch (error) {
    return error as Error;
  }
}

/** Asserts that the numbers are near: relative to the largest, NaN with NaN, infinities alike. */
export function near(
  got: Float32Array,
  want: Float32Array,
  where: string,
  tolerance = 2e-5,
  floor = 1e-3,
): void {
  if (got.length !== want.length) throw new Error(`${where}: ${got.length} numbers, expected ${want.length}`);
  const largest = want.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), floor);
  got.forEach((x, i) => {
    if (Object.is(x, want[i]) || Math.abs(x - want[i]) <= tolerance * largest) return;
    throw new Error(`${where}: [${i}] is ${x}, expected ${want[i]}`);
  });
}
