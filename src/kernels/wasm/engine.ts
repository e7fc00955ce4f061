/**
 * One kernel memory with its instances: the scratch that all calls stream through, and behind it, in an arena's engine, the arena.
 * The memory never grows, so views of it are made once and stay. Instantiates on first use; knows no loss.
 */
import type { Dtype, Real } from '../jobs.js';
import { type Build, compiled, compiledForThreads, givenModule, type KernelModule } from './builds.js';
import { tools } from './embedded/tools.js';
import { END } from './layout.js';

/** The exports of a module: a function a kernel. */
export interface Exports {
  readonly [kernel: string]: (...args: number[]) => number | void;
}

/** What the marshalling needs beside the kernels. */
export interface Tools extends Exports {
  kind(): number;
  ones(): number;
  firstBadLabel(x: number, n: number): number;
  firstBadProbability(x: number, n: number): number;
  firstBadVariance(x: number, n: number): number;
  transpose(src: number, dst: number, rows: number, cols: number, srcStride: number, dstStride: number): void;
  copyRows(src: number, dst: number, rows: number, cols: number, srcStride: number, dstStride: number): void;
  decodeFloat16(src: number, dst: number, n: number): void;
  decodeBfloat16(src: number, dst: number, n: number): void;
  softcap(x: number, d: number, vectors: number, cap: number): void;
  multiply(x: number, by: number, vectors: number): void;
}

/** The exports of one row-wise kernel. */
export interface RowExports {
  rows(
    x: number,
    q: number,
    g: number,
    count: number,
    classes: number,
    flags: number,
    ignore: number,
    scale: number,
  ): void;
  columns(
    x: number,
    q: number,
    g: number,
    count: number,
    stride: number,
    classes: number,
    flags: number,
    ignore: number,
    scale: number,
  ): void;
  begin(classes: number, flags: number, ignore: number, scale: number): number;
  phase(phase: number, x: number, q: number, g: number, from: number, n: number, fresh: number): void;
}

/** Which build the next call of a dtype runs: all that tells the backends 'wasm' and 'wasm-relaxed' apart. Every engine obeys it. */
const relaxed: Record<Dtype, boolean> = { float32: false, float64: false };

export function useBuild(dtype: Dtype, build: Build): void {
  relaxed[dtype] = build === 'relaxed';
}

export function buildInUse(dtype: Dtype): Build {
  return relaxed[dtype] ? 'relaxed' : 'fixed';
}

const PAGE = 65536;

export class Engine {
  readonly buffer: ArrayBuffer;
  /** Whether arrays can live here. */
  readonly isArena: boolean;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly uint16: Uint16Array;
  readonly #memory: WebAssembly.Memory;
  readonly #fixed: Instances;
  readonly #relaxed: Instances;

  /** `arenaBytes` beyond the scratch, in memory that other threads see where it is `shared`; RangeError where the engine cannot give that much. */
  constructor(arenaBytes: number, shared = false) {
    this.isArena = arenaBytes > 0;
    const pages = Math.ceil((END + arenaBytes) / PAGE);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    this.buffer = this.#memory.buffer as ArrayBuffer;
    this.float32 = new Float32Array(this.buffer);
    this.float64 = new Float64Array(this.buffer);
    this.int32 = new Int32Array(this.buffer);
    this.uint16 = new Uint16Array(this.buffer);
    this.#fixed = new Instances('fixed', this.#memory, shared);
    this.#relaxed = new Instances('relaxed', this.#memory, shared);
  }

  tools(dtype: Dtype): Tools {
    return this.#builds(dtype).tools(dtype);
  }

  exports(dtype: Dtype, module: KernelModule): Exports {
    return this.#builds(dtype).exports(dtype, module);
  }

  /** The exports of a row-wise kernel. */
  rowExports(dtype: Dtype, module: KernelModule, name: string): RowExports {
    return this.#builds(dtype).rowExports(dtype, module, name);
  }

