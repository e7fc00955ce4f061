/** The public types of a pool. `S`: whether a call blocks and gives its result itself, not a promise. */
import type {
  ArrayLikeOf,
  DifferentiableLoss,
  ElementwiseLoss,
  GradientOf,
  RealArray,
  ValueAndGrad,
} from '../types.js';

/** @inline */
type None = { reduction: 'none' };
/** @inline */
type Reduced = { reduction?: 'mean' | 'sum' | 'batchmean' };
type AnyLoss<R extends readonly unknown[], O, K extends string> =
  DifferentiableLoss<R, O, K> | ElementwiseLoss<R, O, K>;
type Given<S extends boolean, T> = S extends true ? T : Promise<T>;

/** The value of a loss. */
export interface PoolValue<S extends boolean = false> {
  <A extends RealArray, R extends readonly unknown[], O, K extends string>(
    loss: DifferentiableLoss<R, O, K>,
    input: A,
    ...rest: [...R, options: O & None]
  ): Given<S, ArrayLikeOf<A>>;
  <R extends readonly unknown[], O, K extends string>(
    loss: DifferentiableLoss<R, O, K>,
    input: RealArray,
    ...rest: [...R, options?: O & Reduced]
  ): Given<S, number>;
  <A extends RealArray, R extends readonly unknown[], O, K extends string>(
    loss: AnyLoss<R, O, K>,
    input: A,
    ...rest: [...R, options?: O]
  ): Given<S, number | ArrayLikeOf<A>>;
}

/** Value and gradient of a loss. */
export interface PoolValueAndGrad<S extends boolean = false> {
  <A extends RealArray, R extends readonly unknown[], O, K extends string>(
    loss: DifferentiableLoss<R, O, K>,
    input: A,
    ...rest: [...R, options: O & None]
  ): Given<S, ValueAndGrad<ArrayLikeOf<A>, GradientOf<A, K>>>;
  <A extends RealArray, R extends readonly unknown[], O, K extends string>(
    loss: DifferentiableLoss<R, O, K>,
    input: A,
    ...rest: [...R, options?: O & Reduced]
  ): Given<S, ValueAndGrad<number, GradientOf<A, K>>>;
  <A extends RealArray, R extends readonly unknown[], O, K extends string>(
    loss: AnyLoss<R, O, K>,
    input: A,
    ...rest: [...R, options?: O]
  ): Given<S, ValueAndGrad<number | ArrayLikeOf<A>, GradientOf<A, K>>>;
}

/** Options of createPool. */
export interface PoolOptions {
  /** Threads that compute, 1 to 64. Default the machine's cores. */
  threads?: number;
  /** Where the file of `losskit/parallel/worker` is, for bundlers that do not see to `new Worker(new URL(…))` by themselves. */
  workerUrl?: string | URL;
}

/** Threads that run losses, one call after the other, each shared out among all of them. */
export interface Pool {
  /** The threads. */
  readonly threads: number;
  /** Whether they share memory. Without, every chunk is copied twice, and linearCrossEntropy runs on the calling thread. */
  readonly shared: boolean;
  /** Why they do not; undefined: they do. */
  readonly reason: string | undefined;
  /**
   * The value of `loss(...inputs, options)`, bit for bit. Arrays must stay as they are until it is there. Rejects with the loss's own errors, before
   * anything is written, and with an Error that says why where a thread has ended or the pool was closed: results are undefined then, the next call
   * is right.
   */
  readonly value: PoolValue;
  /** What `loss.valueAndGrad(...inputs, options)` gives; the rest as `value`. */
  readonly valueAndGrad: PoolValueAndGrad;
  /**
   * The same, blocking; this thread works, too, with one less of the others (not for linearCrossEntropy). In Node and in workers; on a page's main
   * thread, and without shared memory, it throws. Nothing tells a thread that blocks of another one's end: where one has ended just before, it throws
   * after 10 s without progress (linearCrossEntropy 120 s).
   */
  readonly valueSync: PoolValue<true>;
  /** `valueAndGrad`, blocking; the rest as `valueSync`. */
  readonly valueAndGradSync: PoolValueAndGrad<true>;
  /** Ends the threads. Calls that wait are rejected, later ones as well. */
  close(): Promise<void>;
}
