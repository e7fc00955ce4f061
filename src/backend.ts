/** Which kernels run the next call, and why. Compiles nothing before the first question or call. */
import { jsKernels } from './kernels/js/index.js';
import type { Dtype } from './kernels/jobs.js';
import type { Kernels } from './kernels/table.js';
import { provide, sharedEngine } from './kernels/wasm/engine.js';
import { wasmKernels } from './kernels/wasm/index.js';

export type Backend = 'wasm-relaxed' | 'wasm' | 'js';

/** Bytes or compiled modules for `initSync`; float64 and the relaxed ones where they will be used. */
export interface Modules {
  float32: BufferSource | WebAssembly.Module;
  float64?: BufferSource | WebAssembly.Module;
  float32Relaxed?: BufferSource | WebAssembly.Module;
  float64Relaxed?: BufferSource | WebAssembly.Module;
}

/**
 * Under 'auto' a call on this many elements or fewer runs the TypeScript loops: below it, marshalling and entering WebAssembly cost more than
 * they save. Measured by `npm run bench -- tiny`; one number for every loss, for value and valueAndGrad.
 */
export const TINY = 12;

const choices: readonly string[] = ['auto', 'wasm-relaxed', 'wasm', 'js'];

let chosen: 'auto' | Backend = 'auto';
/** What 'auto' found: undefined before the first look. */
let wasmWorks: boolean | undefined;
let wasmError: unknown;

/** Whether the engine runs the SIMD module: found by compiling and instantiating it, since under a CSP without 'wasm-unsafe-eval' `validate` says yes all the same. */
function probe(): boolean {
  if (wasmWorks === undefined) {
    try {
      sharedEngine().exports('float32');
      wasmWorks = true;
    } catch (error) {
      wasmWorks = false;
      wasmError = error;
    }
  }
  return wasmWorks;
}

/** What the next call uses: 'wasm' or 'js' ('wasm-relaxed' is not in this version). Tiny calls under 'auto' use the TypeScript loops all the same. */
export function backend(): Backend {
  if (chosen !== 'auto') return chosen;
  return probe() ? 'wasm' : 'js';
}

/** Under 'auto': why WebAssembly is not used (a content security policy, no SIMD, no WebAssembly at all), else undefined. */
export function backendError(): Error | undefined {
  if (chosen !== 'auto' || probe()) return undefined;
  return wasmError instanceof Error ? wasmError : new Error(String(wasmError));
}

/**
 * Forces a backend, or goes back to 'auto' (default): the fastest that this engine runs.
 * Throws an Error that says why where the one asked for cannot run, a RangeError for an unknown name; the choice is then unchanged.
 */
export function useBackend(name: 'auto' | Backend): void {
  if (!choices.includes(name)) {
    throw new RangeError(`useBackend: name is ${String(name)}, expected one of ${choices.join(', ')}`);
  }
  if (name === 'wasm-relaxed') {
    throw new Error(
      "useBackend: 'wasm-relaxed' cannot run: this version of losskit has no relaxed-SIMD modules; use 'wasm' or 'auto'",
    );
  }
  if (name === 'wasm' && !probe()) {
    throw new Error(`useBackend: 'wasm' cannot run here: ${String(wasmError)}`, { cause: wasmError });
  }
  chosen = name;
}

/**
 * Hands over the WebAssembly modules, as bytes or compiled (the files of `losskit/float32.wasm`, `losskit/float64.wasm`), for hosts that forbid
 * compiling from bytes. Call it before the first loss. The relaxed ones are accepted and kept for the version that has them.
 */
export function initSync(modules: Modules): void {
  if (modules === null || typeof modules !== 'object' || !modules.float32) {
    throw new TypeError('initSync: expected { float32, float64? } with bytes or WebAssembly.Modules');
  }
  provide('float32', modules.float32);
  if (modules.float64) provide('float64', modules.float64);
  wasmWorks = true;
  wasmError = undefined;
}

/** Whether the WebAssembly kernels may run: an arena is then kernel memory. */
export function kernelsWork(): boolean {
  return backend() !== 'js';
}

/** The kernels for a call on `elements` elements. */
export function kernelsFor(dtype: Dtype, elements: number): Kernels {
  if (chosen === 'js' || (chosen === 'auto' && (elements <= TINY || !probe()))) return jsKernels;
  // Under initSync with float32 alone, float64 may still be forbidden: it then falls back by itself.
  if (chosen === 'auto' && dtype === 'float64' && !runsFloat64()) return jsKernels;
  return wasmKernels;
}

let float64Works: boolean | undefined;

function runsFloat64(): boolean {
  if (float64Works === undefined) {
    try {
      sharedEngine().exports('float64');
      float64Works = true;
    } catch {
      float64Works = false;
    }
  }
  return float64Works;
}
