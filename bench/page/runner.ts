/**
 * Runs cases in a page: verifies each way against the float64 truth, then times the ways in turns, and lets the page breathe between any two
 * measurements. No DOM: the caller shows the progress and the results.
 */
import { type Loops, loopCall } from '../contest/calls.js';
import { judge, type Truth } from '../contest/judge.js';
import type { CaseResult, Outcome } from '../contest/results.js';
import { type Inputs, inputs, type Shape } from '../contest/shapes.js';
import { wide } from '../case.js';
import type { Run } from '../contest/places.js';
import type { Way } from './ways.js';

/** Milliseconds before a way is timed, of a turn, and the number of turns. */
export interface Effort {
  readonly warm: number;
  readonly turn: number;
  readonly rounds: number;
}
export const thorough: Effort = { warm: 80, turn: 25, rounds: 5 };
export const quick: Effort = { warm: 5, turn: 4, rounds: 2 };

export interface Progress {
  /** Cases finished, of all. */
  readonly done: number;
  readonly total: number;
  /** What is going on. */
  readonly doing: string;
  /** Why a way takes no part, by its name. */
  readonly missing: Readonly<Record<string, string>>;
  /** The case that was just finished. */
  readonly result?: CaseResult;
}

export interface Options {
  readonly cases: readonly Shape[];
  readonly ways: readonly Way[];
  /** The loops that the truth is computed with; a copy that nothing else calls. */
  readonly reference: Loops;
  readonly effort?: Effort;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface Found {
  readonly cases: readonly CaseResult[];
  readonly missing: Progress['missing'];
}

const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function truthOf(loops: Loops, shape: Shape, { x, t, y }: Inputs): Truth {
  const values = new Float64Array(shape.grad ? x.length : 0);
  const value = loopCall(loops, shape, wide(x), t && wide(t), y, values)();
  return { value, parts: shape.grad ? [{ output: 0, at: 0, values }] : [] };
}

/** Milliseconds of so many calls. */
async function time(run: Run['run'], calls: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) {
    const value = run();
    if (typeof value !== 'number') await value;
  }
  return performance.now() - start;
}

/** Warms up; the number of calls that fill a turn. */
async function callsOf(run: Run['run'], { warm, turn }: Effort): Promise<number> {
  let spent = 0;
  for (let calls = 1; ;) {
    const took = await time(run, calls);
    spent += took;
    if (spent >= warm && took >= 1) return Math.max(1, Math.round((turn * calls) / took));
    if (took < turn) calls *= 2;
    await breathe();
  }
}

interface Ready {
  readonly way: Way;
  readonly run: Run;
  readonly errors: { readonly value: number; readonly grad: number };
  readonly calls: number;
  readonly turns: number[];
}

async function runCase(
  shape: Shape,
  ways: readonly Way[],
  loops: Loops,
  effort: Effort,
  signal?: AbortSignal,
): Promise<CaseResult> {
  const given = inputs(shape);
  const truth = truthOf(loops, shape, given);
  const outcomes: Record<string, Outcome> = {};
  const ready: Ready[] = [];
  for (const way of ways) {
    await breathe();
    signal?.throwIfAborted();
    try {
      await way.enter();
      const run = way.prepare(shape, given);
      for (const grad of run.grad) grad.fill(NaN);
      const errors = judge(truth, await run.run(), run.grad);
      if (typeof errors === 'string') outcomes[way.name] = { wrong: errors };
      else ready.push({ way, run, errors, calls: await callsOf(run.run, effort), turns: [] });
    } catch (error) {
      outcomes[way.name] = { failed: message(error) };
    }
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const { way, run, calls, turns } of ready) {
      await breathe();
      signal?.throwIfAborted();
      await way.enter();
      turns.push(((await time(run.run, calls)) / calls) * 1e6);
    }
  }
  for (const { way, errors, calls, turns } of ready) {
    turns.sort((a, b) => a - b);
    outcomes[way.name] = { best: turns[0], median: turns[turns.length >> 1], calls, errors };
  }
  const { name, loss, grad, elements, bytes } = shape;
  return { name, loss, grad, elements, bytes, sweep: false, outcomes };
}

export async function runCases({
  cases,
  ways,
  reference,
  effort = thorough,
  onProgress,
  signal,
}: Options): Promise<Found> {
  const missing: Record<string, string> = {};
  const available: Way[] = [];
  for (const way of ways) {
    try {
      await way.enter();
      available.push(way);
    } catch (error) {
      missing[way.name] = message(error);
    }
  }
  const results: CaseResult[] = [];
  try {
    for (const shape of cases) {
      signal?.throwIfAborted();
      onProgress?.({ done: results.length, total: cases.length, doing: shape.name, missing });
      await breathe();
      const result = await runCase(shape, available, reference, effort, signal);
      results.push(result);
      onProgress?.({ done: results.length, total: cases.length, doing: shape.name, missing, result });
    }
  } finally {
    for (const way of available) await way.close?.();
  }
  return { cases: results, missing };
}
