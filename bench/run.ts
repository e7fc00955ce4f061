/**
 * `npm run bench -- [name …] [--quick] [--backend wasm-relaxed|wasm|js] [--date …]`: runs the cases whose name holds one of the words, each in processes
 * of its own (three, or one when quick), takes the best of them for either side, prints the table and writes bench/out/results.json.
 * The exit code is 1 where a case is wrong; a missed target is only marked, since it may be the machine.
 */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { backend, useBackend } from 'losskit';
import type { Case } from './case.js';
import { cases } from './cases.js';
import type { Order, Timing } from './measure.js';
import { relaxedRuns } from './relaxedCases.js';

const { values: flags, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    backend: { type: 'string' },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  },
});

interface Row {
  readonly name: string;
  readonly kind: Case['kind'];
  readonly target: number;
  /** Nanoseconds an element. */
  readonly losskit: number;
  readonly other: number;
  readonly gigabytesPerSecond: number;
  /** faster: times as fast as the loop. cost: times the plain call's time. tiny: the share of the time allowed. */
  readonly ratio: number;
  /** null: no target. */
  readonly met: boolean | null;
  readonly error: string | null;
}

function timings(order: Order): Promise<Timing[]> {
  const file = fileURLToPath(new URL('measure.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const got: Timing[] = [];
    const child = fork(file, [JSON.stringify(order)]);
    child.on('message', (timing) => got.push(timing as Timing));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0 && got.length === order.names.length) resolve(got);
      else reject(new Error(`${order.names[got.length] ?? 'the bench'}: the process ended with ${code}`));
    });
  });
}

/** What a tiny call may take beside its share of the loop's time. */
const tinyAllowance = 500;

function judge(each: Case, runs: Timing[]): Row {
  const subject = Math.min(...runs.map((run) => run.subject));
  const other = Math.min(...runs.map((run) => run.other));
  const error = runs.find((run) => run.error)?.error ?? null;
  let ratio = subject / other;
  if (each.kind === 'faster') ratio = other / subject;
  if (each.kind === 'tiny') ratio = subject / (each.target * other + tinyAllowance);
  const good =
    each.kind === 'faster' ? ratio >= each.target : ratio <= (each.kind === 'tiny' ? 1 : each.target);
  return {
    name: each.name,
    kind: each.kind,
    target: each.target,
    losskit: subject / each.elements,
    other: other / each.elements,
    gigabytesPerSecond: each.bytes / subject,
    ratio,
    met: each.target === 0 ? null : good && !error,
    error,
  };
}

function line(cells: string[]): string {
  const widths = [72, 10, 10, 9, 12, 3, 7];
  return cells.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' ');
}

function shown(row: Row): string {
  if (row.error) return `${row.name}: WRONG: ${row.error}`;
  const digits = (value: number): string => value.toFixed(value < 10 ? 3 : 1);
  const targets = {
    faster: row.target ? `>= ${row.target} x` : '',
    cost: `<= ${row.target} x`,
    tiny: '<= 1',
  };
  const mark = row.met === null ? '' : row.met ? '✓' : '✗';
  const ratio = `${row.ratio.toFixed(2)}${row.kind === 'tiny' ? '' : ' x'}`;
  const bandwidth = row.gigabytesPerSecond.toFixed(1);
  return line([row.name, digits(row.losskit), digits(row.other), ratio, targets[row.kind], mark, bandwidth]);
}

async function main(): Promise<void> {
  const chosen = cases.filter((each) => !words.length || words.some((word) => each.name.includes(word)));
  if (!relaxedRuns && (!words.length || words.some((word) => 'relaxed: '.includes(word)))) {
    console.log('relaxed: left out, as this engine has no relaxed SIMD (Node 22 has)');
    if (!chosen.length) return;
  }
  if (!chosen.length) throw new Error(`no case has ${words.join(' or ')} in its name`);
  if (flags.backend) useBackend(flags.backend as Parameters<typeof useBackend>[0]);
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version, arch: process.arch };
  console.log(
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, backend ${backend()}, ${flags.date}`,
  );
  console.log(
    'Nanoseconds an element; the other side is the plain loop, the plain call where the target is "<=", or the fixed build.',
  );
  console.log('tiny: the share used of 1.25 x the loop + 0.5 µs.');
  console.log(line(['case', 'losskit', 'other', 'ratio', 'target', '', 'GB/s']));
  const effort = flags.quick ? { rounds: 3, time: 12, samples: 1 } : { rounds: 7, time: 60, samples: 2 };
  const processes = flags.quick ? 1 : 3;
  const rows: Row[] = [];
  for (const group of new Set(chosen.map((each) => each.process))) {
    const members = chosen.filter((each) => each.process === group);
    const names = members.map((each) => each.name);
    const order = { names, backend: flags.backend ?? null, ...effort };
    const runs: Timing[][] = [];
    for (let i = 0; i < processes; i++) runs.push(await timings(order));
    for (const [i, each] of members.entries()) {
      const row = judge(
        each,
        runs.map((run) => run[i]),
      );
      rows.push(row);
      console.log(shown(row));
    }
  }
  const missed = rows.filter((row) => row.met === false && !row.error).length;
  const wrong = rows.filter((row) => row.error).length;
  console.log(`${rows.length} cases, ${missed} targets missed, ${wrong} wrong`);
  const out = new URL('out/', import.meta.url);
  mkdirSync(out, { recursive: true });
  const result = {
    date: flags.date,
    machine,
    quick: flags.quick,
    backend: backend(),
    forced: !!flags.backend,
    rows,
  };
  writeFileSync(new URL('results.json', out), `${JSON.stringify(result, null, 2)}\n`);
  if (wrong) process.exitCode = 1;
}

await main();
