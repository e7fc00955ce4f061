/** A pool as part of a process: what keeps it alive, what happens when threads end, and where there is no shared memory or no WebAssembly. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createPool } from '../src/parallel/index.js';
import { crossEntropy, mseLoss } from '../src/index.js';
import { requireDist, run } from './support/child.js';
import { workerUrl } from './support/pool.js';

const setup = `
  const { binaryCrossEntropyWithLogits: loss, mseLoss, linearCrossEntropy, backend } = await import(losskit);
  const { createPool } = await import(new URL('./parallel/index.js', losskit));
  const n = 1_200_000;
  const x = Float32Array.from({ length: n }, (_, i) => Math.sin(i));
  const t = new Float32Array(n);
`;

/** What the script prints, as JSON. */
const printed = (flags: string[], script: string): unknown => {
  const { stdout, stderr } = run(flags, setup + script);
  expect(stderr.replace(/^Warning: disabling flag --expose_wasm.*\n/, '')).toBe('');
  return JSON.parse(stdout);
};

test('an idle pool does not keep a process alive, a call does', () => {
  expect(
    printed(
      [],
      `const pool = await createPool({ threads: 2 });
       pool.value(loss, x, t).then((value) => console.log(JSON.stringify(value === loss(x, t))));`,
    ),
  ).toBe(true);
});

test('threads that are killed: the call says so, the next one is right', () => {
  const got = printed(
    [],
    `const threads = process.getBuiltinModule('node:worker_threads');
     const workers = [];
     threads.Worker = class extends threads.Worker { constructor(...args) { super(...args); workers.push(this); } };
     const pool = await createPool({ threads: 2 });
     void workers[0].terminate();
     const said = await pool.value(loss, x, t).catch((error) => error.message);
     const then = await pool.value(loss, x, t);
     const now = pool.valueSync(loss, x, t);
     await pool.close();
     console.log(JSON.stringify([said, then === loss(x, t), now === then, workers.length]));`,
  );
  expect(got).toEqual([
    'pool: thread 0 ended during the call: it was terminated (exit code 1)',
    true,
    true,
    3,
  ]);
});

test('a blocking call that overtakes a promise does not keep the process alive', () => {
  expect(
    printed(
      [],
      `const pool = await createPool({ threads: 2 });
       const waiting = pool.value(loss, x, t);
       const value = pool.valueSync(loss, x, t);
       console.log(JSON.stringify((await waiting) === value));`,
    ),
  ).toBe(true);
});

test('new shared arrays in every call do not pile up', () => {
  const megabytes = printed(
    ['--expose-gc'],
    `const pool = await createPool({ threads: 2 });
     const shared = () => new Float32Array(new SharedArrayBuffer(4 << 20));
     for (let i = 0; i < 600; i++) {
       await pool.value(mseLoss, shared(), shared());
       if (i % 50 === 0) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
     }
     console.log(JSON.stringify(process.memoryUsage().rss / 2 ** 20));
     await pool.close();`,
  );
  // 4.8 GB have been through it.
  expect(megabytes).toBeLessThan(1500);
});

test('10,000 mixed calls while threads are killed', { timeout: 240_000 }, () => {
  requireDist();
  const script = fileURLToPath(new URL('./support/soak.mjs', import.meta.url));
  const child = spawnSync(process.execPath, ['--expose-gc', script, '10000'], {
    encoding: 'utf8',
    timeout: 230_000,
  });
  expect(child.stderr).toBe('');
  const { right, rejected, wrong, kills, reasons, before, after } = JSON.parse(child.stdout);
  expect(wrong).toBe(0);
  expect(right + rejected).toBe(10_000);
  expect(kills).toBeGreaterThan(5);
  expect(rejected).toBeLessThanOrEqual(6 * kills);
  for (const reason of reasons) expect(reason).toMatch(/^pool: thread n ended during the call/);
  expect(after).toBeLessThan(before + 64);
});

test('without SharedArrayBuffer it works by messages, and says so', () => {
  const got = printed(
    [],
    `process.getBuiltinModule('node:worker_threads'); // Node's own, which needs it
       delete globalThis.SharedArrayBuffer;
     const pool = await createPool({ threads: 2 });
     const value = await pool.valueAndGrad(loss, x, t);
     const want = loss.valueAndGrad(x, t);
     let blocking = '';
     try { pool.valueSync(loss, x, t); } catch (error) { blocking = error.message; }
     const h = Float32Array.from({ length: 600 * 4 }, (_, i) => Math.sin(i)), y = new Int32Array(600);
     const linear = await pool.value(linearCrossEntropy, h, h, y);
     console.log(JSON.stringify([pool.shared, pool.reason, value.value === want.value,
       value.grad.every((g, i) => Object.is(g, want.grad[i])), blocking, linear === linearCrossEntropy(h, h, y)]));`,
  ) as unknown[];
  expect(got[0]).toBe(false);
  expect(got[1]).toMatch(/SharedArrayBuffer is missing.*Cross-Origin-Opener-Policy/);
  expect(got.slice(2, 4)).toEqual([true, true]);
  expect(got[4]).toMatch(/valueSync: there is no shared memory/);
  expect(got[5]).toBe(true);
});

