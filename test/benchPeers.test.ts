/** bench:peers: its contenders in Node and C give the truth, a wrong or dead one is shown and not timed, and its report says what was found. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { judge } from '../bench/contest/judge.js';
import { Player } from '../bench/contest/player.js';
import { writeReport } from '../bench/contest/report.js';
import { type Outcome, type Results, timed } from '../bench/contest/results.js';
import { requireDist } from './support/child.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const hasClang = spawnSync('clang', ['--version'], { stdio: 'ignore' }).status === 0;

test('whoever can run gives the truth at odd shapes, and is timed', () => {
  requireDist();
  const names = ['losskit', 'arena', 'loops', ...(hasClang ? ['sse41', 'native'] : [])];
  const only = names.flatMap((name) => ['--only', name]);
  const args = ['--import', 'tsx', 'bench/contest/run.ts', '--quick', ...only];
  // Rows of 10 classes, and a case of the sweep.
  const cases = ['[32,10]', 'mseLoss 1000'].flatMap((word) => ['--case', word]);
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...cases], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/ 0 wrong or failed/);
  expect(status).toBe(0);
  const file = new URL('../bench/out/peers/peers.json', import.meta.url);
  const found = JSON.parse(readFileSync(file, 'utf8')) as Results;
  expect(found.cases.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['crossEntropy [32,10]', 'crossEntropy value [32,10]', 'mseLoss 1000']),
  );
  for (const { name, sweep, outcomes } of found.cases) {
    const there = Object.entries(outcomes).filter(([, outcome]) => timed(outcome));
    expect(there.length, name).toBe(sweep ? 3 : names.length);
  }
});

test('the end of a contender is its answer, and its last words are the reason', async () => {
  const script =
    "console.log('ready\\tit'); process.stdin.once('data', () => { throw new Error('out of it') })";
  const player = new Player({ file: process.execPath, args: ['-e', script] });
  expect(await player.answer()).toEqual(['ready', 'it']);
  const [word, why] = await player.ask('check');
  expect(word).toBe('failed');
  expect(why).toMatch(/^the process ended with 1/);
  expect(await player.ask('check')).toEqual([word, why]);
  await player.close();
  const absent = new Player({ file: '/nowhere/at/all', args: [] });
  expect((await absent.answer())[1]).toMatch(/ENOENT/);
});

test('the judge lets rounding through and nothing else', () => {
  const truth = { value: 2, parts: [{ output: 0, at: 1, values: Float64Array.of(1, 0) }] };
  expect(judge(truth, 2, [Float32Array.of(9, 1, 0)])).toEqual({ value: 0, grad: 0 });
  expect(judge(truth, 2.0001, [Float32Array.of(9, 1.00005, 5e-7)])).toMatchObject({});
  expect(judge(truth, 2.001, [Float32Array.of(9, 1, 0)])).toMatch(/^value is 2.001/);
  expect(judge(truth, NaN, [Float32Array.of(9, 1, 0)])).toMatch(/^value is NaN/);
  expect(judge(truth, 2, [Float32Array.of(9, 1, 1e-5)])).toMatch(/^gradient 0, element 2/);
  expect(judge(truth, 2, [Float32Array.of(9, NaN, 0)])).toMatch(/^gradient 0, element 1: NaN/);
  expect(judge(truth, 2, [new Float32Array(0)])).toMatch(/^gradient 0, element 1: undefined/);
});

test('the report says who was slower, wrong or not there', () => {
  const time = (best: number): Outcome => ({ best, median: best, calls: 1, errors: { value: 0, grad: 0 } });
  const entrant = (name: string, missing: string | null = null) => ({
    name,
    label: name,
    about: missing ? null : 'it',
    missing,
  });
  const results: Results = {
    date: '2000-01-01',
    quick: false,
    machine: { cpu: 'A <b> & c', cores: 1, node: 'v0', arch: 'none' },
    entrants: [
      entrant('losskit'),
      entrant('loops'),
      entrant('tfjs-wasm'),
      entrant('torch'),
      entrant('shared', 'no such thing'),
    ],
    cases: [
      {
        name: 'mseLoss 1e5',
        loss: 'mse',
        grad: true,
        elements: 1e5,
        bytes: 12e5,
        sweep: false,
        outcomes: {
          losskit: time(4e5),
          loops: time(8e5),
          'tfjs-wasm': { wrong: 'value is 1' },
          torch: time(2e5),
        },
      },
    ],
  };
  const folder = mkdtempSync(join(tmpdir(), 'losskit-'));
  try {
    writeFileSync(join(folder, 'peers.md'), '');
    writeReport(results, pathToFileURL(`${folder}/`));
    const text = readFileSync(join(folder, 'peers.md'), 'utf8');
    expect(text).toContain('| mseLoss 1e5 | 4.0 | 8.0 (2.0 ×) | 2.0 (0.50 ×) |');
    expect(text).toContain('in 1 of 1 cases: mseLoss 1e5 (2.0 × PyTorch');
    expect(text).toContain('- mseLoss 1e5, tfjs-wasm: value is 1');
    expect(text).toContain('- shared: not available: no such thing');
    const svg = readFileSync(join(folder, 'speedup-by-loss.svg'), 'utf8');
    expect(svg).toContain('2.00 ×');
    expect(svg).toContain('A &lt;b> &amp; c');
    expect(existsSync(join(folder, 'speedup-by-size.svg'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
