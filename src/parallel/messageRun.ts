/**
 * A job on threads without shared memory: chunks and their results are copied by messages, two a thread on their way. Copied, not transferred: once a
 * process has transferred one buffer, V8 checks every typed array for it, and all loops over them take 1.6 to 2 times as long.
 */
import type { Backend } from '../backend.js';
import type { Crew } from './crew.js';
import type { JobData } from './families/family.js';
import { families, type FamilyName } from './families/index.js';
import { chunkOf, type Plan, slabOf } from './geometry.js';
import type { Report } from './messages.js';
import { type AnyArray, gather, scatter, types } from './operand.js';
import { asError, type Run } from './run.js';
import { type Task, taskOf, WORKSPACE } from './task.js';

const EACH = 2;

export class MessageRun implements Run {
  error: Error | null = null;
  readonly patience = Infinity;
  readonly terms: Float64Array;
  readonly #crew: Crew;
  readonly #threads: readonly number[];
  readonly #described: JobData;
  readonly #plan: Plan;
  readonly #task: Task;
  /** Chunks on their way, a thread. */
  readonly #away: number[];
  #next = 0;

  constructor(
    described: JobData,
    plan: Plan,
    options: { crew: Crew; threads: readonly number[]; family: FamilyName; backend: Backend },
  ) {
    this.#crew = options.crew;
    this.#threads = options.threads;
    this.#described = described;
    this.#plan = plan;
    this.#away = options.threads.map(() => 0);
    this.terms = new Float64Array(described.terms);
    this.#task = {
      ...taskOf(described, plan, options),
      places: described.operands.map(({ name, kind, ratio, result, type, format, length }) => {
        return { name, kind, ratio, result, type, format, buffer: WORKSPACE, offset: 0, length, slot: true };
      }),
      terms: 0,
      slots: 0,
      own: false,
      firstSlot: 0,
      slotBytes: 0,
    };
  }

  start(): void {
    for (let round = 0; round < EACH; round++) for (const t of this.#threads) this.#send(t);
  }

  #send(t: number): void {
    if (this.#next === this.#plan.chunks || this.error) return;
    try {
      this.#post(t);
    } catch (error) {
      this.abandon(asError(error));
    }
  }

  #post(t: number): void {
    const i = this.#next++;
    const chunk = chunkOf(this.#plan, i);
    const arrays: Record<string, AnyArray> = {};
    for (const operand of this.#described.operands) {
      const { name, kind, ratio, type, length, result } = operand;
      const slab =
        kind === 'whole' ? { start: 0, runs: 1, length, stride: 0 } : slabOf(this.#plan, chunk, kind, ratio);
      arrays[name] = new types[type](slab.runs * slab.length) as AnyArray;
      if (!result) gather(operand, slab, arrays[name], 0);
    }
    this.#crew.post(t, {
      type: 'chunk',
      task: this.#task,
      numbers: this.#described.numbers,
      chunk: i,
      arrays,
    });
    this.#away[this.#threads.indexOf(t)]++;
  }

  /** What a thread says. */
  report(t: number, report: Report): void {
    const place = this.#threads.indexOf(t);
    if (place < 0 || this.#away[place] === 0) return;
    this.#away[place]--;
    if (report.type === 'failed') this.error ??= new Error(`pool: a thread failed: ${report.reason}`);
    try {
      if (report.type === 'done' && !this.error) this.#take(report);
    } catch (error) {
      this.abandon(asError(error));
    }
    this.#send(t);
  }

  #take({ chunk: i, arrays, terms }: Extract<Report, { type: 'done' }>): void {
    const chunk = chunkOf(this.#plan, i);
    const { operands, fields } = this.#described;
    for (const { name, kind, ratio, result, array } of operands)
      if (result) scatter(arrays[name], array!, slabOf(this.#plan, chunk, kind, ratio));
    const family = families[this.#task.family as FamilyName];
    this.terms.set(terms, family.terms({ shape: this.#plan, chunk, fields })[0]);
  }

  advance(): boolean {
    return this.#away.every((count) => count === 0);
  }

  due(): boolean {
    return this.advance();
  }

  help(): boolean {
    return false;
  }

  fail(thread: number, error: Error): void {
    const place = this.#threads.indexOf(thread);
    if (place < 0) return;
    this.error ??= error;
    this.#away[place] = 0;
  }

  abandon(error: Error): void {
    this.error ??= error;
  }

  progress(): number {
    return this.#next;
  }
}
