/**
 * `npm run bench:peers -- [--quick] [--case word …] [--only name …] [--date …] [--draw]`: losskit and its peers on the same data, in one run. Each
 * contender is a process (protocol.ts), all of them alive at once; within a case they take turns for several rounds, and each one's best
 * round counts. Whoever does not give the float64 truth is shown as wrong and not timed. A full run writes bench/results/, others bench/out/peers/;
 * `--draw` only writes the report of bench/results/peers.json anew.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { mainCases, sweepCases } from './cases.js';
import { type Entrant, entrants, needPackages } from './contenders.js';
import { judge, type Truth } from './judge.js';
import { peersFolder, peersInstalled } from './peerPackage.js';
import { Player } from './player.js';
import { loadLine } from './protocol.js';
import { truthOf, workFolder, writeData } from './reference.js';
import { type CaseResult, type EntrantResult, type Outcome, type Results } from './results.js';
import { gradients } from './calls.js';
import type { Shape } from './shapes.js';
import { writeReport } from './report.js';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
    case: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  },
});

/** Milliseconds of a turn and rounds. */
const effort = flags.quick ? { turn: 10, rounds: 3 } : { turn: 60, rounds: 7 };
/** Nanoseconds; who needs more for a call takes fewer turns. */
const SLOW = 1e9;

const OURS = [
  'losskit',
  'fresh',
  'arena',
  'node24',
  'relaxed',
  'relaxed-arena',
  'pool',
  'shared',
  'loops',
  'sse41',
  'native',
];

interface Seat {
  readonly entrant: Entrant;
  readonly player: Player;
}

/** Nanoseconds before the first turn: V8 takes up to 0.65 s of a loop over mse to compile it for good (it then takes half the time). */
const WARM = 8e8;

/** How many calls fill a turn; the engines have compiled by the end of it. */
async function callsOf(player: Player): Promise<{ calls: number; each: number }> {
  let calls = 1;
  let spent = 0;
  for (;;) {
    const took = await player.time(calls);
    spent += took;
    const warm = spent >= (flags.quick ? 3e7 : WARM) || took >= SLOW;
    if (warm && (took >= 1e6 || calls >= 2 ** 20)) {
      return { calls: Math.max(1, Math.round((effort.turn * 1e6 * calls) / took)), each: took / calls };
    }
    if (took < effort.turn * 1e6) calls *= 2;
  }
}

