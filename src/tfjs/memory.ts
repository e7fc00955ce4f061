/**
 * The numbers of tensors: read where they are, and results written where tensors have theirs. Knows the backends of TensorFlow.js, no loss.
 *
 * The backend 'wasm' copies in dataSync() and in tensor(); its kernels read and write its heap through typedArrayFromHeap and makeOutput, and so does
 * this: at [128, 32000] the copies take a fifth of the call. A view of the heap is good until memory is next allocated there. The backend 'cpu' gives
 * its own array and takes ours as it is: nothing is written to what is read, and nothing kept of what is handed over.
 */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './types.js';

type Numbers = Float32Array | Int32Array | Uint8Array;

/** A tensor as losskit's losses take it. */
export interface Data {
  readonly data: Numbers;
  readonly dims: readonly number[];
}

/** A backend whose tensors lie in one memory. */
interface Heap {
  typedArrayFromHeap(tensor: TensorInfo): Numbers;
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo;
}

/**
 * Runs `run` on the numbers of `inputs` and on arrays for results of these shapes; what it returns, and the results as tensors of the scope that is
 * open. The arrays are `run`'s until it returns.
 */
export function compute<T>(
  tf: TensorFlow,
  fn: string,
  inputs: readonly Tensor[],
  shapes: readonly (readonly number[])[],
  run: (inputs: readonly Data[], results: readonly Float32Array[]) => T,
): { returned: T; results: Tensor[] } {
  inputs.forEach((input) => checkTensor(fn, input));
  const heap = heapOf(tf);
  if (!heap) {
    const arrays = shapes.map((shape) => new Float32Array(size(shape)));
    const returned = run(
      inputs.map((input) => ({ data: readSync(fn, input), dims: input.shape })),
      arrays,
    );
    return { returned, results: arrays.map((array, k) => tf.tensor(array, shapes[k] as number[])) };
  }
  // All that allocates comes before the views: a tensor of another backend is moved here first.
  for (const input of inputs) heap.typedArrayFromHeap(input);
  const engine = tf.engine();
  const results = shapes.map((shape) =>
    engine.makeTensorFromTensorInfo(heap.makeOutput(shape, 'float32'), tf.backend()),
  );
  const returned = run(
    inputs.map((input) => ({ data: heap.typedArrayFromHeap(input), dims: input.shape })),
    results.map((result) => heap.typedArrayFromHeap(result) as Float32Array),
  );
  return { returned, results };
}

/** The number of a scalar. */
export function numberOf(fn: string, scalar: Tensor): number {
  return readSync(fn, scalar)[0];
}

function heapOf(tf: TensorFlow): Heap | null {
  const backend = tf.backend() as unknown as Partial<Heap>;
  return typeof backend.typedArrayFromHeap === 'function' && typeof backend.makeOutput === 'function'
    ? (backend as Heap)
    : null;
}

/** Refuses tensors of strings and complex numbers, and disposed ones. */
export function checkTensor(fn: string, tensor: Tensor): void {
  const { dtype } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
    throw new TypeError(`${fn}: a tensor of dtype ${dtype} was given, expected float32, int32 or bool`);
  if (tensor.isDisposed) tensor.dataSync(); // throws, as TensorFlow.js does
}

function readSync(fn: string, tensor: Tensor): Numbers {
  let data: ArrayLike<number>;
  try {
    data = tensor.dataSync() as ArrayLike<number>;
  } catch (cause) {
    throw new Error(
      `${fn}: this backend of TensorFlow.js does not give a tensor's data synchronously (${String(cause)}): ` +
        "use tf.setBackend('wasm') or 'cpu', or call losskit on arrays: await tensor.data()",
      { cause },
    );
  }
  // On the backend 'cpu' the data may be of another kind than the tensor: tf.cast leaves them as they are.
  const Kind = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[tensor.dtype as 'float32'];
  return data instanceof Kind ? data : Kind.from(data);
}

function size(shape: readonly number[]): number {
  let n = 1;
  for (const dim of shape) n *= dim;
  return n;
}
