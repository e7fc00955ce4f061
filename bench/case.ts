/**
 * What a benchmark case is: a losskit call, what it is compared with and what the comparison must come to. A case makes its data, calls
 * losskit as a user does (ordinary arrays in, reused gradient arrays out) and times nothing.
 */
import type * as rowLoops from './baselines.js';
import type * as ctcLoops from './baselinesCtc.js';
import type * as embeddingLoops from './baselinesEmbedding.js';
import type * as multilabelLoops from './baselinesMultilabel.js';
import type * as pointwiseLoops from './baselinesPointwise.js';
import type * as scoringLoops from './baselinesScoring.js';
import type * as softmaxLoops from './baselinesSoftmax.js';
import type * as ternaryLoops from './baselinesTernary.js';

/**
 * `faster`: at least `target` times as fast as the plain loop (0: no target). `cost`: at most `target` times the time of a plainer losskit
 * call. `tiny`: at most `target` times the time of the plain loop and half a microsecond.
 */
export type Kind = 'faster' | 'cost' | 'tiny';

export interface Reference {
  readonly rows: typeof rowLoops;
  readonly pointwise: typeof pointwiseLoops;
  readonly ternary: typeof ternaryLoops;
  readonly scoring: typeof scoringLoops;
  readonly softmax: typeof softmaxLoops;
  readonly multilabel: typeof multilabelLoops;
  readonly embedding: typeof embeddingLoops;
  readonly ctc: typeof ctcLoops;
}

export interface Prepared {
  /** The losskit call: gives the value. */
  readonly subject: () => number;
  /** What it is compared with: the plain loop, or (cost) a plainer losskit call. */
  readonly other: () => number;
  /** Where `subject` leaves its gradients, and a value that is an array. */
  readonly outputs: readonly Float32Array[];
  /** The value, and what belongs in the outputs, from the float64 copy of the loops. */
  readonly reference: (loops: Reference, ...outputs: Float64Array[]) => number;
}

export interface Case {
  readonly name: string;
  readonly kind: Kind;
  readonly target: number;
  readonly elements: number;
  /** Read and written by one call: what GB/s is counted on. */
  readonly bytes: number;
  /** Cases with the same word share a process, in this order. */
  readonly process: string;
  readonly prepare: () => Prepared;
}

/** Against the plain loop, in a process of its own. */
export function faster(
  name: string,
  target: number,
  elements: number,
  bytes: number,
  prepare: () => Prepared,
): Case {
  return { name, kind: 'faster', target, elements, bytes, process: name, prepare };
}

export const wide = (x: Float32Array): Float64Array => new Float64Array(x);
