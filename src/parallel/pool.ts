/**
 * A pool of threads: calls are checked on the calling thread, run one after the other, and their sums added up in one thread's order. It knows
 * neither losses nor how threads are told what to do.
 */
import { type Backend, onBackend } from '../backend.js';
import { type Prepare, PREPARE } from '../loss.js';
import { firstOutside } from '../kernels/run.js';
import { kindOf } from '../options.js';
import { keepScratch } from '../scratch.js';
import { complete, type Evaluation, type Prepared, type Work } from '../work.js';
import { SharedBuffers } from './buffers.js';
import { SLEEPING, WAKE } from './control.js';
import { Crew } from './crew.js';
import { describeCheck } from './families/domain.js';
import type { FamilyName } from './families/index.js';
import { later, mayBlock, pause, unshared } from './host.js';
import { finishBias } from './linear.js';
import type { Report } from './messages.js';
import { MessageRun } from './messageRun.js';
import { type AnyArray, isShared } from './operand.js';
import { addUp, asError, type Run } from './run.js';
import {
  type FamilyShare,
  GRAIN,
  type Grain,
  type Limits,
  type LinearShare,
  planOf,
  type Share,
  shareOf,
} from './share.js';
import { isStaged, SharedRun } from './sharedRun.js';

/** How long (ms) the calling thread works on chunks before its event loop has a turn. */
const SLICE = 8;

/** What else was given for a loss; one of losskit.min.js has come by another way than the pool. */
function nameOf(given: unknown): string {
  const { lossName } = (given ?? {}) as { lossName?: unknown };
  return typeof lossName === 'string' ? `${lossName} of another copy of losskit` : kindOf(given);
}

interface Call {
  readonly runs: Generator<Run, Evaluation, void>;
  resolve(evaluation: Evaluation): void;
  reject(error: unknown): void;
}

export class ThreadPool {
  readonly threads: number;
  readonly #crew: Crew;
  readonly #limits: Limits;
  /** null: no shared memory. */
  readonly #buffers: SharedBuffers | null;
  readonly #queue: Call[] = [];
  /** The call at the head of the queue, and the run that it waits for. */
  #run: Run | null = null;
  #closed = false;
  #waiting = false;

