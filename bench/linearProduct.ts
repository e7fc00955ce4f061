/** Products of matrices with the package's own kernel, without its chunks: what the fused loss is compared with. */
import { readFileSync } from 'node:fs';
import type { GemmExports } from '../src/kernels/wasm/linear.js';

const PAGE = 65536;
/** Behind the kernels' own memory. */
const FREE = 12 * 1024 * 1024;
const [ROWS, COLUMNS] = [4, 8];

function load(bytes: number): { gemm: GemmExports; heap: Float32Array } {
  const pages = Math.ceil((FREE + bytes) / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const module = new WebAssembly.Module(readFileSync(new URL('../dist/float32.wasm', import.meta.url)));
  const abort = () => {
    throw new Error('aborted');
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  return { gemm: exports as unknown as GemmExports, heap: new Float32Array(memory.buffer) };
}

/** The product alone, of panels that are packed already: [n, h] x [v, h] in pieces of 256 classes. */
export function productOf(n: number, h: number, v: number): () => void {
  const block = 256;
  const [a, b, c] = [FREE, FREE + 4 * n * h, FREE + 4 * (n * h + block * h)];
  const { gemm, heap } = load(4 * (n * h + block * h + n * block));
  heap.fill(0.5, a / 4, c / 4);
  return () => {
    for (let at = 0; at < v; at += block) gemm.gemmMultiply(a, b, c, n, Math.min(block, v - at), h, block, 0);
  };
}

/** All of it in one memory: x, head, logits [n, v] and both gradients. */
export class Products {
  readonly #gemm: GemmExports;
  readonly #heap: Float32Array;
  readonly #at: Record<'x' | 'head' | 'logits' | 'a' | 'b' | 'dx' | 'dHead', number>;
  readonly #size: readonly [number, number, number];

  constructor(n: number, h: number, v: number) {
    this.#size = [n, h, v];
    let next = FREE;
    const take = (reals: number) => {
      const at = next;
      next += 4 * reals + 64;
      return at;
    };
    this.#at = {
      x: take(n * h),
      head: take(v * h),
      logits: take(n * v),
      a: take(Math.max(n, v) * Math.max(n, h)),
      b: take(Math.max(v, n) * h),
      dx: take(n * h),
      dHead: take(v * h),
    };
    const { gemm, heap } = load(next - FREE);
    this.#gemm = gemm;
    this.#heap = heap;
  }

  logits(x: Float32Array, head: Float32Array): Float32Array {
    const [n, h, v] = this.#size;
    const at = this.#at;
    this.#heap.set(x, at.x / 4);
    this.#heap.set(head, at.head / 4);
    this.#gemm.gemmPackRows(at.x, at.a, n, h, h, ROWS);
    this.#gemm.gemmPackRows(at.head, at.b, v, h, h, COLUMNS);
    this.#gemm.gemmMultiply(at.a, at.b, at.logits, n, v, h, v, 0);
    return this.#heap.subarray(at.logits / 4, at.logits / 4 + n * v);
  }

  /** Of the logits, where their gradient is now. */
  gradients(dx: Float32Array, dHead: Float32Array): void {
    const [n, h, v] = this.#size;
    const at = this.#at;
    this.#gemm.gemmPackRows(at.logits, at.a, n, v, v, ROWS);
    this.#gemm.gemmPackColumns(at.head, at.b, v, h, h, COLUMNS);
    this.#gemm.gemmMultiply(at.a, at.b, at.dx, n, h, v, h, 0);
    this.#gemm.gemmPackColumns(at.logits, at.a, n, v, v, ROWS);
    this.#gemm.gemmPackColumns(at.x, at.b, n, h, h, COLUMNS);
    this.#gemm.gemmMultiply(at.a, at.b, at.dHead, v, h, n, h, 0);
    dx.set(this.#heap.subarray(at.dx / 4, at.dx / 4 + n * h));
    dHead.set(this.#heap.subarray(at.dHead / 4, at.dHead / 4 + v * h));
  }
}
