/** The value and gradients of bench:linear with TensorFlow.js on WebAssembly, read back into arrays. */
import { peersInstalled } from './contest/peerPackage.js';
import { loadTensorflow, tensorflowLinear } from './contest/tensorflow.js';

/** The call, or null where bench/peers has not been installed. */
export async function tensorflow(
  hidden: Float32Array,
  head: Float32Array,
  targets: Int32Array,
  grad: { hidden: Float32Array; head: Float32Array },
): Promise<(() => Promise<void>) | null> {
  if (!peersInstalled()) return null;
  const { tf } = await loadTensorflow('wasm');
  const run = tensorflowLinear(tf, hidden, head, targets);
  return async () => {
    const { value, grads } = run();
    await value.data();
    grad.hidden.set(await grads[0].data());
    grad.head.set(await grads[1].data());
    tf.dispose([value, ...grads]);
  };
}
