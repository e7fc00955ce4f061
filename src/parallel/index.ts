/**
 * `losskit/parallel`: losses on several threads, with one thread's results.
 *
 * @module losskit/parallel
 */
import { kindOf } from '../options.js';
import { THREADS_MAX } from './control.js';
import { unshared } from './host.js';
import { ThreadPool } from './pool.js';
import type { Pool, PoolOptions, PoolValue, PoolValueAndGrad } from './types.js';

export type { Pool, PoolOptions, PoolValue, PoolValueAndGrad };

/**
 * Starts `threads` threads (default: the machine's cores) that run losses together: workers of node:worker_threads, or web workers.
 *
 *     const pool = await createPool({ threads: 2 });
 *     const { value, grad } = await pool.valueAndGrad(crossEntropy, logits, targets, { grad: buffer });
 *     await pool.close();
 *
 * Takes every loss of losskit, also one with options bound (`with`). Results equal the loss's own bit for bit, on every backend. Arrays in a
 * SharedArrayBuffer are worked on where they are; others are copied to the threads and back in chunks, while these and the calling thread work. What cannot be split runs
 * whole on the calling thread, and at once: calls on fewer than 131,072 elements (524,288 of losses without exp or log,
 * 262,144 of embeddings, 32,768 of ctcLoss), with arrays that are not shared fewer than 1,048,576, and losses without exp or log; nllLoss, infoNceLoss, sampledSoftmaxLoss, the preference losses, and
 * linearCrossEntropy on one chunk of rows (up to 256), on one thread, by messages or without WebAssembly. A call runs on the backend that is in use
 * when it is made.
 *
 * Memory: up to 38 MB a thread, 27 of them for arrays that are not shared; 20 bytes a row or 8 a block of 1024 elements; for linearCrossEntropy 25 MB a
 * thread more, and copies of arrays that are not shared. Give the pool the same shared arrays again and again: threads know those of up to 512 MB. Idle
 * threads sleep, and do not keep a Node process alive. Where pages have no SharedArrayBuffer (they need the headers Cross-Origin-Opener-Policy and
 * Cross-Origin-Embedder-Policy) the pool works by messages; `pool.shared` and `pool.reason` say so.
 *
 * @throws TypeError and RangeError for options it does not take; rejects with an Error where a thread cannot be started
 * @category Tools
 */
export async function createPool(options: PoolOptions = {}): Promise<Pool> {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw new TypeError(`createPool: options is ${kindOf(options)}, expected an object`);
  for (const name in options)
    if (name !== 'threads' && name !== 'workerUrl')
      throw new TypeError(`createPool: unknown option '${name}', expected one of threads, workerUrl`);
  const { threads = cores(), workerUrl } = options;
  if (typeof threads !== 'number')
    throw new TypeError(`createPool: threads is ${kindOf(threads)}, expected a number`);
  if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX)
    throw new RangeError(`createPool: threads is ${threads}, expected an integer in [1, ${THREADS_MAX}]`);
  const reason = unshared();
  const pool = new ThreadPool(threads, reason === undefined, workerUrl);
  try {
    await pool.start();
  } catch (error) {
    await pool.close();
    throw error;
  }
  return {
    threads,
    shared: pool.shared,
    reason,
    value: (async (loss: unknown, ...args: unknown[]) =>
      (await pool.call(loss, args, false)).value) as PoolValue,
    valueAndGrad: ((loss: unknown, ...args: unknown[]) => pool.call(loss, args, true)) as PoolValueAndGrad,
    valueSync: ((loss: unknown, ...args: unknown[]) =>
      pool.callSync('valueSync', loss, args, false).value) as PoolValue<true>,
    valueAndGradSync: ((loss: unknown, ...args: unknown[]) =>
      pool.callSync('valueAndGradSync', loss, args, true)) as PoolValueAndGrad<true>,
    close: () => pool.close(),
  };
}

function cores(): number {
  const given = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator
    ?.hardwareConcurrency;
  return Math.min(Math.max(1, given ?? nodeCores() ?? 1), THREADS_MAX);
}

/** Node 20 has no navigator. */
function nodeCores(): number | undefined {
  const node = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process;
  const os = node?.getBuiltinModule?.('node:os') as { availableParallelism(): number } | undefined;
  return os?.availableParallelism();
}
