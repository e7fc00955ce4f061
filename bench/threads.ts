/**
 * `npm run bench:threads`: losskit/parallel on two threads beside one. Value and gradient in shared and in ordinary arrays, as a promise and
 * blocking, each verified bit for bit and timed in turns; and how long a task takes from the caller to a thread that is busy. Writes
 * bench/out/threads.json. A missed target is marked only: it may be the machine.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import {
  backend,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  hingeLoss,
  linearCrossEntropy,
  mseLoss,
  sigmoidFocalLoss,
} from 'losskit';
import { createPool, type Pool } from 'losskit/parallel';
import { Random } from './data.js';
import { dispatchTime } from './threadsDispatch.js';

const ROUNDS = 11;
const SHARED = 1.8;
const ORDINARY = 1.2;
const DISPATCH = 5;

type Memory = (n: number) => Float32Array;
const shared: Memory = (n) => new Float32Array(new SharedArrayBuffer(4 * n));
const ordinary: Memory = (n) => new Float32Array(n);

interface Graded {
  value: unknown;
  grad: unknown;
}

interface Call {
  one(): Graded;
  two(pool: Pool): Promise<Graded>;
  /** null: it does not block. */
  blocking(pool: Pool): Graded;
}

interface Case {
  readonly name: string;
  /** Whether the targets are for it. */
  readonly judged: boolean;
  make(memory: Memory): Call;
}

const into = (memory: Memory, values: Float32Array) => {
  const array = memory(values.length);
  array.set(values);
  return array;
};

function ce(rows: number, classes: number, judged: boolean): Case {
  return {
    name: `crossEntropy [${rows},${classes}]`,
    judged,
    make(memory) {
      const random = new Random(1);
      const x = into(memory, random.normals(rows * classes, 3));
      const y = random.classes(rows, classes);
      const options = { grad: memory(rows * classes) };
      return {
        one: () => crossEntropy.valueAndGrad(x, y, options),
        two: (pool) => pool.valueAndGrad(crossEntropy, x, y, options),
        blocking: (pool) => pool.valueAndGradSync(crossEntropy, x, y, options),
      };
    },
  };
}

function pointwise(
  name: string,
  loss: typeof mseLoss,
  n: number,
  targets: (random: Random) => Float32Array,
): Case {
  return {
    name: `${name} ${n.toExponential().replace('e+', 'e')}`,
    judged: n >= 1e7,
    make(memory) {
      const random = new Random(2);
      const x = into(memory, random.normals(n, 2));
      const t = into(memory, targets(random));
      const options = { grad: memory(n) };
      return {
        one: () => loss.valueAndGrad(x, t, options),
        two: (pool) => pool.valueAndGrad(loss, x, t, options),
        blocking: (pool) => pool.valueAndGradSync(loss, x, t, options),
      };
    },
  };
}

function linear(rows: number, width: number, classes: number): Case {
  return {
    name: `linearCrossEntropy [${rows},${width}] x [${classes},${width}]`,
    judged: false,
    make(memory) {
      const random = new Random(3);
      const hidden = into(memory, random.normals(rows * width));
      const head = into(memory, random.normals(classes * width, 0.05));
      const y = random.classes(rows, classes);
      const options = { grad: { hidden: memory(rows * width), head: memory(classes * width) } };
      return {
        one: () => linearCrossEntropy.valueAndGrad(hidden, head, y, options),
        two: (pool) => pool.valueAndGrad(linearCrossEntropy, hidden, head, y, options),
        blocking: (pool) => pool.valueAndGradSync(linearCrossEntropy, hidden, head, y, options),
      };
    },
  };
}

const binary = (n: number) => (random: Random) => random.labels(n, 0, 1);
const cases: Case[] = [
  ce(128, 32000, true),
  ce(16, 151936, false),
  ce(256, 1000, false),
  ce(100_000, 10, false),
  pointwise('binaryCrossEntropyWithLogits', binaryCrossEntropyWithLogits, 1e7, binary(1e7)),
  pointwise('sigmoidFocalLoss', sigmoidFocalLoss, 1e7, binary(1e7)),
  pointwise('mseLoss', mseLoss, 1e7, (random) => random.normals(1e7)),
  pointwise('hingeLoss', hingeLoss as typeof mseLoss, 1e7, (random) => random.labels(1e7, -1, 1)),
  pointwise('binaryCrossEntropyWithLogits', binaryCrossEntropyWithLogits, 1e6, binary(1e6)),
  pointwise('binaryCrossEntropyWithLogits', binaryCrossEntropyWithLogits, 1e5, binary(1e5)),
  linear(1024, 256, 8000),
];

