/**
 * What a checked call hands to a backend: plain data, no options, no errors. Both backends take the same jobs,
 * so a loss does not know which of them runs. Everything in them has been checked.
 */
import type { Pattern, Real, Source } from './source.js';

export type { Pattern, Real };
export type Dtype = 'float32' | 'float64';

/** What every element must be: a label ±1, a probability in [0, 1], or a variance >= 0 (for the last two, NaN passes and gives NaN). */
export type Domain = 'sign' | 'probability' | 'variance';

/** The inputs of a pointwise loss: the first differentiable one, the target, and the second differentiable one of a few losses. */
export type Operand = 'input' | 'target' | 'other';

/**
 * What each operand must be, and who is told of the first element that is not, which must throw. A check is part of the job, as it has to
 * read all of an array before anything is written: what it has brought into kernel memory need not be brought again.
 */
export interface Domains {
  readonly wanted: { readonly [operand in Operand]?: Domain };
  refuse(operand: Operand, index: number): never;
}

/**
 * Where a backend also lists what it adds to its sum (or two), in the order in which it is added: whoever runs a part of a job adds the parts' terms
 * to the very bits of the whole.
 */
export interface Terms {
  readonly terms?: Float64Array | null;
}

/** A loss of each element of `input` against the same element of `target`, and for some of `other`. One term a block of 1024 elements. */
export interface PointwiseJob extends Terms {
  readonly dtype: Dtype;
  readonly length: number;
  readonly input: Source;
  readonly target: Source;
  /** The second differentiable input, where the loss has one. */
  readonly other: Pattern | null;
  readonly domains: Domains | null;
  readonly weight: Pattern | null;
  readonly posWeight: Pattern | null;
  /** One upstream gradient an element, or a row (reduction 'none'); a scalar one is in `scale`. */
  readonly gradOutput: Pattern | null;
  /** The formula's own numbers, in the order that stands beside it in modules/. */
  readonly constants: readonly number[];
  /** Every gradient element is multiplied by this: gradOutput / divisor. */
  readonly scale: number;
  readonly grad: Real | null;
  /** As long as the source of `other`: where that repeats, the sums over its elements. */
  readonly otherGrad: Real | null;
  /** Where the (weighted) losses go under reduction 'none': one an element, or with `rows` the mean of each row's. */
  readonly out: Real | null;
  readonly rows: RowLayout | null;
}

/** A loss of each row of `dim` elements of two or three inputs. One term a row. */
export interface EmbeddingJob extends Terms {
  readonly dtype: Dtype;
  readonly rows: number;
  readonly dim: number;
  readonly inputs: readonly Source[];
  /** ±1, one a row, where the loss has labels. */
  readonly labels: Source | null;
  /** One upstream gradient a row (reduction 'none'); a scalar one is in `scale`. */
  readonly gradOutput: Source | null;
  readonly constants: readonly number[];
  readonly scale: number;
  /** One an input; null: not wanted. All null: no gradient at all. */
  readonly grads: readonly (Real | null)[];
  /** One loss a row. */
  readonly out: Real | null;
}

/** Connectionist temporal classification: frames x samples x classes against a list of labels a sample. One term a sample. */
export interface CtcJob extends Terms {
  readonly dtype: Dtype;
  readonly frames: number;
  readonly samples: number;
  readonly classes: number;
  /** Class c of frame t of sample n is element (t * samples + n) * classes + c. */
  readonly input: Source;
  /** Whether the input is logits: a log-softmax comes first. */
  readonly fromLogits: boolean;
  /** All samples' labels one after the other, those of sample n from starts[n] to starts[n + 1]: in [0, classes) and not blank. */
  readonly labels: Int32Array;
  readonly starts: Int32Array;
  /** Frames of each sample, in [0, frames]. */
  readonly lengths: Int32Array;
  readonly blank: number;
  readonly zeroInfinity: boolean;
  /** Whether the total, and the gradient, take each loss divided by max(1, its labels) ('mean'). */
  readonly perLabel: boolean;
  /** One upstream gradient a sample (reduction 'none'); a scalar one is in `scale`. */
  readonly gradOutput: Source | null;
  readonly scale: number;
  /** Of the input's layout; 0 in frames beyond a sample's length. */
  readonly grad: Real | null;
  /** One loss a sample, not divided by its labels. */
  readonly out: Real | null;
}

