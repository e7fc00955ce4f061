/**
 * Calls of every kind, in all kinds of memory, while threads are killed at random: every call is right or says why not, none hangs, and memory stays
 * as it is. `node test/support/soak.mjs [calls] [seed]`; prints a line of JSON.
 */
import { crossEntropy, hingeLoss, linearCrossEntropy, mseLoss, tripletMarginLoss } from '../../dist/index.js';
import { ThreadPool } from '../../dist/parallel/pool.js';

const KILL = Number(process.env.KILL ?? 0.01);
const calls = Number(process.argv[2] ?? 10000);
let state = Number(process.argv[3] ?? 1) >>> 0;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const pick = (list) => list[Math.floor(random() * list.length)];

// Every worker that there is, to be killed from outside as the operating system might.
const threads = process.getBuiltinModule('node:worker_threads');
const workers = new Set();
threads.Worker = class extends threads.Worker {
  constructor(...args) {
    super(...args);
    workers.add(this);
    this.on('exit', () => workers.delete(this));
  }
};

const shared = (n) => new Float32Array(new SharedArrayBuffer(4 * n));
const ordinary = (n) => new Float32Array(n);

function made(memory) {
  const numbers = (n, of) => {
    const array = memory(n);
    for (let i = 0; i < n; i++) array[i] = of(i);
    return array;
  };
  const normal = () => 4 * random() - 2;
  const index = (n, classes) => Int32Array.from({ length: n }, () => Math.floor(random() * classes));
  const sign = () => (random() < 0.5 ? -1 : 1);
  return [
    [crossEntropy, numbers(70 * 1000, normal), index(70, 1000), {}],
    [crossEntropy, numbers(3000 * 10, normal), index(3000, 10), { reduction: 'none' }],
    [mseLoss, numbers(100_000, normal), numbers(100_000, normal), { weight: [2], shape: [100_000, 1] }],
    [hingeLoss, numbers(50_000, normal), numbers(50_000, sign), {}],
    [
      tripletMarginLoss,
      numbers(64 * 128, normal),
      numbers(64 * 128, normal),
      numbers(64 * 128, normal),
      { dim: 128 },
    ],
    [linearCrossEntropy, numbers(300 * 16, normal), numbers(200 * 16, normal), index(300, 200), {}],
  ].map(([loss, ...args]) => ({ loss, args, want: loss.valueAndGrad(...args) }));
}

const jobs = [...made(shared), ...made(ordinary)];
const pool = new ThreadPool(2, true, undefined, { small: 4096, least: 1024 });
await pool.start();

const equal = (a, b) => (typeof a === 'number' ? Object.is(a, b) : a.every((x, i) => Object.is(x, b[i])));
const right = (got, want) =>
  equal(got.value, want.value) &&
  (ArrayBuffer.isView(want.grad)
    ? equal(got.grad, want.grad)
    : Object.keys(want.grad).every((key) => equal(got.grad[key], want.grad[key])));

const counts = { right: 0, rejected: 0, wrong: 0, kills: 0 };
const reasons = new Set();
const settle = async ({ loss, args, want }) => {
  try {
    const got = await pool.call(loss, args, true);
    counts[right(got, want) ? 'right' : 'wrong']++;
  } catch (error) {
    counts.rejected++;
    reasons.add(error.message.replace(/\d+/g, 'n'));
  }
};

const memory = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};
let before = 0;
for (let done = 0; done < calls;) {
  if (random() < KILL && workers.size === 2) {
    counts.kills++;
    const worker = pick([...workers]);
    if (random() < 0.5) setTimeout(() => worker.terminate(), 2 * random());
    else void worker.terminate();
  }
  const burst = Math.min(calls - done, 1 + Math.floor(6 * random()));
  await Promise.all(Array.from({ length: burst }, () => settle(pick(jobs))));
  done += burst;
  if (before === 0 && done > calls / 3) before = memory();
}
const after = memory();
await pool.close();
console.log(JSON.stringify({ ...counts, reasons: [...reasons], before, after }));