/** What a call has left, as one list of arrays. */
const arraysOf = ({ grad }: Graded): Float32Array[] =>
  (ArrayBuffer.isView(grad) ? [grad] : Object.values(grad as object)) as Float32Array[];

function verify(got: Graded, value: unknown, grads: readonly Float32Array[], where: string): void {
  if (got.value !== value) throw new Error(`${where}: value is ${got.value}, expected ${value}`);
  arraysOf(got).forEach((grad, k) => {
    const at = grad.findIndex((g, i) => !Object.is(g, grads[k][i]));
    if (at >= 0) throw new Error(`${where}: grad ${k}[${at}] is ${grad[at]}, expected ${grads[k][at]}`);
  });
}

async function measure(each: Case, pool: Pool) {
  const calls = [each.make(ordinary), each.make(shared)];
  const { value, grad } = calls[0].one();
  const grads = arraysOf({ value, grad }).map((array) => array.slice());
  const sides: [string, () => Graded | Promise<Graded>][] = [
    ['one', () => calls[0].one()],
    ['oneShared', () => calls[1].one()],
    ['shared', () => calls[1].two(pool)],
    ['sharedBlocking', () => calls[1].blocking(pool)],
    ['ordinary', () => calls[0].two(pool)],
    ['ordinaryBlocking', () => calls[0].blocking(pool)],
  ];
  const best: Record<string, number> = {};
  for (const [name, run] of sides) {
    verify(await run(), value, grads, `${each.name}, ${name}`);
    best[name] = Infinity;
  }
  // As many calls as take 10 ms: the clock and the threads' waking are not measured alone.
  const start = performance.now();
  calls[0].one();
  const count = Math.min(50, Math.max(1, Math.ceil(10 / (performance.now() - start))));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, run] of sides) {
      const from = performance.now();
      for (let i = 0; i < count; i++) await run();
      best[name] = Math.min(best[name], (performance.now() - from) / count);
    }
  return best;
}

/** Many short calls, as training makes them: what hands jobs out is compiled by then, as the loss itself is after its first. */
async function warm(pool: Pool): Promise<void> {
  for (const memory of [shared, ordinary]) {
    const [x, t, grad] = [memory(2e5), memory(2e5), memory(2e5)];
    const rows = Int32Array.from({ length: 200 }, (_, i) => i);
    for (let i = 0; i < 300; i++) {
      await pool.valueAndGrad(binaryCrossEntropyWithLogits, x, t, { grad });
      pool.valueAndGradSync(binaryCrossEntropyWithLogits, x, t, { grad });
      await pool.valueAndGrad(crossEntropy, x, rows, { grad });
      pool.valueAndGradSync(crossEntropy, x, rows, { grad });
    }
  }
}

async function main(): Promise<void> {
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, backend ${backend()}`);
  console.log('Times as fast as one thread on ordinary arrays; in brackets as one on shared arrays.');
  const pool = await createPool({ threads: 2 });
  await warm(pool);
  const rows = [];
  for (const each of cases) {
    const best = await measure(each, pool);
    const by = (name: string) => best.one / best[name];
    const met = each.judged ? [by('shared') >= SHARED, by('ordinary') >= ORDINARY] : null;
    rows.push({ name: each.name, milliseconds: best, met });
    const mark = (k: number) => (met ? (met[k] ? ' ✓' : ' ✗') : '  ');
    console.log(
      `${each.name.padEnd(46)} ${best.one.toFixed(2).padStart(8)} ms  shared ${by('shared').toFixed(2)}${mark(0)} ` +
        `(${(best.oneShared / best.shared).toFixed(2)}), blocking ${by('sharedBlocking').toFixed(2)}  ` +
        `ordinary ${by('ordinary').toFixed(2)}${mark(1)}, blocking ${by('ordinaryBlocking').toFixed(2)}`,
    );
  }
  await pool.close();
  const dispatch = await dispatchTime();
  console.log(
    `a task from the caller to a busy thread: ${dispatch.toFixed(2)} µs ${dispatch < DISPATCH ? '✓' : '✗'}`,
  );
  mkdirSync(new URL('out/', import.meta.url), { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(
    new URL('out/threads.json', import.meta.url),
    `${JSON.stringify({ date, machine, backend: backend(), dispatch, rows }, null, 2)}\n`,
  );
}

await main();
