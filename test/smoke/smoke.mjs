/**
 * The built package under whatever Node runs this, without a test runner: node test/smoke/smoke.mjs, after `npm run build`. Golden values on every
 * backend that runs here, with the modules embedded and with the files handed over; two threads; require. Prints one line, or throws.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as losskit from 'losskit';
import { createPool } from 'losskit/parallel';

const { backend, initSync, useBackend } = losskit;
const require = createRequire(import.meta.url);
const auto = backend();

/** By the id of a golden case: the loss, its inputs in order, its options. Each is large enough for the kernels. */
const calls = {
  'cross_entropy/022': ['crossEntropy', ['input', 'target'], { labelSmoothing: 0.3 }],
  'mse_loss/016': ['mseLoss', ['input', 'target'], {}],
  'binary_cross_entropy_with_logits/016': ['binaryCrossEntropyWithLogits', ['input', 'target'], {}],
  'sigmoid_focal_loss/016': ['sigmoidFocalLoss', ['input', 'target'], {}],
  'triplet_margin_loss/013': ['tripletMarginLoss', ['anchor', 'positive', 'negative'], {}],
  'ctc_loss/002': [
    'ctcLoss',
    ['logits', 'targets', 'input_lengths', 'target_lengths'],
    { blank: 6, fromLogits: true },
  ],
  'fused_linear_cross_entropy/002': ['linearCrossEntropy', ['input', 'weight', 'target'], {}],
};
const { cases } = JSON.parse(readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'));
const kinds = { f32: Float32Array, f64: Float64Array, i32: Int32Array };
function tensor({ dtype, shape, b64 }) {
  return { data: new kinds[dtype](new Uint8Array(Buffer.from(b64, 'base64')).buffer), dims: shape };
}

/** Far above the rounding of either precision, far below any mistake; the acceptance rules proper are in test/golden.test.ts. */
const TOLERANCE = { f32: 2e-5, f64: 1e-11 };
function compare(where, dtype, got, want) {
  assert.equal(got.length, want.length, where);
  const scale = want.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  want.forEach((x, i) =>
    assert.ok(Math.abs(got[i] - x) <= TOLERANCE[dtype] * scale, `${where}[${i}]: ${got[i]}, not ${x}`),
  );
}

const array = (value) => (ArrayBuffer.isView(value) ? value : [value]);
let compared = 0;
function checkGolden() {
  for (const [start, [name, order, options]] of Object.entries(calls)) {
    for (const dtype of ['f32', 'f64']) {
      const id = `${start}/${dtype}`;
      const { inputs, grads, value, params } = cases.find((each) => each.id === id);
      const weight = inputs.weight && !order.includes('weight') ? { weight: tensor(inputs.weight).data } : {};
      const given = { ...options, ...weight, reduction: params.reduction };
      const found = losskit[name].valueAndGrad(...order.map((input) => tensor(inputs[input])), given);
      const where = `${process.version} ${backend()} ${id}`;
      compare(`${where} value`, dtype, array(found.value), [...tensor(value).data]);
      const own = ArrayBuffer.isView(found.grad) ? [found.grad] : Object.values(found.grad);
      Object.values(grads).forEach((grad, i) =>
        compare(`${where} grad ${i}`, dtype, own[i], [...tensor(grad).data]),
      );
      compared++;
    }
  }
}

/** What runs here; WebAssembly itself does in every Node that the package is for. */
const ran = ['wasm-relaxed', 'wasm', 'js'].filter((name) => {
  try {
    useBackend(name);
  } catch (error) {
    assert.equal(name, 'wasm-relaxed', `${name}: ${error.message}`);
    return false;
  }
  checkGolden();
  return true;
});
useBackend('auto');
assert.equal(auto, ran[0]);

const file = (name) => readFileSync(require.resolve(`losskit/${name}.wasm`));
initSync({
  float32: file('float32'),
  float64: new WebAssembly.Module(file('float64')),
  float32Relaxed: file('float32-relaxed'),
  float64Relaxed: file('float64-relaxed'),
});
assert.equal(backend(), auto);
checkGolden();

const logits = new Float32Array(new SharedArrayBuffer(4 * 1_200_000)).fill(0.5);
const targets = new Int32Array(1200).fill(7);
const pool = await createPool({ threads: 2 });
assert.equal(await pool.value(losskit.crossEntropy, logits, targets), losskit.crossEntropy(logits, targets));
await pool.close();

// Not another copy: Node's require gives the very module that import does.
assert.equal(require('losskit').crossEntropy, losskit.crossEntropy);

console.log(
  `Node ${process.version}: ${ran.join(', ')}; ${compared} golden calls, initSync, two threads, require`,
);
