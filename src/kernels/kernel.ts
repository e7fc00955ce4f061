/**
 * What a kernel is: its name among a module's exports, the TypeScript loop that does the same, and what the drivers of both must know of it. The kernels
 * themselves are in modules/, a file a module, so that a bundle has those of its losses alone. Knows no backend.
 */
import type { PointwiseLoop, EmbeddingLoop } from './js/types.js';
import type { RowJob } from './jobs.js';
import type { KernelModule } from './wasm/builds.js';

interface Kernel {
  /** Of its export, or of its exports without their endings. No two kernels share one. */
  readonly name: string;
  readonly module: KernelModule;
}

/** Of inputs of one length. */
export interface PointwiseKernel extends Kernel {
  readonly loop: PointwiseLoop;
  /** The export, where the constants choose between several; default `name`. */
  exportOf?(constants: readonly number[]): string;
  /** Whether the constants change the targets, which only the general body does. */
  changesTargets?(constants: readonly number[]): boolean;
  /** A few additions an element, as fast as memory; else there is an exp, a log or a division. */
  readonly light?: boolean;
}

/** Of rows. */
export interface RowKernel extends Pick<Kernel, 'name'> {
  /** null: it is never worth copying its rows into kernel memory. */
  readonly module: KernelModule | null;
  /** Runs the TypeScript loop over the rows. */
  inTypeScript(job: RowJob): void;
  /** Whether rows of few classes run in columns, a row a lane. */
  readonly columns: boolean;
  /** Whether there are no phases for a row too long for a region: it then runs in TypeScript. */
  readonly wholeRows?: boolean;
  /** The most classes that the kernel has room for; beyond, it runs in TypeScript. */
  readonly mostClasses?: number;
}

/** Of rows of two or three embeddings. */
export interface EmbeddingKernel extends Kernel {
  readonly loop: EmbeddingLoop;
}
