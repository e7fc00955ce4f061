/** The library as the table-driven tests see it: losses by name, their gradients as a list, and one way to force a backend. */
import { expect } from 'vitest';
import * as losskit from '../../src/index.js';
import type { Precision } from './judge.js';
import type { AnyLoss, Real } from './results.js';

export * from './results.js';

/** Every export that is a loss. */
export const losses: Readonly<Record<string, AnyLoss>> = Object.fromEntries(
  Object.entries(losskit as Record<string, unknown>).filter(
    ([, value]) => typeof value === 'function' && 'lossName' in value,
  ),
) as Record<string, AnyLoss>;

export function lossOf<G = Real>(name: string): AnyLoss<G> {
  const found = losses[name];
  if (found === undefined) throw new Error(`the library does not export a loss ${name}`);
  return found as unknown as AnyLoss<G>;
}

/** A loss or another export with valueAndGrad: logSoftmax, logSumExp. */
export function functionOf(name: string): AnyLoss {
  const found = (losskit as Record<string, unknown>)[name];
  if (typeof found !== 'function') throw new Error(`the library does not export ${name}`);
  return found as unknown as AnyLoss;
}

/** A loss of several gradients. */
export const several = (name: string) => lossOf<Record<string, Real>>(name);

/** Whether this engine has relaxed SIMD (Node 20 under the flag of vitest.config.ts): a module of one i32x4.relaxed_trunc_f32x4_s says. */
export const RELAXED = WebAssembly.validate(
  new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0, 10, 9, 1, 7, 0, 32, 0, 253, 129, 2,
    11,
  ]),
);
type Forced = 'wasm' | 'js' | 'wasm-relaxed';
export const BACKENDS: readonly Forced[] = RELAXED ? ['wasm', 'js', 'wasm-relaxed'] : ['wasm', 'js'];
/** Those of WebAssembly: one marshalling, and loops of one source. */
export const KERNELS = BACKENDS.filter((name) => name !== 'js');
/** What 'auto' is here. */
export const AUTO: Forced = RELAXED ? 'wasm-relaxed' : 'wasm';
export const PRECISIONS: readonly Precision[] = ['float32', 'float64'];
export const REDUCTIONS = ['mean', 'sum', 'none'] as const;

/** Backend x precision. */
export const platforms = BACKENDS.flatMap((backend) =>
  PRECISIONS.map((precision) => ({ backend, precision })),
);

export function force(backend: Forced | 'auto'): void {
  losskit.useBackend(backend);
  if (backend !== 'auto') expect(losskit.backend()).toBe(backend);
}
