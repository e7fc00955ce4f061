/** Which calls are shared out among threads, and into which chunks. It knows what a call costs by its size, and runs none. */
import { type Backend, backendFor } from '../backend.js';
import type { LinearWork, Prepared, Work } from '../work.js';
import type { Described } from './families/family.js';
import { describe } from './families/index.js';
import { type Plan, planChunks } from './geometry.js';
import { type DescribedLinear, describeLinear } from './linear.js';
import { isStaged } from './sharedRun.js';

/** How small calls and chunks may be; tests have smaller ones. */
export interface Grain {
  /** A call on fewer elements runs on the calling thread; of losses that are lighter than cross-entropy, more of them. */
  readonly small: number;
  /** Elements of the smallest chunk. */
  readonly least: number;
}

/** 131,072 elements take 0.15 to 0.3 ms on one thread. Handing them out, waking threads and hearing of their end takes 0.1. */
export const GRAIN: Grain = { small: 131072, least: 16384 };
/** Times as many elements where arrays are not shared. */
const STAGED = 8;

/** What a pool has. */
export interface Limits {
  readonly threads: number;
  /** Whether they share memory. */
  readonly shared: boolean;
  readonly grain: Grain;
}

/** A job on its way to the threads. */
export interface FamilyShare {
  readonly family: 'pointwise' | 'rows' | 'embedding' | 'ctc';
  readonly work: Exclude<Work, LinearWork>;
  readonly chosen: Backend;
  readonly described: Described;
  readonly plan: Plan;
}
export interface LinearShare extends DescribedLinear {
  readonly family: 'linear';
  readonly work: LinearWork;
  readonly chosen: Backend;
}
export type Share = FamilyShare | LinearShare;

/** What the call is on the threads, also if another backend is chosen meanwhile; null: it runs on the calling one, at once. */
export function shareOf({ work, elements }: Prepared, limits: Limits): Share | null {
  const { threads, shared, grain } = limits;
  // linearCrossEntropy's elements are those of its logits, each a whole row's work.
  if (work === null || (work.family !== 'linear' && elements < grain.small / 4)) return null;
  const chosen = backendFor(work.job.dtype);
  if (work.family === 'linear') {
    const linear = shared && chosen !== 'js' && threads > 1 ? describeLinear(work) : null;
    return linear && { family: 'linear', work, chosen, ...linear };
  }
  const described = describe(work);
  const plan = described && planOf(described, limits);
  return plan && { family: work.family, work, chosen, described, plan };
}

/** null: it is too small to be shared out. */
export function planOf(described: Described, { threads, grain: { small, least } }: Limits): Plan | null {
  const { shape, lightness } = described;
  const size = shape.outer * shape.middle * shape.inner;
  if (size < small * lightness) return null;
  // Copying chunks to another core and back takes as long as a light loss itself, and the first ones are a trial.
  if (small > 0 && isStaged(described) && (lightness > 1 || size < STAGED * small * lightness)) return null;
  const plan = planChunks(described, threads, least);
  return plan.chunks < 2 ? null : plan;
}