/** Reads the class of each row: -1 where the row does not count. */
export interface Targets {
  /** When this is an Int32Array, rows count exactly where the entry is in [0, classes) and not `ignoreIndex`, and row r is entry r. */
  readonly direct: Int32Array | null;
  /** -1 where no class is ignored (an ignoreIndex outside [0, classes) needs no comparison). */
  readonly ignoreIndex: number;
  /** Writes the classes of rows [start, start + count) to `into` from `at`, -1 where a row does not count. */
  read(start: number, count: number, into: Int32Array, at: number): void;
}

/** Class c of row r = o * inner + j is element (o * classes + c) * inner + j. */
export interface RowLayout {
  readonly outer: number;
  readonly classes: number;
  readonly inner: number;
}

/** One of each a row. Where a row does not count: 0 and -1. */
export interface RowStats {
  /** −Σ p log p, in nats. */
  readonly entropy: Real;
  /** The class of the largest value: a NaN before everything, of equal ones the first. */
  readonly argmax: Int32Array;
}

/** A loss of each row of `classes` values. Two terms a row. */
export interface RowJob extends RowLayout, Terms {
  readonly dtype: Dtype;
  readonly input: Source;
  /** Class indices, or null for losses with soft targets. */
  readonly targets: Targets | null;
  /** Target values of the input's layout, or null. */
  readonly soft: Source | null;
  readonly classWeight: Real | null;
  /** Whether the kernel reads the weights of all classes (ones where there are none), not the targets' alone. */
  readonly readsAllWeights: boolean;
  /** One upstream gradient a row (reduction 'none'); a scalar one is in `scale`. */
  readonly gradOutput: Source | null;
  readonly constants: readonly number[];
  /** Logits are softcap · tanh(x / softcap) first; 0: as they are. Among the constants too, for loops that do it themselves. */
  readonly softcap: number;
  /** Every gradient element is multiplied by this: gradOutput / divisor. */
  readonly scale: number;
  readonly grad: Real | null;
  /** Where the losses go under reduction 'none', one a row. */
  readonly out: Real | null;
  /** Of each row beside its loss, where the kernel is one that finds it. */
  readonly stats: RowStats | null;
  /** [Σ loss, Σ second term (crossEntropy's z term, else 0)] over the rows, written by the kernel; 'none' adds both in `out`. */
  readonly totals: Float64Array;
}

/** The k likeliest classes of each row, as `shape` [outer, k, inner]; of equal values the lower class first, and a NaN before everything. */
export interface TopJob extends RowLayout {
  readonly dtype: Dtype;
  readonly input: Source;
  /** In [1, classes]. */
  readonly k: number;
  /** 0: off. */
  readonly softcap: number;
  readonly temperature: number;
  readonly indices: Int32Array;
  readonly logProbs: Real;
}

/** Scores of rows x [rows, width] against a head [classes, width]: x · headᵀ + bias. */
export interface LinearJob {
  readonly dtype: Dtype;
  readonly rows: number;
  readonly width: number;
  readonly classes: number;
  readonly x: Source;
  readonly head: Source;
  readonly bias: Source | null;
  /** null: not wanted. */
  readonly xGrad: Real | null;
  readonly headGrad: Real | null;
  readonly biasGrad: Real | null;
  /** Whether gradients are added to what is there. */
  readonly accumulate: boolean;
  /** Where several threads run chunks of the job. */
  readonly turns?: Turns | null;
}

/**
 * The chunks' order where they are run at once: what all of them add to (the bias's gradient is part 0, each block of the head's another one)
 * takes each chunk when those before it have been there.
 */
export interface Turns {
  /** The bias's gradient so far, before what is accumulated. */
  readonly biasSums: Float64Array;
  wait(part: number): void;
  pass(part: number): void;
}

/** The scores of a chunk of rows at a time. In the order: fill, (the caller puts the gradient in the scores' place), gradients, …, end. */
export interface LinearScores {
  /** Rows of a chunk; the last may have fewer. */
  readonly chunk: number;
  /** At least chunk x classes: in kernel memory, where there is one. */
  readonly scores: Real;
  /** Makes the scores of rows [from, from + count). Rows whose `counted` is negative are not read and have the bias alone. */
  fill(from: number, count: number, counted: ArrayLike<number>): void;
  /** Takes what is in the scores' place as their gradient, of the rows that `fill` made last. */
  gradients(from: number, count: number, counted: ArrayLike<number>): void;
  /** Once, after the last chunk. */
  end(): void;
}
