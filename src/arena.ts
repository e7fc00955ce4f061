/** Arrays that live in kernel memory: calls on them copy nothing. */
import { kernelsWork } from './backend.js';
import { Engine, registerArena } from './kernels/wasm/engine.js';
import { END } from './kernels/wasm/layout.js';

/** Makes arrays in one stretch of kernel memory of fixed size. Both the float32 and the float64 kernels work in it. */
export interface Arena {
  /** Bytes for arrays. */
  readonly bytes: number;
  /** A zeroed array of n elements. RangeError when the arena has no room for it. */
  float32(n: number): Float32Array;
  /** The same of float64. */
  float64(n: number): Float64Array;
  /** The same of int32, as for class indices. */
  int32(n: number): Int32Array;
  /** The same of uint16, as for the bits of 16-bit floats. */
  uint16(n: number): Uint16Array;
  /** Later arrays take the space of earlier ones; those stay usable but share it. */
  reset(): void;
  /** Lets the memory go once its arrays are gone; no more arrays can be made. */
  dispose(): void;
}

/** WebAssembly's limit of memory. */
const LIMIT = 65536 * 65536 - END - 65536;

/** Each array begins at a vector, and one vector behind the last stays free. */
const align = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/**
 * An arena of `bytes`. It never grows, so no array of it is ever detached. Where WebAssembly cannot run it gives ordinary arrays.
 *
 * @throws TypeError where bytes is no number
 * @throws RangeError with the bytes wanted and the limit where that much cannot be had
 * @category Tools
 */
export function createArena(options: { bytes: number }): Arena {
  const bytes: unknown = options?.bytes;
  if (typeof bytes !== 'number')
    throw new TypeError(`createArena: bytes is ${typeof bytes}, expected a number`);
  if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > LIMIT) {
    throw new RangeError(`createArena: bytes is ${bytes}, expected a whole number in [0, ${LIMIT}]`);
  }
  const buffer = kernelsWork() ? kernelMemory(bytes) : null;
  const first = buffer ? END : 0;
  let next = first;
  let disposed = false;

  function take<A>(
    kind: { new (buffer: ArrayBuffer, offset: number, n: number): A; new (n: number): A },
    size: number,
    n: number,
  ): A {
    if (disposed) throw new Error('createArena: the arena is disposed');
    if (!Number.isSafeInteger(n) || n < 0)
      throw new RangeError(`arena: n is ${n}, expected a whole number >= 0`);
    const wanted = align(n * size);
    // The last array's padding may reach behind the end, where one vector is kept.
    const free = Math.max(0, (bytes as number) - (next - first));
    if (n * size > free) {
      throw new RangeError(`arena: ${n * size} bytes wanted, but ${free} of its ${bytes as number} are free`);
    }
    const at = next;
    next += wanted;
    if (!buffer) return new kind(n);
    new Uint8Array(buffer, at, n * size).fill(0);
    return new kind(buffer, at, n);
  }

  return {
    bytes,
    float32: (n) => take(Float32Array, 4, n),
    float64: (n) => take(Float64Array, 8, n),
    int32: (n) => take(Int32Array, 4, n),
    uint16: (n) => take(Uint16Array, 2, n),
    reset: () => {
      next = first;
    },
    dispose: () => {
      disposed = true;
    },
  };
}

function kernelMemory(bytes: number): ArrayBuffer {
  try {
    const engine = new Engine(bytes + 16);
    registerArena(engine);
    return engine.buffer;
  } catch (cause) {
    throw new RangeError(
      `createArena: ${bytes} bytes wanted, but this engine cannot give that much (limit ${LIMIT})`,
      { cause },
    );
  }
}
