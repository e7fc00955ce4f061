// The model in ONNX Runtime Web, as a browser runs it: WebAssembly, one thread.
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 1;

const int64 = (values, dims) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);

/**
 * Gives the function that runs the model on a batch: its result is the tensors that a scorer needs.
 *
 * @param {string} file
 */
export async function openSession(file) {
  const session = await ort.InferenceSession.create(readFileSync(file), { executionProviders: ['wasm'] });
  /** @param {import('./windows.mjs').Batch} batch */
  return async ({ ids, mask, dims }) => {
    const input_ids = int64(ids, dims);
    const { logits } = await session.run({ input_ids });
    return { logits, input_ids, attention_mask: int64(mask, dims) };
  };
}
