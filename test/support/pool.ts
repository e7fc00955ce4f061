/** Pools whose working threads run the built package (a worker is a file of JavaScript), with chunks small enough for tests. */
import { afterAll } from 'vitest';
import { ThreadPool } from '../../src/parallel/pool.js';
import { requireDist } from './child.js';
import type { Gradient, Real } from './library.js';

export const workerUrl = new URL('../../dist/parallel/worker.js', import.meta.url);

export interface Graded {
  value: number | Real;
  grad: Gradient;
  divisor: number;
}

/** A pool that cuts everything; `shared` false: as where there is no shared memory. */
export async function smallPool(threads: number, shared: boolean): Promise<ThreadPool> {
  requireDist();
  const pool = new ThreadPool(threads, shared, workerUrl, { small: 0, least: 1 });
  afterAll(() => pool.close());
  await pool.start();
  return pool;
}

/** The array's numbers in shared memory. */
export function share<A>(array: A): A {
  if (!ArrayBuffer.isView(array)) return array;
  const given = array as unknown as Float32Array;
  const Kind = given.constructor as Float32ArrayConstructor;
  const copy = new Kind(new SharedArrayBuffer(given.byteLength), 0, given.length);
  copy.set(given);
  return copy as unknown as A;
}

/** Options with their arrays in shared memory. */
export function shareAll(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      value && typeof value === 'object' && !ArrayBuffer.isView(value) && !Array.isArray(value)
        ? shareAll(value as Record<string, unknown>)
        : share(value),
    ]),
  );
}