/** Runs it once and reads its gradients back. */
async function check({ player, entrant }: Seat, shape: Shape, truth: Truth, out: string) {
  const [word, said] = await player.ask('check');
  if (word !== 'value') throw new Error(said);
  // A copy is no loss: there is nothing to be right about.
  if (entrant.name === 'copy') return { value: 0, grad: 0 };
  const bytes = readFileSync(out);
  let at = bytes.byteOffset;
  const there = gradients(shape).map(({ length }) => {
    const part = new Float32Array(bytes.buffer.slice(at, at + 4 * length));
    at += 4 * length;
    return part;
  });
  return judge(truth, Number(said), there);
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function runCase(shape: Shape, seats: readonly Seat[]): Promise<CaseResult['outcomes']> {
  const { given, x, t } = writeData(shape);
  const truth = truthOf(shape, given);
  const out = `${workFolder}gradient.bin`;
  const outcomes: Record<string, Outcome> = {};
  const ready: {
    name: string;
    player: Player;
    errors: { value: number; grad: number };
    calls: number;
    slow: boolean;
    turns: number[];
  }[] = [];
  for (const seat of seats) {
    const { entrant, player } = seat;
    const { name } = entrant;
    try {
      const [word, said] = await player.ask(loadLine({ ...shape, x, t, out }));
      if (word !== 'ok') {
        outcomes[name] = word === 'none' ? { none: said } : { failed: said };
        continue;
      }
      const errors = await check(seat, shape, truth, out);
      if (typeof errors === 'string') {
        outcomes[name] = { wrong: errors };
        continue;
      }
      const { calls, each } = await callsOf(player);
      // A slow call has been warm-up and turn in one.
      ready.push({ name, player, errors, calls, slow: each >= SLOW, turns: each >= SLOW ? [each] : [] });
    } catch (error) {
      outcomes[name] = { failed: message(error) };
    }
  }
  for (let round = 0; round < effort.rounds; round++) {
    // There and back, so that nobody always follows the same neighbour.
    for (const each of round % 2 ? [...ready].reverse() : ready) {
      if (each.slow && round >= 1) continue;
      try {
        each.turns.push((await each.player.time(each.calls)) / each.calls);
      } catch (error) {
        outcomes[each.name] = { failed: message(error) };
      }
    }
  }
  for (const { name, errors, calls, turns } of ready) {
    if (outcomes[name]) continue;
    turns.sort((a, b) => a - b);
    outcomes[name] = { best: turns[0], median: turns[turns.length >> 1], calls, errors };
  }
  return outcomes;
}

function shown(outcome: Outcome, elements: number): string {
  if ('wrong' in outcome) return `WRONG: ${outcome.wrong}`;
  if ('failed' in outcome) return `FAILED: ${outcome.failed}`;
  if ('none' in outcome) return `- (${outcome.none})`;
  const each = outcome.best / elements;
  const errors = [outcome.errors.value, outcome.errors.grad].map((error) => error.toExponential(0)).join(' ');
  return `${each.toFixed(each < 10 ? 3 : 1).padStart(10)} ns an element   errors ${errors}`;
}

/** What a contender says on its start; kept of the last that came up. */
async function seated(
  entrant: Entrant,
  about: Map<string, string>,
  missing: Map<string, string>,
): Promise<Seat | null> {
  const { name, start } = entrant;
  if ('missing' in start) {
    missing.set(name, start.missing);
    return null;
  }
  const player = new Player(start);
  const [word, said] = await player.answer();
  if (word === 'ready') {
    about.set(name, said);
    return { entrant, player };
  }
  await player.close();
  missing.set(name, said);
  return null;
}

async function main(): Promise<void> {
  if (needPackages(flags.only) && !peersInstalled()) {
    console.log('Installing the peers (npm ci in bench/peers), about 300 MB …');
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersFolder, stdio: 'inherit' });
  }
  const all = entrants(flags.only);
  if (!all.length) throw new Error(`nobody is called ${flags.only.join(' or ')}`);
  const wanted = (shape: Shape) =>
    flags.case.length
      ? flags.case.some((word) => `${shape.process} ${shape.name}`.includes(word))
      : !flags.quick || shape.elements <= 1e6;
  const cases = [...mainCases, ...sweepCases].filter(wanted);
  if (!cases.length) throw new Error(`no case has ${flags.case.join(' or ')} in its name`);
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version, arch: process.arch };
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${flags.date}`);
  const about = new Map<string, string>();
  const missing = new Map<string, string>();
  const results: CaseResult[] = [];
  for (const group of new Set(cases.map((shape) => shape.process))) {
    const sweep = group.startsWith('sweep');
    const seats: Seat[] = [];
    const coming = all.filter((each) => (each.sweep || !sweep) && !missing.has(each.name));
    const came = await Promise.all(coming.map((entrant) => seated(entrant, about, missing)));
    came.forEach((seat, k) => {
      if (seat) seats.push(seat);
      else console.log(`${coming[k].label}: not available: ${missing.get(coming[k].name)}`);
    });
    for (const shape of cases.filter((each) => each.process === group)) {
      const { name, loss, grad, elements, bytes } = shape;
      console.log(`\n${name}${sweep ? ' (sweep)' : ''}`);
      const outcomes = await runCase(shape, seats);
      for (const { entrant } of seats)
        console.log(`  ${entrant.label.padEnd(28)} ${shown(outcomes[entrant.name], elements)}`);
      results.push({ name, loss, grad, elements, bytes, sweep, outcomes });
    }
    for (const { player } of seats) await player.close();
  }
  const entries = all.map(({ name, label }): EntrantResult => ({
    name,
    label,
    about: about.get(name) ?? null,
    missing: missing.get(name) ?? null,
  }));
  const found: Results = { date: flags.date, quick: flags.quick, machine, entrants: entries, cases: results };
  const whole = !flags.quick && !flags.case.length && !flags.only.length;
  const folder = new URL(whole ? '../results/' : '../out/peers/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('peers.json', folder), `${JSON.stringify(found, null, 2)}\n`);
  writeReport(found, folder);
  const bad = results.flatMap(({ outcomes }) =>
    Object.keys(outcomes).filter((name) => 'wrong' in outcomes[name] || 'failed' in outcomes[name]),
  );
  // A peer may be wrong, losskit and what it is measured by may not.
  if (bad.some((name) => OURS.includes(name))) process.exitCode = 1;
  console.log(
    `\n${results.length} cases, ${bad.length} wrong or failed; written to ${whole ? 'bench/results/' : 'bench/out/peers/'}`,
  );
}

if (flags.draw) {
  const folder = new URL('../results/', import.meta.url);
  writeReport(JSON.parse(readFileSync(new URL('peers.json', folder), 'utf8')) as Results, folder);
} else {
  try {
    await main();
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}
