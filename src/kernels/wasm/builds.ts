/**
 * The compiled modules: each kernel module in four builds, float32 or float64, and 'fixed' SIMD or 'relaxed' with fused multiply-add. Compiles on first
 * use what is embedded, or takes what `initSync` was given, which is all kernels in one. It knows no memory, no instance and no kernel.
 */
import type { Dtype } from '../jobs.js';
import { inflate } from './inflate.js';

export type Build = 'fixed' | 'relaxed';

/** The kernels of a file of assembly/abi/, as scripts/embed.mjs has packed them. */
export interface KernelModule {
  /** Its place among the modules. */
  readonly index: number;
  /** Bytes of each build, in the order of BUILDS. */
  readonly sizes: readonly number[];
  /** Deflated, as base64. */
  readonly packed: string;
}

type Name = Dtype | `${Dtype}Relaxed`;

const BUILDS: readonly Name[] = ['float32', 'float32Relaxed', 'float64', 'float64Relaxed'];

const nameOf = (dtype: Dtype, build: Build): Name => (build === 'relaxed' ? `${dtype}Relaxed` : dtype);

/** What `initSync` was given. */
const given: Partial<Record<Name, WebAssembly.Module>> = {};
/** By the modules' places, and by names. */
const modules: Partial<Record<Name, WebAssembly.Module>>[] = [];

/** i32x4.relaxed_trunc_f32x4_s of an argument: what an engine without relaxed SIMD refuses long before it has read a whole module. */
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0, 10, 9, 1, 7, 0, 32, 0, 253, 129, 2,
  11,
]);

/** All kernels of a build in one module, where `initSync` was given that. */
export function givenModule(dtype: Dtype, build: Build): WebAssembly.Module | undefined {
  return given[nameOf(dtype, build)];
}

/** Throws where the engine has no WebAssembly or not this SIMD, or forbids compiling. */
export function compiled(source: KernelModule, dtype: Dtype, build: Build): WebAssembly.Module {
  const name = nameOf(dtype, build);
  const builds = (modules[source.index] ??= {});
  return (builds[name] ??= compile(source, name, build));
}

/** The same for memory that threads share. */
const threaded: Partial<Record<Name, WebAssembly.Module>>[] = [];

/** The end of a module's import of its memory: the name, a memory (2), its limits with a maximum (1) or with one and shared (3). */
const MEMORY = [109, 101, 109, 111, 114, 121, 2];
const LIMITED = 1;
const SHARED = 3;

/** The same code for a memory that threads share: one byte of the module says so. Threads compile it for themselves. */
export function compiledForThreads(source: KernelModule, dtype: Dtype, build: Build): WebAssembly.Module {
  const name = nameOf(dtype, build);
  const builds = (threaded[source.index] ??= {});
  return (builds[name] ??= new WebAssembly.Module(withSharedMemory(bytesOf(source, name).slice())));
}

function withSharedMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = bytes.findIndex((_, i) => MEMORY.every((byte, k) => bytes[i + k] === byte)) + MEMORY.length;
  if (bytes[at] !== LIMITED) throw new Error('losskit: a module imports no memory with a maximum');
  bytes[at] = SHARED;
  return bytes;
}

/** A module that imports a shared memory and does nothing. */
const THREADS_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 2, 16, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 3, 1, 1,
]);

/** Whether the engine has memory that threads share, and may compile. */
export function sharesMemory(): boolean {
  try {
    new WebAssembly.Module(THREADS_PROBE);
    return true;
  } catch {
    return false;
  }
}

function compile(source: KernelModule, name: Name, build: Build): WebAssembly.Module {
  try {
    if (build === 'relaxed') new WebAssembly.Module(PROBE);
    return new WebAssembly.Module(bytesOf(source, name));
  } catch (error) {
    const module = adopted.modules[source.index]?.[name];
    if (module) return module;
    throw error;
  }
}

/** The builds of each module, unpacked. */
const unpacked: Uint8Array<ArrayBuffer>[][] = [];

function bytesOf(source: KernelModule, name: Name): Uint8Array<ArrayBuffer> {
  return (unpacked[source.index] ??= unpack(source))[BUILDS.indexOf(name)];
}

/** Bytes of a build in a turn, at most: scripts/pack.mjs puts the builds there in turns. */
const TURN = 4096;

/** The builds of a module, in the order of BUILDS. */
export function unpack({ sizes, packed }: KernelModule): Uint8Array<ArrayBuffer>[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const mixed = inflate(decodeBase64(packed), total);
  const turns = Math.ceil(Math.max(...sizes) / TURN);
  const builds = sizes.map((size) => new Uint8Array(size));
  for (let turn = 0, from = 0; turn < turns; turn++) {
    for (const build of builds) {
      const at = Math.floor((build.length * turn) / turns);
      const end = Math.floor((build.length * (turn + 1)) / turns);
      build.set(mixed.subarray(from, from + end - at), at);
      from += end - at;
    }
  }
  return builds;
}

/** What another thread has compiled and was given. */
export interface Compiled {
  readonly given: Readonly<Record<string, WebAssembly.Module>>;
  readonly modules: readonly Readonly<Record<string, WebAssembly.Module>>[];
}

/** The modules that there are, for another thread. */
export function compiledModules(): Compiled {
  return { given, modules } as Compiled;
}

/** Those of another thread: for where this one may not compile. Code of its own is 10 % faster than shared code (V8 11). */
let adopted: Compiled = { given: {}, modules: [] };

export function adoptModules(compiled: Compiled): void {
  adopted = compiled;
  if (!runsBuild('fixed')) Object.assign(given, compiled.given);
}

/** Also of another realm. */
function isModule(source: BufferSource | WebAssembly.Module): source is WebAssembly.Module {
  return Object.prototype.toString.call(source) === '[object WebAssembly.Module]';
}

/** i32x4.splat of an argument. */
const FIXED_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 32, 0, 253, 17, 11,
]);

/** Whether the engine compiles modules with this SIMD at all. */
export function runsBuild(build: Build): boolean {
  try {
    new WebAssembly.Module(build === 'relaxed' ? PROBE : FIXED_PROBE);
    return true;
  } catch {
    return false;
  }
}

/** Uses this module from now on, for hosts that forbid compiling from bytes. */
export function provide(dtype: Dtype, build: Build, source: BufferSource | WebAssembly.Module): void {
  given[nameOf(dtype, build)] = isModule(source) ? source : new WebAssembly.Module(source);
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
