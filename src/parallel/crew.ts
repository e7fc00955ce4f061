/** The working threads of a pool: started, sent messages, replaced where one ends. It knows no task, only the modules of its kernels. */
import type { Backend } from '../backend.js';
import type { Dtype } from '../kernels/jobs.js';
import { compiled, compiledModules } from '../kernels/wasm/builds.js';
import { tools } from '../kernels/wasm/embedded/tools.js';
import { CONTROL_BYTES, hasStarted, mailed, raise, SIGNAL, takesPart, hasEnded } from './control.js';
import type { JobData } from './families/family.js';
import type { Order, Report } from './messages.js';
import { startThread, type Thread } from './thread.js';
import { asError } from './run.js';

interface Listener {
  report(thread: number, report: Report): void;
  /** A thread has ended by itself; another one is on its way. */
  end(thread: number, reason: string): void;
  /** What a thread must be told beside its start. */
  greet(): readonly Order[];
}

/** Times in a row that a thread may end before it has started. */
const TRIES = 3;

export class Crew {
  readonly size: number;
  /** null: no shared memory. */
  readonly control: Int32Array | null;
  /** Why no thread can be started any more. */
  broken: string | null = null;
  readonly #url: string | URL | undefined;
  readonly #listener: Listener;
  readonly #threads: (Thread | null)[];
  readonly #started: boolean[];
  readonly #memories: (SharedArrayBuffer | null)[];
  /** Whether threads may compile: their files may have a policy of their own. */
  #compile = true;
  /** What they were sent. */
  readonly #sent = new Set<WebAssembly.Module>();
  #failures = 0;
  #alive = false;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(size: number, shared: boolean, url: string | URL | undefined, listener: Listener) {
    this.size = size;
    this.control = shared ? new Int32Array(new SharedArrayBuffer(CONTROL_BYTES)) : null;
    this.#url = url;
    this.#listener = listener;
    this.#threads = new Array<Thread | null>(size).fill(null);
    this.#started = new Array<boolean>(size).fill(false);
    this.#memories = new Array<SharedArrayBuffer | null>(size).fill(null);
  }

  /** Starts all; settles when they have, or one cannot. */
  async start(): Promise<void> {
    for (let t = 0; t < this.size; t++) this.#spawn(t);
    await this.ready();
    if (this.broken) throw new Error(`createPool: a thread cannot be started: ${this.broken}`);
  }

  /** Settles when all have started, or none can be. */
  async ready(): Promise<void> {
    while (!this.broken && !this.#closed && this.#started.includes(false))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Whether thread t takes tasks. Read from shared memory: a caller that blocks hears no message. */
  isUp(t: number): boolean {
    return this.control ? Atomics.load(this.control, hasStarted(t)) === 1 : this.#started[t];
  }

  /** The memory of thread t's kernels, if it is the caller's to fill and the caller has heard of it. */
  memoryOf(t: number): SharedArrayBuffer | null {
    return this.#memories[t];
  }

  post(t: number, order: Order): void {
    const { control } = this;
    if (control) Atomics.add(control, mailed(t), 1);
    this.#threads[t]?.post(order);
    if (control) raise(control, SIGNAL);
  }

  postAll(order: Order): void {
    for (let t = 0; t < this.size; t++) if (this.#threads[t]) this.post(t, order);
  }

  /** Sees to it that threads which may not compile have the modules of a job. */
  bring({ modules, fields }: Pick<JobData, 'modules' | 'fields'>, backend: Backend): void {
    if (this.#compile || backend === 'js') return;
    const dtype = fields.dtype as Dtype;
    const build = backend === 'wasm-relaxed' ? 'relaxed' : 'fixed';
    try {
      const all = [tools, ...modules].map((module) => compiled(module, dtype, build));
      if (all.every((module) => this.#sent.has(module))) return;
      for (const module of all) this.#sent.add(module);
    } catch {
      // The calling thread may not compile either: both have what `initSync` was given.
      return;
    }
    this.postAll({ type: 'modules', modules: compiledModules() });
  }

  keepAlive(on: boolean): void {
    if (on === this.#alive) return;
    this.#alive = on;
    for (let t = 0; t < this.size; t++) this.#threads[t]?.keepAlive(on || !this.#started[t]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeWaiting();
    await Promise.all(this.#threads.map((thread) => thread?.terminate()));
    this.#threads.fill(null);
  }

  /** Ends thread t, which does not answer; another takes its place. */
  drop(t: number): void {
    this.#started[t] = false;
    this.#memories[t] = null;
    if (this.control) Atomics.store(this.control, hasStarted(t), 0);
    void this.#threads[t]?.terminate();
  }

  #spawn(t: number): void {
    const { control } = this;
    this.#reset(t);
    try {
      const thread: Thread = startThread(this.#url, {
        report: (report) => {
          if (this.#threads[t] !== thread) return;
          if (report.type === 'started') this.#hasStarted(t, report);
          else this.#listener.report(t, report);
        },
        end: (reason) => {
          if (this.#threads[t] === thread) this.#ended(t, reason);
        },
      });
      this.#threads[t] = thread;
    } catch (error) {
      this.#break(asError(error).message);
      return;
    }
    this.post(t, {
      type: 'start',
      control: control && (control.buffer as unknown as SharedArrayBuffer),
      thread: t,
      modules: compiledModules(),
    });
    for (const order of this.#listener.greet()) this.post(t, order);
  }

  #hasStarted(t: number, { memory, compiles }: Extract<Report, { type: 'started' }>): void {
    if (!compiles) this.#compile = false;
    this.#started[t] = true;
    this.#memories[t] = memory;
    this.#failures = 0;
    this.#threads[t]!.keepAlive(this.#alive);
    this.#wakeWaiting();
  }

  #ended(t: number, reason: string): void {
    this.#threads[t] = null;
    if (this.#closed) return;
    if (!this.#started[t] && ++this.#failures >= TRIES) this.#break(reason);
    // Before anyone hears of it: a call that begins then must not count on the thread.
    this.#reset(t);
    this.#listener.end(t, reason);
    if (!this.broken) this.#spawn(t);
  }

  #reset(t: number): void {
    const { control } = this;
    this.#started[t] = false;
    this.#memories[t] = null;
    if (control)
      for (const word of [mailed(t), hasStarted(t), takesPart(t), hasEnded(t)])
        Atomics.store(control, word, 0);
  }

  #break(reason: string): void {
    this.broken = reason;
    this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
