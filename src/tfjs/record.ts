/** One op with a gradient of its own: what of its forward pass the gradient needs stays until the tape is gone. Knows no loss. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './types.js';

interface Forward {
  readonly value: Tensor;
  /** What `backward` gets: tensors of this forward pass's own, see `share`. */
  readonly kept: readonly Tensor[];
}

/**
 * tf.customGrad of `inputs`. `backward` gives one gradient an input.
 *
 * What is kept goes on the tape's own list of saved tensors, which are disposed with the tape, whether the gradient was asked for or not. The
 * `save` that customGrad offers makes clones for that list, which the backend 'wasm' copies; it is used where the list is not to be had.
 */
export function record(
  tf: TensorFlow,
  fn: string,
  inputs: readonly Tensor[],
  forward: () => Forward,
  backward: (dy: Tensor, kept: readonly Tensor[]) => Tensor[],
): Tensor {
  const engine = tf.engine();
  const tape = engine.state.activeTape as typeof engine.state.activeTape | undefined;
  const position = tape?.length;
  let own: readonly Tensor[] | null = null;
  const value = tf.customGrad((...args) => {
    const save = args[args.length - 1] as unknown as (tensors: readonly Tensor[]) => void;
    const { value, kept } = forward();
    if (position === undefined) save(kept);
    else own = kept.map((tensor) => tf.keep(tensor));
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      if (engine.isTapeOn())
        throw new Error(
          `${fn}: a gradient of the gradient is asked for, which losskit does not have: use tf.losses, or tf's ops`,
        );
      return backward(dy, own ?? saved);
    };
    return { value, gradFunc };
  })(...inputs);
  if (own && position !== undefined) tape![position].saved!.push(...(own as readonly Tensor[]));
  return value;
}

/** A tensor of float32: itself where it is one, since tf.cast copies. */
export const float32 = (tf: TensorFlow, tensor: Tensor): Tensor =>
  tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32');

/** The same numbers as a tensor of its own, which may be kept or given away. Copies nothing. */
export const share = (tf: TensorFlow, tensor: Tensor): Tensor => tf.reshape(tensor, tensor.shape);
