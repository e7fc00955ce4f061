/** Which kernels run the next call, and why. Compiles nothing before the first question or call. */
import type { Dtype } from './kernels/jobs.js';
import { type Build, provide, runsBuild } from './kernels/wasm/builds.js';
import { buildInUse, sharedEngine, useBuild } from './kernels/wasm/engine.js';

/** What calls run on: the kernels with relaxed or with fixed SIMD, or the TypeScript loops. */
export type Backend = 'wasm-relaxed' | 'wasm' | 'js';

/** Which loops run: those in WebAssembly (its build is the engine's choice) or those in TypeScript. */
export type Side = 'wasm' | 'js';

/** Bytes or compiled modules for `initSync`; float64 and the relaxed ones where they will be used. */
export interface Modules {
  /** `losskit/float32.wasm`. */
  float32: BufferSource | WebAssembly.Module;
  /** `losskit/float64.wasm`. */
  float64?: BufferSource | WebAssembly.Module;
  /** `losskit/float32-relaxed.wasm`. */
  float32Relaxed?: BufferSource | WebAssembly.Module;
  /** `losskit/float64-relaxed.wasm`. */
  float64Relaxed?: BufferSource | WebAssembly.Module;
}

/**
 * Under 'auto' a call on this many elements or fewer runs the TypeScript loops: below it, marshalling and entering WebAssembly cost more than
 * they save. Measured by `npm run bench -- tiny`; one number for every loss, for value and valueAndGrad.
 */
export const TINY = 12;

const choices: readonly string[] = ['auto', 'wasm-relaxed', 'wasm', 'js'];

let chosen: 'auto' | Backend = 'auto';
/** The side of the choice, found by the first call of each dtype. */
let sides: Partial<Record<Dtype, Side>> = {};
/** What each build's module of each dtype was found to be: undefined where it runs, else what went wrong. */
const looked = new Map<string, unknown>();

/**
 * What keeps a module from running here, undefined if nothing does: found by compiling and instantiating it. Under a CSP without
 * 'wasm-unsafe-eval' `validate` says yes all the same, and no version says what a flag has switched on.
 */
function trouble(build: Build, dtype: Dtype): unknown {
  const module = `${build} ${dtype}`;
  if (!looked.has(module)) {
    let found: unknown;
    try {
      sharedEngine().instantiate(dtype, build);
    } catch (error) {
      found = error ?? new Error('unknown');
    }
    looked.set(module, found);
  }
  return looked.get(module);
}
const runs = (build: Build, dtype: Dtype = 'float32'): boolean => trouble(build, dtype) === undefined;

/**
 * What the next call uses. Tiny calls under 'auto' use the TypeScript loops all the same.
 *
 * @category Tools
 */
export function backend(): Backend {
  if (chosen !== 'auto') return chosen;
  if (runs('relaxed')) return 'wasm-relaxed';
  return runs('fixed') ? 'wasm' : 'js';
}

/**
 * Under 'auto': why WebAssembly is not used (a content security policy, no SIMD, no WebAssembly at all), else undefined.
 *
 * @category Tools
 */
export function backendError(): Error | undefined {
  if (chosen !== 'auto' || backend() !== 'js') return undefined;
  const reason = trouble('fixed', 'float32');
  return reason instanceof Error ? reason : new Error(String(reason));
}

/**
 * Forces a backend, or goes back to 'auto' (default): the fastest that this engine runs.
 * 'wasm' is fixed SIMD: the same bits on every machine. 'wasm-relaxed' is the same kernels with relaxed fused multiply-add (Node >= 22,
 * Chromium, Firefox): faster, within the same bounds, and the same bits in every call on one machine; another may differ in the last ones.
 * Throws an Error that says why where the one asked for cannot run, a RangeError for an unknown name; the choice is then unchanged.
 *
 * @category Tools
 */
export function useBackend(name: 'auto' | Backend): void {
  if (!choices.includes(name)) {
    throw new RangeError(`useBackend: name is ${String(name)}, expected one of ${choices.join(', ')}`);
  }
  if (name.startsWith('wasm')) {
    const cause = trouble(name === 'wasm' ? 'fixed' : 'relaxed', 'float32');
    if (cause !== undefined)
      throw new Error(`useBackend: '${name}' cannot run here: ${String(cause)}`, { cause });
  }
  chosen = name;
  sides = {};
}