  constructor(threads: number, shared: boolean, url: string | URL | undefined, grain: Grain = GRAIN) {
    this.threads = threads;
    this.#limits = { threads, shared, grain };
    this.#buffers = shared ? new SharedBuffers(() => this.#crew) : null;
    this.#crew = new Crew(threads, shared, url, {
      report: (thread, report) => this.#hear(thread, report),
      end: (thread, reason) => this.#lose(thread, reason),
      greet: () => (this.#buffers ? [this.#buffers.greeting()] : []),
    });
  }

  get shared(): boolean {
    return this.#crew.control !== null;
  }

  start(): Promise<void> {
    return this.#crew.start();
  }

  /** Checks a call, and runs it when those before it are done; at once where it is not shared out. */
  call(loss: unknown, args: readonly unknown[], wantGrad: boolean): Promise<Evaluation> {
    return new Promise((resolve, reject) => {
      const prepared = this.#prepare(wantGrad ? 'valueAndGrad' : 'value', loss, args, wantGrad);
      const share = shareOf(prepared, this.#limits);
      if (!share) {
        resolve(complete(prepared));
        return;
      }
      this.#queue.push({ runs: this.#perform(prepared, share, false), resolve, reject });
      this.#crew.keepAlive(true);
      if (this.#queue.length === 1) this.#pump();
    });
  }

  /** The same, blocking. */
  callSync(name: string, loss: unknown, args: readonly unknown[], wantGrad: boolean): Evaluation {
    const prepared = this.#prepare(name, loss, args, wantGrad);
    if (!this.#crew.control) throw new Error(`pool.${name}: there is no shared memory: ${unshared()}`);
    if (!mayBlock()) throw new Error(`pool.${name}: this thread may not block, use the form with a promise`);
    const share = shareOf(prepared, this.#limits);
    if (!share) return complete(prepared);
    let evaluation: Evaluation | undefined;
    let failure: { error: unknown } | undefined;
    const call: Call = {
      runs: this.#perform(prepared, share, true),
      resolve: (done) => (evaluation = done),
      reject: (error) => (failure = { error }),
    };
    try {
      // Those that wait come first. What they give arrives when this thread is back in its event loop.
      while (this.#queue.length > 0) this.#block(this.#queue[0]);
      this.#queue.push(call);
      this.#block(call);
    } finally {
      if (this.#queue.length === 0) this.#crew.keepAlive(false);
    }
    if (failure) throw failure.error;
    return evaluation!;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const call of this.#queue.splice(0)) call.reject(new Error('pool: it was closed during the call'));
    this.#run = null;
    await this.#crew.close();
  }

  #prepare(name: string, loss: unknown, args: readonly unknown[], wantGrad: boolean): Prepared {
    if (this.#closed) throw new Error(`pool.${name}: the pool is closed`);
    const prepare = (loss as { [PREPARE]?: Prepare } | null | undefined)?.[PREPARE];
    if (typeof prepare !== 'function')
      throw new TypeError(
        `pool.${name}: loss is ${nameOf(loss)}, expected a loss of losskit, as crossEntropy or one with options bound`,
      );
    const prepared = prepare(args, wantGrad);
    // What checks share from call to call must stay as it is until this one has run.
    keepScratch();
    return prepared;
  }

  /** The runs of a call, and what it gives. */
  *#perform(prepared: Prepared, share: Share, blocking: boolean): Generator<Run, Evaluation, void> {
    if (share.family === 'linear') return yield* this.#performLinear(prepared, share);
    const { work, chosen } = share;
    const run = this.#runOf(share, blocking);
    if (!run) return complete(prepared);
    if (work.family === 'pointwise') yield* this.#check(work, chosen, blocking);
    yield run;
    const pairs = work.family === 'rows';
    return prepared.finish(addUp(run.terms, 0, pairs ? 2 : 1), pairs ? addUp(run.terms, 1, 2) : 0);
  }

  *#performLinear(
    prepared: Prepared,
    { work, chosen, described, plan, biasSums }: LinearShare,
  ): Generator<Run, Evaluation, void> {
    const threads = this.#up();
    if (threads.length < 2) return complete(prepared);
    const { control } = this.#crew;
    this.#crew.bring(described, chosen);
    const run = new SharedRun(described, plan, {
      control: control!,
      buffers: this.#buffers!,
      threads: threads.slice(0, plan.chunks),
      memories: [],
      helps: false,
      family: 'linear',
      backend: chosen,
    });
    yield run;
    finishBias(work, biasSums);
    return prepared.finish(addUp(run.terms, 0, 2), addUp(run.terms, 1, 2));
  }

  /** Looks at everything that has a domain before anything is written: threads at what is shared, this one at what it has to read anyway. */
  *#check(
    { job }: Extract<Work, { family: 'pointwise' }>,
    chosen: Backend,
    blocking: boolean,
  ): Generator<Run, void, void> {
    const { domains, dtype, input, target, other } = job;
    const sources = { input, target, other: other?.source };
    for (const operand of ['input', 'target', 'other'] as const) {
      const domain = domains?.wanted[operand];
      const source = sources[operand];
      if (!domain || !source) continue;
      const shared = ArrayBuffer.isView(source.data) && isShared(source.data as unknown as AnyArray);
      const described = shared ? describeCheck(domain, dtype, source) : null;
      const plan = described && planOf(described, this.#limits);
      const run = plan && this.#runOf({ family: 'domain', chosen, described, plan }, blocking);
      if (run) yield run;
      const bad = run
        ? (run.terms.find((term) => term >= 0) ?? -1)
        : onBackend(chosen, dtype, (side) => firstOutside(side, domain, dtype, source, source.data.length));
      if (bad >= 0) domains.refuse(operand, bad);
    }
  }

  /** The threads that take tasks. */
  #up(): number[] {
    return Array.from({ length: this.threads }, (_, t) => t).filter((t) => this.#crew.isUp(t));
  }

  /** null: there is no thread for it. */
  #runOf(
    { family, chosen, described, plan }: Omit<FamilyShare, 'work' | 'family'> & { family: FamilyName },
    blocking: boolean,
  ): Run | null {
    const up = this.#up();
    const { control } = this.#crew;
    // A thread that blocks works, too; and one whose arrays only it can reach is kept busy by them anyway.
    const helps = control !== null && this.threads > 1 && (blocking || isStaged(described));
    const threads = helps || blocking ? up.slice(0, this.threads - 1) : up;
    if (threads.length === 0) return null;
    this.#crew.bring(described, chosen);
    return control
      ? new SharedRun(described, plan, {
          control,
          buffers: this.#buffers!,
          threads,
          memories: threads.map((t) => this.#crew.memoryOf(t)),
          family,
          backend: chosen,
          helps,
        })
      : new MessageRun(described, plan, { crew: this.#crew, threads, family, backend: chosen });
  }

  /** Gets on with the queue as far as possible, and asks to be woken. */
  #pump(): void {
    const begun = performance.now();
    while (this.#queue.length > 0 && !this.#waiting) {
      const [call] = this.#queue;
      // After a loss the threads are made whole first.
      if (!this.#run && !this.#crew.broken && this.#up().length < this.threads) {
        this.#waiting = true;
        void this.#crew.ready().then(() => {
          this.#waiting = false;
          this.#pump();
        });
        return;
      }
      if (this.#run ? this.#guarded((run) => run.advance()) : this.#next(call)) {
        if (this.#run) this.#next(call);
      } else if (this.#guarded((run) => run.help())) {
        if (performance.now() - begun < SLICE) continue;
        later(() => this.#pump());
        return;
      } else if (this.#sleep()) return;
    }
    if (this.#queue.length === 0) this.#crew.keepAlive(false);
  }

  /** A step of the run. What it throws ends the call, when its threads have ended: a buffer was detached, memory has run out. */
  #guarded(step: (run: Run) => boolean): boolean {
    const run = this.#run!;
    try {
      return step(run);
    } catch (error) {
      run.abandon(asError(error));
      return false;
    }
  }

  /** Goes on with a call whose run has ended, or that has none yet: false where it waits for a new run. */
  #next(call: Call): boolean {
    const ended = this.#run;
    this.#run = null;
    try {
      if (ended?.error) throw ended.error;
      const step = call.runs.next();
      if (!step.done) {
        step.value.start();
        this.#run = step.value;
        return this.#guarded((run) => run.advance());
      }
      this.#queue.shift();
      call.resolve(step.value);
    } catch (error) {
      this.#queue.shift();
      call.reject(error);
    }
    this.#buffers?.relax();
    return true;
  }

  /** Leaves word that a message is wanted; false where there is something to do at once. */
  #sleep(): boolean {
    const { control } = this.#crew;
    if (!control) return true;
    Atomics.store(control, SLEEPING, 1);
    if (!this.#run?.due()) return true;
    // Who has taken it back sends a message.
    return Atomics.compareExchange(control, SLEEPING, 1, 0) !== 1;
  }

  /** Runs a call to its end without the event loop. */
  #block(call: Call): void {
    const control = this.#crew.control!;
    Atomics.store(control, SLEEPING, 0);
    let progress = -1;
    let since = 0;
    while (this.#queue[0] === call) {
      const wake = Atomics.load(control, WAKE);
      if (!this.#run || this.#guarded((run) => run.advance())) {
        this.#next(call);
        continue;
      }
      if (this.#guarded((run) => run.help())) continue;
      const now = this.#run.progress();
      if (now !== progress) {
        progress = now;
        since = performance.now();
      } else if (performance.now() - since > this.#run.patience) this.#giveUp(this.#run);
      pause(control, wake);
    }
  }

  /** Threads that do not answer: nothing tells a caller that blocks of their end. */
  #giveUp(run: Run): void {
    for (let t = 0; t < this.threads; t++) {
      run.fail(t, new Error(`pool: no thread has got on for ${run.patience / 1000} s`));
      this.#crew.drop(t);
    }
  }

  #hear(thread: number, report: Report): void {
    if (this.#run instanceof MessageRun) this.#run.report(thread, report);
    this.#pump();
  }

  #lose(thread: number, reason: string): void {
    this.#run?.fail(thread, new Error(`pool: thread ${thread} ended during the call: ${reason}`));
    this.#pump();
  }
}
