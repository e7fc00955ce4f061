/**
 * `npm run bench:tfjs`: value and gradient of losses of tensors, losskit/tfjs beside TensorFlow.js's own on its backends 'wasm' and 'cpu', tensors in and
 * out. Both are verified against each other, then timed in turns in one run. Writes bench/out/tfjs.json. `-- --quick` for development.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { backend } from 'losskit';
import { createTfLosses } from 'losskit/tfjs';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 5 : 15;
/** Milliseconds that a round of our calls takes at least. */
const ROUND = quick ? 20 : 60;
const TARGET = 10;

type Backend = 'wasm' | 'cpu';
type Call = (x: tf.Tensor) => tf.Tensor;

const L = createTfLosses(tf);

interface Case {
  readonly name: string;
  readonly shape: readonly [number, number];
  /** Whether it counts for the target. */
  readonly target?: true;
  /** Makes the two calls; tensors of theirs live as long as the case. */
  make(shape: [number, number]): { theirs: Call; ours: Call };
}

const oneHot = (n: number, classes: number): { indices: tf.Tensor1D; rows: tf.Tensor } => {
  const indices = tf.tensor1d(
    Int32Array.from({ length: n }, (_, i) => (i * 7919) % classes),
    'int32',
  );
  return { indices, rows: tf.tidy(() => tf.oneHot(indices, classes).toFloat()) };
};
const bits = (shape: [number, number]) =>
  tf.tidy(() => tf.randomUniform(shape, 0, 1, 'float32', 5).greater(0.5).toFloat());

const softmax: Pick<Case, 'name' | 'make'> = {
  name: 'softmaxCrossEntropy',
  make([n, classes]) {
    const { rows } = oneHot(n, classes);
    return {
      theirs: (x) => tf.losses.softmaxCrossEntropy(rows, x),
      ours: (x) => L.softmaxCrossEntropy(rows, x),
    };
  },
};
const soft: Pick<Case, 'name' | 'make'> = {
  name: 'the same, soft labels',
  make(shape) {
    const labels = tf.tidy(() => tf.softmax(tf.randomNormal(shape, 0, 2, 'float32', 4)));
    return {
      theirs: (x) => tf.losses.softmaxCrossEntropy(labels, x),
      ours: (x) => L.softmaxCrossEntropy(labels, x),
    };
  },
};
const indices: Pick<Case, 'name' | 'make'> = {
  name: 'crossEntropy of int32',
  make([n, classes]) {
    const { indices, rows } = oneHot(n, classes);
    return { theirs: (x) => tf.losses.softmaxCrossEntropy(rows, x), ours: (x) => L.crossEntropy(x, indices) };
  },
};
const cases: readonly Case[] = [
  { ...softmax, shape: [256, 1000], target: true },
  { ...softmax, shape: [128, 32000], target: true },
  { ...soft, shape: [256, 1000] },
  { ...soft, shape: [128, 32000] },
  { ...indices, shape: [256, 1000] },
  { ...indices, shape: [128, 32000] },
  ...(['sigmoidCrossEntropy', 'meanSquaredError', 'hingeLoss'] as const).map((name): Case => ({
    name,
    shape: [100, 1000],
    make(shape) {
      const labels = bits(shape);
      return { theirs: (x) => tf.losses[name](labels, x), ours: (x) => L[name](labels, x) };
    },
  })),
];

interface Timing {
  readonly name: string;
  readonly shape: readonly number[];
  readonly backend: Backend;
  /** Milliseconds, medians over the rounds; null: not run. */
  readonly tfjs: number;
  readonly losskit: number;
  readonly ratio: number;
  readonly target: number | null;
}

/** One call and its gradient, read as far as its value; the tensors disposed. */
function step(call: Call, x: tf.Tensor): () => void {
  const both = tf.valueAndGrads((input: tf.Tensor) => call(input));
  return () => {
    const { value, grads } = both([x]);
    value.dataSync();
    tf.dispose([value, ...grads]);
  };
}

/** Throws where value or gradient of both are not near. */
function verify({ theirs, ours }: { theirs: Call; ours: Call }, x: tf.Tensor, name: string): void {
  tf.tidy(() => {
    const [a, b] = [theirs, ours].map((call) => tf.valueAndGrads((input: tf.Tensor) => call(input))([x]));
    const pairs: [tf.Tensor, tf.Tensor][] = [
      [a.value, b.value],
      [a.grads[0], b.grads[0]],
    ];
    for (const [theirs, ours] of pairs) {
      const scale = theirs.abs().max().dataSync()[0];
      const far = theirs.sub(ours).abs().max().dataSync()[0];
      if (!(far <= 1e-4 * scale)) throw new Error(`${name}: apart by ${far} of ${scale}`);
    }
  });
}

function milliseconds(run: () => void, count: number): number {
  const begin = performance.now();
  for (let i = 0; i < count; i++) run();
  return (performance.now() - begin) / count;
}

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1];

function time(each: Case, backend: Backend): Timing {
  const { name, shape } = each;
  tf.engine().startScope();
  try {
    const x = tf.randomNormal([...shape], 0, 2, 'float32', 3);
    const calls = each.make([...shape]);
    verify(calls, x, name);
    const [theirs, ours] = [step(calls.theirs, x), step(calls.ours, x)];
    milliseconds(ours, 3);
    milliseconds(theirs, 1);
    const counts = [theirs, ours].map((run) =>
      Math.max(1, Math.min(500, Math.ceil(ROUND / milliseconds(run, 1)))),
    );
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      times[0].push(milliseconds(theirs, counts[0]));
      times[1].push(milliseconds(ours, counts[1]));
    }
    const [tfjs, losskit] = times.map(median);
    const target = each.target && backend === 'wasm' ? TARGET : null;
    return { name, shape, backend, tfjs, losskit, ratio: tfjs / losskit, target };
  } finally {
    tf.engine().endScope();
  }
}

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
const machine = cpus()[0].model;
console.log(`TensorFlow.js ${tf.version.tfjs}, losskit ${backend()}; ${machine}, Node ${process.version}`);
console.log('milliseconds a call, value and gradient, medians\n');
console.log(
  `${'loss'.padEnd(24)}${'shape'.padEnd(14)}${'backend'.padEnd(9)}${'tfjs'.padStart(9)}${'losskit'.padStart(10)}${'ratio'.padStart(8)}`,
);
const timings: Timing[] = [];
for (const name of ['wasm', 'cpu'] as const) {
  await tf.setBackend(name);
  await tf.ready();
  for (const each of cases) {
    // Half a minute a round, on the plain backend.
    if (name === 'cpu' && quick && each.shape[1] === 32000) continue;
    const timing = time(each, name);
    timings.push(timing);
    const { tfjs, losskit, ratio, target } = timing;
    const mark = target === null ? '' : ratio >= target ? `  >= ${target}` : `  MISSED ${target}`;
    console.log(
      `${each.name.padEnd(24)}${`[${each.shape.join(', ')}]`.padEnd(14)}${name.padEnd(9)}${tfjs.toFixed(3).padStart(9)}${losskit.toFixed(3).padStart(10)}${`${ratio.toFixed(1)} x`.padStart(8)}${mark}`,
    );
  }
}
mkdirSync('bench/out', { recursive: true });
const date = new Date().toISOString().slice(0, 10);
const about = { machine, node: process.version, tfjs: tf.version.tfjs, backend: backend(), date, quick };
writeFileSync('bench/out/tfjs.json', `${JSON.stringify({ ...about, timings }, null, 2)}\n`);