  #builds(dtype: Dtype): Instances {
    return relaxed[dtype] ? this.#relaxed : this.#fixed;
  }

  /** Makes an instance of a build, where no call has asked for one yet. Throws where the engine does not run it. */
  instantiate(dtype: Dtype, build: Build, module: KernelModule = tools): void {
    (build === 'relaxed' ? this.#relaxed : this.#fixed).exports(dtype, module);
  }

  heap(dtype: Dtype): Real {
    return dtype === 'float32' ? this.float32 : this.float64;
  }
}

/** The instances of one build in a memory, by dtype and module. All of them may stand in one memory: their constants have places of their own. */
class Instances {
  readonly #build: Build;
  readonly #memory: WebAssembly.Memory;
  readonly #compiled: typeof compiled;
  readonly #exports: Record<Dtype, Exports[]> = { float32: [], float64: [] };
  readonly #whole: Partial<Record<Dtype, Exports>> = {};
  readonly #rows: Record<Dtype, Map<string, RowExports>> = { float32: new Map(), float64: new Map() };

  constructor(build: Build, memory: WebAssembly.Memory, shared: boolean) {
    this.#build = build;
    this.#memory = memory;
    this.#compiled = shared ? compiledForThreads : compiled;
  }

  tools(dtype: Dtype): Tools {
    return this.exports(dtype, tools) as Tools;
  }

  exports(dtype: Dtype, module: KernelModule): Exports {
    return (this.#exports[dtype][module.index] ??= this.#make(dtype, module));
  }

  /** Looked up by their names once. */
  rowExports(dtype: Dtype, module: KernelModule, name: string): RowExports {
    let found = this.#rows[dtype].get(name);
    if (found === undefined) {
      const all = this.exports(dtype, module);
      const named = (part: string) => all[name + part];
      found = {
        rows: named('Rows'),
        columns: named('Columns'),
        begin: named('Begin'),
        phase: named('Phase'),
      } as unknown as RowExports;
      this.#rows[dtype].set(name, found);
    }
    return found;
  }

  #make(dtype: Dtype, module: KernelModule): Exports {
    const whole = this.#whole[dtype];
    if (whole) return whole;
    // What is given once calls have run is for engines to come; and it imports no memory that threads share.
    const first = this.#exports[dtype].length === 0;
    const given = first && this.#compiled === compiled ? givenModule(dtype, this.#build) : undefined;
    if (given) return (this.#whole[dtype] = this.#makeWhole(dtype, given));
    return this.#instantiate(this.#compiled(module, dtype, this.#build));
  }

  #makeWhole(dtype: Dtype, module: WebAssembly.Module): Exports {
    const exports = this.#instantiate(module) as Partial<Tools>;
    const kind = (dtype === 'float64' ? 1 : 0) | (this.#build === 'relaxed' ? 2 : 0);
    // It may be another file than its name says.
    if (exports.kind?.() !== kind)
      throw new Error(`losskit: the module for ${dtype} (${this.#build} SIMD) is another one`);
    return exports as Exports;
  }

  #instantiate(module: WebAssembly.Module): Exports {
    const abort = (): never => {
      throw new Error('losskit: a kernel aborted');
    };
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory, abort } });
    return exports as unknown as Exports;
  }
}

let shared: Engine | undefined;

/** The engine of all calls whose arrays live in no arena. */
export function sharedEngine(): Engine {
  return (shared ??= new Engine(0));
}

const arenas = new WeakMap<ArrayBufferLike, Engine>();
let anyArena = false;

export function registerArena(engine: Engine): void {
  arenas.set(engine.buffer, engine);
  anyArena = true;
}

/** The engine in whose memory the first of these arrays that is in an arena lives, else the shared one: other arrays are streamed. */
export function engineFor(a: unknown, b: unknown, c: unknown): Engine {
  if (anyArena) {
    for (const data of [a, b, c]) {
      const engine = ArrayBuffer.isView(data) ? arenas.get(data.buffer) : undefined;
      if (engine) return engine;
    }
  }
  return sharedEngine();
}
