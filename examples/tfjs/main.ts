/**
 * `npm run example:tfjs`: a model of TensorFlow.js layers told which SMS are spam, one in eight. Trained from the same start with tf.losses, with the same
 * loss of losskit, and with two losses that tfjs lacks: class weights and focal loss. On the backend 'wasm', in ten seconds.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { classWeights } from 'losskit';
import { createTfLosses } from 'losskit/tfjs';
import { loadSpam } from '../data/spam.js';
import { stratifiedSplit } from '../data/split.js';
import { bagOfWords } from '../lib/features.js';
import { binaryMetrics } from '../lib/metrics.js';
import { mulberry32, shuffle } from '../lib/random.js';
import { printTable } from '../report/table.js';

const WIDTH = 1024;
const EPOCHS = process.argv.includes('--quick') ? 2 : 5;

type Loss = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Scalar;

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend('wasm');
await tf.ready();
const L = createTfLosses(tf);

const { messages } = loadSpam();
const labels = Int32Array.from(messages, ({ spam }) => Number(spam));
const { train, heldOut } = stratifiedSplit(
  labels,
  labels.map((_, i) => i),
  1,
);

/** Rows of the bag of words, and labels as layers want them: in the shape of the model's output. */
function batch(rows: Int32Array): { x: tf.Tensor2D; y: tf.Tensor2D } {
  const x = new Float32Array(rows.length * WIDTH);
  rows.forEach((row, i) => {
    for (const [feature, value] of bagOfWords(messages[row].words, WIDTH)) x[i * WIDTH + feature] = value;
  });
  const y = tf.tidy(
    () =>
      tf
        .oneHot(
          tf.tensor1d(
            rows.map((row) => labels[row]),
            'int32',
          ),
          2,
        )
        .toFloat() as tf.Tensor2D,
  );
  return { x: tf.tensor2d(x, [rows.length, WIDTH]), y };
}

function makeModel(): tf.Sequential {
  const kernel = (seed: number) => ({ kernelInitializer: tf.initializers.glorotNormal({ seed }) });
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 16, activation: 'relu', inputShape: [WIDTH], ...kernel(1) }),
      tf.layers.dense({ units: 2, ...kernel(2) }),
    ],
  });
}

const weight = classWeights(
  train.map((row) => labels[row]),
  { classes: 2 },
);
const losses: Record<string, Loss> = {
  'tf.losses.softmaxCrossEntropy': (yTrue, yPred) => tf.losses.softmaxCrossEntropy(yTrue, yPred),
  'L.softmaxCrossEntropy': (yTrue, yPred) => L.softmaxCrossEntropy(yTrue, yPred),
  'L.crossEntropy, weight': (yTrue, yPred) =>
    L.crossEntropy(yPred, yTrue.argMax(-1), { weight }) as tf.Scalar,
  'L.softmaxFocalLoss, weight': (yTrue, yPred) =>
    L.softmaxFocalLoss(yPred, yTrue.argMax(-1), { gamma: 2, weight }) as tf.Scalar,
};

// Shuffled once, so that all train on the same batches.
const trained = batch(shuffle(train, mulberry32(1)));
const tested = batch(heldOut);
const spam = Array.from(heldOut, (row) => labels[row] === 1);
console.log(
  `${train.length} messages to train on, ${heldOut.length} held out, ${spam.filter(Boolean).length} of them spam; ${EPOCHS} epochs`,
);

const rows: string[][] = [];
for (const [name, loss] of Object.entries(losses)) {
  const model = makeModel();
  const optimizer = tf.train.adam(0.01);
  model.compile({ optimizer, loss });
  const begin = performance.now();
  const { history } = await model.fit(trained.x, trained.y, {
    epochs: EPOCHS,
    batchSize: 64,
    shuffle: false,
    verbose: 0,
  });
  const seconds = (performance.now() - begin) / 1000;
  const scores = tf.tidy(() => {
    const [ham, spams] = tf.unstack(model.predict(tested.x) as tf.Tensor, 1);
    return spams.sub(ham).dataSync() as Float32Array;
  });
  const m = binaryMetrics(scores, spam);
  const figures = [m.accuracy, m.spamRecall, m.precision, m.f1, m.averagePrecision].map((x) => x.toFixed(1));
  const last = (history.loss as number[])[EPOCHS - 1];
  rows.push([name, last.toFixed(4), ...figures, seconds.toFixed(1)]);
  model.dispose();
  optimizer.dispose();
}
printTable(['loss', 'last', 'accuracy', 'spam recall', 'precision', 'F1', 'avg prec', 'seconds'], rows);
console.log(
  '\n  The first two are one loss: what differs is rounding. Weights find more of the spam and raise more false alarms.',
);
tf.dispose([trained, tested]);
console.log(`  Tensors left: ${tf.memory().numTensors}`);
