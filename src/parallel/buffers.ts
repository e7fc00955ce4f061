/**
 * Shared buffers and the numbers that threads know them by: a buffer is sent once, and forgotten everywhere once the caller has let it go. The
 * workspace is one of them.
 */
import type { Crew } from './crew.js';
import type { Order } from './messages.js';
import { type Buffers, HEAP, type Task, WORKSPACE, writeNumbers, writeTask } from './task.js';

/** Beyond this a workspace is let go after its call. */
const KEPT = 64 * 1024 * 1024;
/** Bytes of buffers that threads are to know at most, but for the last ones: a call has up to a dozen. */
const KNOWN = 512 * 1024 * 1024;
const RECENT = 64;

export class SharedBuffers implements Buffers {
  readonly #crew: () => Crew;
  readonly #ids = new WeakMap<SharedArrayBuffer, number>();
  /** In the order of their last use. */
  readonly #known = new Map<number, { reference: WeakRef<SharedArrayBuffer>; bytes: number; used: number }>();
  #bytes = 0;
  #uses = 0;
  readonly #gone: FinalizationRegistry<number>;
  #workspace = new SharedArrayBuffer(HEAP);
  #next = WORKSPACE + 1;
  #add: [number, SharedArrayBuffer][];
  #drop: number[] = [];
  #written: Task | null = null;

  constructor(crew: () => Crew) {
    this.#crew = crew;
    this.#add = [[WORKSPACE, this.#workspace]];
    this.#gone = new FinalizationRegistry((id) => {
      this.#forget(id);
      // At once: threads would hold the memory until the next new buffer.
      this.flush();
    });
  }

  get workspace(): SharedArrayBuffer {
    return this.#workspace;
  }

  /** The number of a buffer that a task will name. */
  idOf(buffer: SharedArrayBuffer): number {
    let id = this.#ids.get(buffer);
    let known = id === undefined ? undefined : this.#known.get(id);
    if (id === undefined || !known) {
      id = this.#next++;
      this.#ids.set(buffer, id);
      known = { reference: new WeakRef(buffer), bytes: buffer.byteLength, used: 0 };
      this.#gone.register(buffer, id);
      this.#add.push([id, buffer]);
      this.#bytes += known.bytes;
    }
    known.used = this.#uses++;
    this.#known.delete(id);
    this.#known.set(id, known);
    this.#trim();
    return id;
  }

  /** Forgets what has not been used for long where it is much: a caller that blocks all the time never hears that a buffer is gone. */
  #trim(): void {
    for (const [id, { used }] of this.#known) {
      if (this.#bytes <= KNOWN || this.#uses - used < RECENT) return;
      this.#forget(id);
    }
  }

  #forget(id: number): void {
    const known = this.#known.get(id);
    if (!known) return;
    this.#known.delete(id);
    this.#bytes -= known.bytes;
    this.#drop.push(id);
  }

  get(id: number): SharedArrayBuffer | undefined {
    return id === WORKSPACE ? this.#workspace : this.#known.get(id)?.reference.deref();
  }

  /** Makes the workspace at least so large. What is in it is lost where it must grow. */
  reserve(bytes: number): void {
    if (this.#workspace.byteLength >= bytes) return;
    this.#replace(Math.ceil((bytes * 1.25) / 65536) * 65536);
  }

  /** Lets a very large workspace go. */
  relax(): void {
    if (this.#workspace.byteLength <= KEPT) return;
    this.#replace(HEAP);
    this.flush();
  }

  /** Puts a task into the workspace; false where it is the one that is there. */
  write(task: Task, numbers: readonly number[]): boolean {
    writeNumbers(this.#workspace, numbers);
    if (this.#written && sameData(this.#written, task)) return false;
    writeTask(this.#workspace, JSON.stringify(task));
    this.#written = task;
    return true;
  }

  #replace(bytes: number): void {
    this.#written = null;
    this.#workspace = new SharedArrayBuffer(bytes);
    this.#add = this.#add.filter(([id]) => id !== WORKSPACE);
    this.#add.push([WORKSPACE, this.#workspace]);
  }

  /** Tells the threads what they do not know yet. */
  flush(): void {
    if (this.#add.length + this.#drop.length === 0) return;
    this.#crew().postAll({ type: 'buffers', add: this.#add, drop: this.#drop });
    this.#add = [];
    this.#drop = [];
  }

  /** All of it, for a thread that is new. */
  greeting(): Order {
    const add: [number, SharedArrayBuffer][] = [[WORKSPACE, this.#workspace]];
    for (const [id, { reference }] of this.#known) {
      const buffer = reference.deref();
      if (buffer) add.push([id, buffer]);
    }
    return { type: 'buffers', add, drop: [] };
  }
}

/** Whether two pieces of plain data are alike: a quarter of the time that their texts take. */
function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in one) if (!sameData(one[key], other[key])) return false;
  for (const key in other) if (!(key in one)) return false;
  return true;
}
