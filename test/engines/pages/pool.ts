/** A pool in the page: its results beside one thread's, in shared memory where there is any. */
import { backend, binaryCrossEntropyWithLogits, crossEntropy, linearCrossEntropy, mseLoss } from 'losskit';
import { createPool } from 'losskit/parallel';
import { tell } from './report.js';

export interface PoolReport {
  /** Whether the page has SharedArrayBuffer at all. */
  memory: boolean;
  shared: boolean;
  reason: string | null;
  backend: string;
  same: boolean[];
  blocking: string;
  closed: unknown;
  thrown?: string;
}

const memory = typeof SharedArrayBuffer !== 'undefined';
const array = (n: number) =>
  new Float32Array(
    memory ? new SharedArrayBuffer(4 * n) : new ArrayBuffer(4 * n),
  ) as Float32Array<ArrayBuffer>;
const equal = (a: Float32Array, b: Float32Array) => a.every((x, i) => Object.is(x, b[i]));

await tell<PoolReport>(async (report) => {
  const pool = await createPool({ threads: 2 });
  const same: boolean[] = [];
  Object.assign(report, {
    memory,
    shared: pool.shared,
    reason: pool.reason ?? null,
    backend: backend(),
    same,
  });
  const n = 1_200_000;
  const x = array(n);
  const ordinary = new Float32Array(n);
  const ones = array(n);
  const targets = new Int32Array(1200);
  for (let i = 0; i < x.length; i++) ordinary[i] = x[i] = Math.sin(i);
  for (const logits of [x, ordinary]) {
    const grad = () => ({ grad: logits === x ? array(n) : new Float32Array(n) });
    const rows = await pool.valueAndGrad(crossEntropy, logits, targets, grad());
    const wantRows = crossEntropy.valueAndGrad(logits, targets);
    same.push(rows.value === wantRows.value && equal(rows.grad, wantRows.grad));
    const binary = await pool.valueAndGrad(binaryCrossEntropyWithLogits, logits, ones, grad());
    const wantBinary = binaryCrossEntropyWithLogits.valueAndGrad(logits, ones);
    same.push(binary.value === wantBinary.value && equal(binary.grad, wantBinary.grad));
  }
  const hidden = new Float32Array(600 * 8).fill(0.5);
  const head = new Float32Array(200 * 8).fill(0.1);
  const ids = new Int32Array(600);
  const linear = await pool.value(linearCrossEntropy, hidden, head, ids);
  same.push(linear === linearCrossEntropy(hidden, head, ids));
  try {
    pool.valueSync(mseLoss, x, x);
    report.blocking = 'ran';
  } catch (error) {
    report.blocking = (error as Error).message;
  }
  await pool.close();
  report.closed = await pool.value(mseLoss, x, x).catch((error: Error) => error.message);
});
