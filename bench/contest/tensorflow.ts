/** TensorFlow.js of bench/peers on one of its backends: what bench:linear and bench:peers load. Its losses are in contenders/tensorflow.ts. */
import { dirname } from 'node:path';
import { peerRequire, peerVersion } from './peerPackage.js';

// It is not among the packages of this one, so neither are its types.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Tf = any;
export type Tensor = Tf;

export async function loadTensorflow(backend: 'cpu' | 'wasm'): Promise<{ tf: Tf; version: string }> {
  const version = peerVersion('@tensorflow/tfjs');
  // It greets on the console, where the answers of a contender go.
  const { warn, log } = console;
  console.warn = console.log = () => {};
  const tf = peerRequire('@tensorflow/tfjs') as Tf;
  const wasm = peerRequire('@tensorflow/tfjs-backend-wasm') as Tf;
  wasm.setWasmPaths(`${dirname(peerRequire.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend(backend);
  await tf.ready();
  tf.zeros([1]).dispose(); // the greeting comes with the first tensor
  Object.assign(console, { warn, log });
  return { tf, version };
}

/** Value and gradients of linear cross-entropy, to run again and again; the logits and a one-hot of the targets are whole. */
export function tensorflowLinear(
  tf: Tf,
  hidden: Float32Array,
  head: Float32Array,
  targets: Int32Array,
): () => { value: Tensor; grads: Tensor[] } {
  const n = targets.length;
  const h = hidden.length / n;
  const v = head.length / h;
  const inputs = [tf.tensor2d(hidden, [n, h]), tf.tensor2d(head, [v, h])];
  const y = oneHot(tf, targets, v);
  const loss = tf.valueAndGrads((a: Tensor, b: Tensor) =>
    tf.losses.softmaxCrossEntropy(y, tf.matMul(a, b, false, true)),
  );
  return () => loss(inputs);
}

export const oneHot = (tf: Tf, targets: Int32Array, classes: number): Tensor =>
  tf.cast(tf.oneHot(tf.tensor1d(targets, 'int32'), classes), 'float32');