test('without WebAssembly the threads run the TypeScript loops', () => {
  expect(
    printed(
      ['--jitless'],
      `const pool = await createPool({ threads: 2 });
       const same = (await pool.value(loss, x, t)) === loss(x, t);
       console.log(JSON.stringify([backend(), same]));`,
    ),
  ).toEqual(['js', true]);
});

test.each(['shared memory', 'messages'])(
  'threads that may not compile run what the caller has compiled: %s',
  (way) => {
    expect(
      printed(
        [],
        `process.getBuiltinModule('node:worker_threads');
         if (${way === 'messages'}) delete globalThis.SharedArrayBuffer;
         const workerUrl = new URL('data:text/javascript,' + encodeURIComponent(
           'WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError("disallowed"); } };' +
             'await import("' + new URL('./parallel/worker.js', losskit) + '")',
         ));
         const pool = await createPool({ threads: 2, workerUrl });
         const found = [pool.shared];
         // The second one's kernels, and another build's, are compiled long after the threads have started.
         const { crossEntropy, ctcLoss, useBackend } = await import(losskit);
         const long = Float64Array.from(x), none = new Float64Array(n);
         const h = Float32Array.from({ length: 600 * 4 }, (_, i) => Math.sin(i)), y = new Int32Array(600);
         const frames = [x, new Int32Array(16).fill(1), new Int32Array(16).fill(750), new Int32Array(16).fill(1), { shape: [750, 16, 100] }];
         for (const args of [[loss, x, t], [loss, long, none], [crossEntropy, x, new Int32Array(12000), { classes: 100 }],
           [ctcLoss, ...frames], [linearCrossEntropy, h, h, y]])
           found.push((await pool.value(...args)) === args[0](...args.slice(1)));
         useBackend('wasm');
         found.push((await pool.value(loss, x, t)) === loss(x, t));
         await pool.close();
         console.log(JSON.stringify(found));`,
      ),
    ).toEqual([way !== 'messages', true, true, true, true, true, true]);
  },
);

test('calls run in their order, and closing rejects those that wait', async () => {
  requireDist();
  const pool = await createPool({ threads: 2, workerUrl });
  expect([pool.threads, pool.shared, pool.reason]).toEqual([2, true, undefined]);
  const x = new Float32Array(600_000).fill(1);
  const order: number[] = [];
  const calls = [0, 1, 2].map((i) => pool.value(mseLoss, x, x).then(() => order.push(i)));
  // A blocking call comes after those that wait.
  expect(pool.valueSync(mseLoss, x, x)).toBe(0);
  await Promise.all(calls);
  expect(order).toEqual([0, 1, 2]);
  // Shared: this thread takes no part in it.
  const shared = new Float32Array(new SharedArrayBuffer(2_400_000));
  const waiting = pool.value(mseLoss, shared, shared);
  const closed = pool.close();
  await expect(waiting).rejects.toThrow(/closed during the call/);
  await closed;
  await expect(pool.value(mseLoss, x, x)).rejects.toThrow(/the pool is closed/);
  await pool.close();
});

test('bad arguments', async () => {
  requireDist();
  await expect(createPool({ threads: 0 })).rejects.toThrow(RangeError);
  await expect(createPool({ threads: 1.5 })).rejects.toThrow(/integer in \[1, 64\]/);
  await expect(createPool({ threads: '2' as never })).rejects.toThrow(TypeError);
  await expect(createPool({ thread: 2 } as never)).rejects.toThrow(/unknown option 'thread'/);
  await expect(createPool({ threads: 1, workerUrl: new URL('file:///none.js') })).rejects.toThrow(
    /a thread cannot be started/,
  );
  const pool = await createPool({ threads: 1, workerUrl });
  await expect(pool.value((() => 0) as never, new Float32Array(1))).rejects.toThrow(
    /expected a loss of losskit/,
  );
  const copy = Object.assign(() => 0, { lossName: 'mseLoss' });
  await expect(pool.value(copy as never, new Float32Array(1))).rejects.toThrow(
    /loss is mseLoss of another copy of losskit, expected a loss of losskit/,
  );
  await expect(pool.value(crossEntropy, new Float32Array(4), [5])).rejects.toThrow(
    /crossEntropy: targets\[0\] is 5/,
  );
  expect(() => pool.valueSync(crossEntropy, new Float32Array(4), [5])).toThrow(RangeError);
  // One thread is this one and none beside.
  const x = new Float32Array(600_000).fill(2);
  expect(pool.valueSync(mseLoss, x, new Float32Array(600_000))).toBe(4);
  await pool.close();
});
