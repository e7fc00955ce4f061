/** All kernels by their names, for threads, which are told of them in words. */
import * as binary from '../kernels/modules/binary.js';
import * as crossEntropy from '../kernels/modules/crossEntropy.js';
import * as divergences from '../kernels/modules/divergences.js';
import * as embeddings from '../kernels/modules/embeddings.js';
import * as focal from '../kernels/modules/focal.js';
import * as margins from '../kernels/modules/margins.js';
import * as regression from '../kernels/modules/regression.js';
import * as softmax from '../kernels/modules/softmax.js';
import * as tokenStats from '../kernels/modules/tokenStats.js';
import type { AnyKernel } from './families/family.js';

const modules = [
  regression,
  binary,
  crossEntropy,
  focal,
  softmax,
  tokenStats,
  margins,
  divergences,
  embeddings,
];

const byName = new Map<string, AnyKernel>(
  modules.flatMap((module) =>
    Object.values<NonNullable<AnyKernel>>(module).map((kernel) => [kernel.name, kernel]),
  ),
);

/** null for null. */
export function kernelNamed(name: string | null): AnyKernel {
  if (name === null) return null;
  const kernel = byName.get(name);
  if (!kernel) throw new Error(`pool: there is no kernel ${name}`);
  return kernel;
}
