/** What a pool waits for: one job on the threads. */
export interface Run {
  /** Hands it out. */
  start(): void;
  /** Does what is due on the calling thread, and says whether all is done, or given up. */
  advance(): boolean;
  /** Whether `advance` would find something to do. */
  due(): boolean;
  /** Does a chunk on the calling thread; false where none is left. */
  help(): boolean;
  /** A thread has ended, or does not answer: gives up. */
  fail(thread: number, error: Error): void;
  /** Gives up; it is over when no thread works on it any more. */
  abandon(error: Error): void;
  /** What went wrong; null: nothing. */
  readonly error: Error | null;
  /** How long (ms) its threads may show no progress to a caller that blocks, whom nothing tells of their end. */
  readonly patience: number;
  /** What has been added to the sums, in order. */
  readonly terms: Float64Array;
  /** Chunks that are done, as far as the calling thread can see: whether there is progress. */
  progress(): number;
}

/** Adds every `step`-th term from the `from`-th, left to right: the bits of one thread. */
export function addUp(terms: Float64Array, from: number, step: number): number {
  let sum = 0;
  for (let i = from; i < terms.length; i += step) sum += terms[i];
  return sum;
}

/** What was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
