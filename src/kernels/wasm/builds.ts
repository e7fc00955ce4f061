/**
 * The compiled modules: a dtype in a build each, 'fixed' SIMD or 'relaxed' with fused multiply-add. Compiles on first use what is embedded,
 * or takes what `initSync` was given. It knows no memory and no instance.
 */
import type { Dtype } from '../jobs.js';
import { inflate } from './inflate.js';
import * as embedded from './modules.js';

export type Build = 'fixed' | 'relaxed';
type Name = Dtype | `${Dtype}Relaxed`;

const nameOf = (dtype: Dtype, build: Build): Name => (build === 'relaxed' ? `${dtype}Relaxed` : dtype);

const modules: Partial<Record<Name, WebAssembly.Module>> = {};

/** i32x4.relaxed_trunc_f32x4_s of an argument: what an engine without relaxed SIMD refuses long before it has read a whole module. */
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0, 10, 9, 1, 7, 0, 32, 0, 253, 129, 2,
  11,
]);

/** Throws where the engine has no WebAssembly or not this SIMD, or forbids compiling. */
export function compiled(dtype: Dtype, build: Build): WebAssembly.Module {
  const name = nameOf(dtype, build);
  return (modules[name] ??= unpacked(name, build));
}

/** Modules for memory that threads share. */
const threaded: Partial<Record<Name, WebAssembly.Module>> = {};

/** The end of a module's import of its memory: the name, a memory (2), its limits with a maximum (1) or with one and shared (3). */
const MEMORY = [109, 101, 109, 111, 114, 121, 2];
const LIMITED = 1;
const SHARED = 3;

/** The same code for a memory that threads share: one byte of the module says so. Threads compile it for themselves. */
export function compiledForThreads(dtype: Dtype, build: Build): WebAssembly.Module {
  const name = nameOf(dtype, build);
  return (threaded[name] ??= new WebAssembly.Module(withSharedMemory(bytesOf(name))));
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

function unpacked(name: Name, build: Build): WebAssembly.Module {
  try {
    if (build === 'relaxed') new WebAssembly.Module(PROBE);
    return new WebAssembly.Module(bytesOf(name));
  } catch (error) {
    const given = adopted[name];
    if (given) return given;
    throw error;
  }
}

function bytesOf(name: Name): Uint8Array<ArrayBuffer> {
  const { deflated, bytes } = embedded[name];
  return inflate(decodeBase64(deflated), bytes);
}

/** The modules that there are, for another thread. */
export function compiledModules(): Readonly<Record<string, WebAssembly.Module>> {
  return modules as Record<string, WebAssembly.Module>;
}

/** Those of another thread: for where this one may not compile. Code of its own is 10 % faster than shared code (V8 11). */
let adopted: Readonly<Record<string, WebAssembly.Module>> = {};

export function adoptModules(given: Readonly<Record<string, WebAssembly.Module>>): void {
  adopted = given;
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
  modules[nameOf(dtype, build)] = isModule(source) ? source : new WebAssembly.Module(source);
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