/**
 * Hands over the WebAssembly modules, as bytes or compiled (the files of `losskit/float32.wasm`, `losskit/float32-relaxed.wasm` and their
 * float64 siblings), for hosts that forbid compiling from bytes. Call it before the first loss: memory in which calls have run keeps its
 * kernels. Relaxed bytes that do not compile here are
 * passed over: 'auto' then takes what does.
 *
 * @category Tools
 */
export function initSync(modules: Modules): void {
  check(modules);
  if (typeof WebAssembly === 'undefined') return;
  forgive(() => provide('float32', 'fixed', modules.float32), 'fixed');
  const { float64, float32Relaxed, float64Relaxed } = modules;
  if (float64) forgive(() => provide('float64', 'fixed', float64), 'fixed');
  if (float32Relaxed) forgive(() => provide('float32', 'relaxed', float32Relaxed), 'relaxed');
  if (float64Relaxed) forgive(() => provide('float64', 'relaxed', float64Relaxed), 'relaxed');
  looked.clear();
  sides = {};
}

const names = ['float32', 'float64', 'float32Relaxed', 'float64Relaxed'];

function check(modules: unknown): void {
  const wanted = `expected { float32, float64?, float32Relaxed?, float64Relaxed? } with bytes or WebAssembly.Modules`;
  if (modules === null || typeof modules !== 'object' || !('float32' in modules))
    throw new TypeError(`initSync: ${wanted}`);
  for (const [name, given] of Object.entries(modules)) {
    if (!names.includes(name)) throw new TypeError(`initSync: unknown key '${name}', ${wanted}`);
    if (given === undefined && name !== 'float32') continue;
    const tag = Object.prototype.toString.call(given).slice(8, -1);
    if (
      !ArrayBuffer.isView(given) &&
      !['ArrayBuffer', 'SharedArrayBuffer', 'WebAssembly.Module'].includes(tag)
    )
      throw new TypeError(`initSync: ${name} is ${tag}, ${wanted}`);
  }
}

/** Passes over what an engine without this SIMD cannot compile: it would not run what is embedded either. Other bytes that do not compile are a mistake. */
function forgive(compile: () => void, build: Build): void {
  try {
    compile();
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError) || runsBuild(build)) throw error;
  }
}

/** Whether the WebAssembly kernels may run: an arena is then kernel memory. */
export function kernelsWork(): boolean {
  return backend() !== 'js';
}

/** Which loops run a call on `elements` elements. */
export function sideFor(dtype: Dtype, elements: number): Side {
  if (chosen === 'auto' && elements <= TINY) return 'js';
  return (sides[dtype] ??= find(dtype));
}

/** Chooses the dtype's build. Under `initSync` a dtype may lack its relaxed module, and then takes the fixed one, or under 'auto' any. */
function find(dtype: Dtype): Side {
  const name = backend();
  if (name === 'js') return 'js';
  const relaxed = name === 'wasm-relaxed' && runs('relaxed', dtype);
  if (!relaxed && chosen === 'auto' && !runs('fixed', dtype)) return 'js';
  useBuild(dtype, relaxed ? 'relaxed' : 'fixed');
  return 'wasm';
}

/** What a call of many elements would run on now: a dtype may lack what the choice is. */
export function backendFor(dtype: Dtype): Backend {
  if (sideFor(dtype, Infinity) === 'js') return 'js';
  return buildInUse(dtype) === 'relaxed' ? 'wasm-relaxed' : 'wasm';
}

/** Runs something on the backend that `backendFor` has named, whatever has been chosen since. */
export function onBackend<T>(name: Backend, dtype: Dtype, run: (side: Side) => T): T {
  if (name === 'js') return run('js');
  const before = buildInUse(dtype);
  useBuild(dtype, name === 'wasm-relaxed' ? 'relaxed' : 'fixed');
  try {
    return run('wasm');
  } finally {
    useBuild(dtype, before);
  }
}
