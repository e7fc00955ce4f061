/** The same value and gradients with TensorFlow.js on WebAssembly: matMul, softmax cross-entropy, and its own gradients. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const folder = new URL('peers/', import.meta.url);

/** The call, or null where bench/peers has not been installed. */
export async function tensorflow(
  hidden: Float32Array,
  head: Float32Array,
  targets: Int32Array,
  grad: { hidden: Float32Array; head: Float32Array },
): Promise<(() => Promise<void>) | null> {
  if (!existsSync(new URL('node_modules/@tensorflow/tfjs-backend-wasm', folder))) return null;
  const require = createRequire(new URL('package.json', folder));
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  const n = targets.length;
  const h = hidden.length / n;
  const v = head.length / h;
  const [x, w] = [tf.tensor2d(hidden, [n, h]), tf.tensor2d(head, [v, h])];
  const y = tf.cast(tf.oneHot(tf.tensor1d(targets, 'int32'), v), 'float32');
  const loss = tf.valueAndGrads((a: unknown, b: unknown) =>
    tf.losses.softmaxCrossEntropy(y, tf.matMul(a, b, false, true)),
  );
  return async () => {
    const { value, grads } = loss([x, w]);
    await value.data();
    grad.hidden.set(await grads[0].data());
    grad.head.set(await grads[1].data());
    tf.dispose([value, ...grads]);
  };
}
