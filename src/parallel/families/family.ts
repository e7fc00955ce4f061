/** What a family of kernels says of its jobs, so that they can be cut up: how on the calling thread, and what a chunk is on a working one. */
import type { Real } from '../../kernels/jobs.js';
import type { Side } from '../../backend.js';
import type { EmbeddingKernel, PointwiseKernel, RowKernel } from '../../kernels/kernel.js';
import type { KernelModule } from '../../kernels/wasm/builds.js';
import type { Work } from '../../work.js';
import type { Chunk, Shape } from '../geometry.js';
import type { AnyArray, Operand } from '../operand.js';
import type { Format } from '../../kernels/source.js';

/** What goes to the threads as text, as it is. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** null: the family has but one. */
export type AnyKernel = PointwiseKernel | RowKernel | EmbeddingKernel | null;

/** A job as data. */
export interface JobData {
  readonly kernel: AnyKernel;
  /** Those that run it, beside `tools`. */
  readonly modules: readonly KernelModule[];
  /** Terms of the whole job. */
  readonly terms: number;
  readonly fields: Readonly<Record<string, Plain>>;
  /** Numbers that may be no JSON: NaN, infinities, −0. */
  readonly numbers: readonly number[];
  readonly operands: readonly Operand[];
}

/** One that can be cut anywhere: how, and from what size on it is worth it. */
export interface Described extends JobData {
  readonly shape: Shape;
  /** Chunks begin at multiples of so many outers, or inner positions. */
  readonly unit: number;
  readonly byInner: boolean;
  /** How many elements are as much work as one of cross-entropy. */
  readonly lightness: number;
}

/** A chunk, as a working thread has it. */
export interface Part {
  readonly kernel: AnyKernel;
  readonly shape: Shape;
  readonly chunk: Chunk;
  readonly fields: Readonly<Record<string, Plain>>;
  readonly numbers: readonly number[];
  /** The operands' parts, one element after the other; those of kind 'whole' are whole. */
  readonly arrays: Readonly<Record<string, AnyArray | undefined>>;
  readonly formats: Readonly<Record<string, Format>>;
}

export interface Family<W extends Work = Work> {
  /** null: it is not worth cutting. */
  describe(work: W): Described | null;
  /** Where the chunk's terms begin among the job's, and how many there are. */
  terms(part: Pick<Part, 'shape' | 'chunk' | 'fields'>): readonly [at: number, count: number];
  /** Runs the chunk. */
  run(side: Side, part: Part, terms: Float64Array): void;
}

/** An operand that kernels read. */
export function source({ arrays, formats }: Part, name: string) {
  return { data: arrays[name] as Real, format: formats[name] };
}

/** The same where there may be none. */
export function sourceOrNull(part: Part, name: string) {
  return part.arrays[name] ? source(part, name) : null;
}

/** Where a result goes; null: it is not wanted. */
export function result({ arrays }: Part, name: string): Real | null {
  return (arrays[name] as Real | undefined) ?? null;
}
