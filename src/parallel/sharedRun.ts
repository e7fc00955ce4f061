/**
 * A job on threads that share memory. Arrays in shared memory stay where they are, and threads take chunks by themselves; where a large one is
 * not, the calling thread copies chunks into slots, several a thread, so that one is filled or emptied while another is worked on.
 */
import { type Backend, onBackend } from '../backend.js';
import type { Dtype } from '../kernels/jobs.js';
import type { SharedBuffers } from './buffers.js';
import {
  ABORT,
  DONE,
  EMPTY,
  EPOCH,
  FAULT,
  FILLED,
  FULL,
  hasEnded,
  LAST,
  NEXT,
  raise,
  readFault,
  SIGNAL,
  slotChunk,
  SLOTS_EACH,
  slotState,
  TAKEN,
  TEXT,
  takesPart,
} from './control.js';
import type { FamilyName } from './families/index.js';
import type { JobData } from './families/family.js';
import { type Chunk, chunkOf, largestSlab, type Plan, slabOf } from './geometry.js';
import { type AnyArray, gather, isShared, nameOf, type Operand, scatter, types } from './operand.js';
import type { Run } from './run.js';
import {
  HEAP,
  noSlot,
  type Place,
  RunningTask,
  OWN_BYTES,
  type Task,
  taskOf,
  viewInSlot,
  viewOf,
  WORKSPACE,
} from './task.js';
import { END } from '../kernels/wasm/layout.js';

/**
 * Chunks that wait in a thread's slots, and what is done stays there until its slot is needed. A core reads what another has just written at 5 GB/s, out
 * of that one's cache, and at 15 what has left it in the meantime: with two slots the copies took twice as long.
 */
const AHEAD = 3;

const up = (bytes: number): number => Math.ceil(bytes / 64) * 64;

const bytesOf = ({ type }: Pick<Operand, 'type'>): number => types[type].BYTES_PER_ELEMENT;

/** Where everything goes in the workspace, as it is given out. */
class Layout {
  next = HEAP;
  take(bytes: number): number {
    const at = this.next;
    this.next = up(at + bytes);
    return at;
  }
}

/** Places of a job's operands: shared ones where they are, small ones in the workspace, large ones (`staged`) in slots. */
export function placesOf(
  operands: readonly Operand[],
  plan: Plan,
  staged: boolean,
  layout: Layout,
  buffers: SharedBuffers,
): { places: Place[]; slotBytes: number } {
  let slotBytes = 0;
  const places = operands.map((operand): Place => {
    const { name, kind, ratio, result, array, given, length } = operand;
    if (isShared(array)) {
      const buffer = buffers.idOf(array.buffer as unknown as SharedArrayBuffer);
      const type = nameOf(array);
      const offset = array.byteOffset;
      return { name, kind, ratio, result, type, format: given, buffer, offset, length, slot: false };
    }
    const { type, format } = operand;
    const slot = staged && kind !== 'whole';
    let offset = slotBytes;
    if (slot) slotBytes += up(largestSlab(plan, kind, ratio) * bytesOf(operand));
    else offset = layout.take(length * bytesOf(operand));
    return { name, kind, ratio, result, type, format, buffer: WORKSPACE, offset, length, slot };
  });
  return { places, slotBytes };
}

/** Whether some of a job's large arrays are the calling thread's alone. */
export function isStaged({ operands }: JobData): boolean {
  return operands.some(({ bulk, array }) => bulk && !isShared(array));
}

class Mean {
  mean = 0;
  #count = 0;
  add(x: number): void {
    this.mean += (x - this.mean) / ++this.#count;
  }
}

export interface SharedRunOptions {
  readonly control: Int32Array;
  readonly buffers: SharedBuffers;
  /** The threads that take part, and the memory of their kernels where they let the caller fill it. */
  readonly threads: readonly number[];
  readonly memories: readonly (SharedArrayBuffer | null)[];
  readonly family: FamilyName | 'linear';
  readonly backend: Backend;
  /** Whether the calling thread takes chunks, too. */
  readonly helps: boolean;
}

export class SharedRun implements Run {
  error: Error | null = null;
  readonly patience: number;
  readonly #options: SharedRunOptions;
  readonly #described: JobData;
  readonly #plan: Plan;
  readonly #task: Task;
  readonly #bytes: number;
  readonly #slots: number;
  #epoch = 0;
  /** The next chunk for a slot, and chunks that have come back from one. */
  #next = 0;
  #back = 0;
  #here: RunningTask | null = null;
  /** Slots filled so far, a thread. */
  readonly #turn: number[];
  readonly #lost = new Set<number>();
  /** What this thread spends on a chunk. */
  readonly #costs = { giving: new Mean(), taking: new Mean(), working: new Mean() };

  constructor(described: JobData, plan: Plan, options: SharedRunOptions) {
    const { operands } = described;
    const staged = isStaged(described);
    const layout = new Layout();
    const terms = layout.take(described.terms * 8);
    const { places, slotBytes } = placesOf(operands, plan, staged, layout, options.buffers);
    const own = 2 * slotBytes <= OWN_BYTES && options.memories.every((memory) => memory !== null);
    const each = own ? Math.min(SLOTS_EACH, Math.floor(OWN_BYTES / Math.max(slotBytes, 1))) : 2;
    this.#slots = staged ? each * options.threads.length : 0;
    const firstSlot = own ? END : layout.take(this.#slots * slotBytes);
    this.#options = options;
    this.#turn = options.threads.map(() => 0);
    // A chunk of a few µs to ms, but of seconds where it is hundreds of rows against a vocabulary.
    this.patience = options.family === 'linear' ? 120_000 : 10_000;
    this.#described = described;
    this.#plan = plan;
    this.#bytes = layout.next;
    this.#task = {
      ...taskOf(described, plan, options),
      places,
      terms,
      slots: staged ? each : 0,
      own,
      firstSlot,
      slotBytes,
    };
  }

  start(): void {
    const { control, buffers, threads } = this.#options;
    const { operands, numbers } = this.#described;
    buffers.reserve(this.#bytes);
    buffers.flush();
    operands.forEach((operand, i) => {
      const view = this.#whole(i);
      if (view) operand.read(0, operand.length, view, 0);
    });
    if (buffers.write(this.#task, numbers)) Atomics.add(control, TEXT, 1);
    for (const word of [ABORT, FAULT, NEXT, LAST]) Atomics.store(control, word, 0);
    for (let s = 0; s < this.#slots; s++) Atomics.store(control, slotState(s), EMPTY);
    this.#epoch = Atomics.load(control, EPOCH) + 1;
    for (const t of threads) Atomics.store(control, takesPart(t), this.#epoch);
    Atomics.store(control, EPOCH, this.#epoch);
    raise(control, SIGNAL);
  }

  /** The copy of operand i in the workspace; null where it has none. */
  #whole(i: number): AnyArray | null {
    const { slot, buffer, type, offset, length } = this.#task.places[i];
    return slot || buffer !== WORKSPACE
      ? null
      : viewOf(this.#options.buffers.workspace, type, offset, length);
  }

  advance(): boolean {
    if (this.#slots) this.#fill();
    if (!this.#ended()) return false;
    for (let s = 0; s < this.#slots; s++) this.#take(s);
    const { control } = this.#options;
    const fault = readFault(control);
    if (fault !== null) this.error ??= new Error(`pool: a thread failed: ${fault}`);
    if (this.error) return true;
    this.#described.operands.forEach(({ result, array }, i) => {
      const view = this.#whole(i);
      if (view && result) array!.set(view);
    });
    return true;
  }

  #ended(): boolean {
    const { control, threads } = this.#options;
    return threads.every((t) => this.#lost.has(t) || Atomics.load(control, hasEnded(t)) === this.#epoch);
  }

  due(): boolean {
    if (this.#ended()) return true;
    const each = this.#task.slots;
    for (let s = 0; s < this.#slots; s += each) {
      const waiting = this.#inState(FULL, s) + this.#inState(TAKEN, s);
      if (this.#next < this.#plan.chunks ? waiting < this.#depth() : this.#inState(DONE, s) > 0) return true;
    }
    return false;
  }

  /** Gives every thread its next chunks; once all are given out, takes back what is done. */
  #fill(): void {
    const { control, threads } = this.#options;
    const { chunks } = this.#plan;
    const each = this.#task.slots;
    for (let ahead = 1; ahead <= Math.min(this.#depth(), each); ahead++)
      for (let k = 0; k < threads.length && this.#next < chunks && !this.error; k++) {
        const first = k * each;
        if (this.#inState(FULL, first) + this.#inState(TAKEN, first) >= ahead) continue;
        const s = first + (this.#turn[k]++ % each);
        this.#take(s);
        this.#give(s, this.#next++);
      }
    if (this.#next < chunks && this.#costs.taking.mean > 0) return;
    for (let s = 0; s < this.#slots; s++) this.#take(s);
    if (this.#next < chunks) return;
    if (Atomics.load(control, LAST) === 0) {
      Atomics.store(control, LAST, 1);
      raise(control, FILLED);
    }
  }

  /**
   * How many chunks a thread is given at a time. Where this thread takes chunks, too, one until it is known what copying a chunk there and back
   * costs, and none where that is what working on it here would: then the whole job stays here, but for the first chunks.
   */
  #depth(): number {
    if (!this.#options.helps) return AHEAD;
    const { giving, taking, working } = this.#costs;
    if (taking.mean === 0 || working.mean === 0) return 1;
    return giving.mean + taking.mean < working.mean ? AHEAD : 0;
  }

  /** How many of a thread's slots are in a state. */
  #inState(state: number, first: number): number {
    let count = 0;
    for (let s = first; s < first + this.#task.slots; s++)
      if (Atomics.load(this.#options.control, slotState(s)) === state) count++;
    return count;
  }

  /** Copies chunk i into slot s. */
  #give(s: number, i: number): void {
    const { control } = this.#options;
    const begun = performance.now();
    const chunk = chunkOf(this.#plan, i);
    this.#described.operands.forEach((operand, p) => {
      const place = this.#task.places[p];
      if (place.slot && !operand.result)
        gather(operand, slabOf(this.#plan, chunk, place.kind, place.ratio), this.#slot(place, chunk, s), 0);
    });
    this.#costs.giving.add(performance.now() - begun);
    Atomics.store(control, slotChunk(s), i);
    Atomics.store(control, slotState(s), FULL);
    raise(control, FILLED);
  }

  /** Copies the results out of slot s, if it is done. */
  #take(s: number): void {
    const { control } = this.#options;
    if (Atomics.load(control, slotState(s)) !== DONE) return;
    const begun = performance.now();
    const chunk = chunkOf(this.#plan, Atomics.load(control, slotChunk(s)));
    this.#described.operands.forEach(({ result, array }, p) => {
      const place = this.#task.places[p];
      if (place.slot && result && !this.error)
        scatter(this.#slot(place, chunk, s), array!, slabOf(this.#plan, chunk, place.kind, place.ratio));
    });
    this.#costs.taking.add(performance.now() - begun);
    this.#back++;
    Atomics.store(control, slotState(s), EMPTY);
  }

  /** Takes a chunk back that no thread has begun; −1: there is none. */
  #steal(): number {
    const { control } = this.#options;
    for (let s = this.#slots - 1; s >= 0; s--)
      if (Atomics.compareExchange(control, slotState(s), FULL, EMPTY) === FULL)
        return Atomics.load(control, slotChunk(s));
    return -1;
  }

  #slot(place: Place, chunk: Chunk, s: number): AnyArray {
    const { memories, buffers } = this.#options;
    const { own, slots } = this.#task;
    const buffer = own ? memories[Math.floor(s / slots)]! : buffers.workspace;
    return viewInSlot(this.#task, s, buffer, place, chunk);
  }

  help(): boolean {
    const { control, buffers } = this.#options;
    if (!this.#options.helps || this.error || Atomics.load(control, ABORT)) return false;
    const i = this.#slots ? this.#own() : Atomics.add(control, NEXT, 1);
    if (i < 0 || i >= this.#plan.chunks) return false;
    this.#here ??= new RunningTask(this.#task, this.#described.kernel, this.#described.numbers, buffers);
    const begun = performance.now();
    const here = this.#here;
    onBackend(this.#options.backend, this.#described.fields.dtype as Dtype, (side) =>
      here.run(side, i, this.#slots ? this.#fetch : noSlot),
    );
    this.#costs.working.add(performance.now() - begun);
    return true;
  }

  /** The next chunk for the calling thread where there are slots; −1: none. */
  #own(): number {
    return this.#next < this.#plan.chunks ? this.#next++ : this.#steal();
  }

  /** A chunk from the caller's own array, which needs no slot. */
  readonly #fetch = (place: Place, chunk: Chunk, back: (() => void)[]): AnyArray => {
    const operand = this.#described.operands.find(({ name }) => name === place.name)!;
    const { array, type, format, given, result } = operand;
    const slab = slabOf(this.#plan, chunk, place.kind, place.ratio);
    const { start, runs, length } = slab;
    if (array && runs === 1 && nameOf(array) === type && format === given)
      return array.subarray(start, start + length);
    const copy = viewOf(new ArrayBuffer(runs * length * bytesOf(operand)), type, 0, runs * length);
    if (result) back.push(() => scatter(copy, array!, slab));
    else gather(operand, slab, copy, 0);
    return copy;
  };

  fail(thread: number, error: Error): void {
    if (!this.#options.threads.includes(thread)) return;
    this.#lost.add(thread);
    // The others wait for it no longer.
    Atomics.store(this.#options.control, takesPart(thread), 0);
    this.abandon(error);
  }

  abandon(error: Error): void {
    const { control } = this.#options;
    this.error ??= error;
    Atomics.store(control, ABORT, 1);
    Atomics.store(control, LAST, 1);
    raise(control, FILLED);
  }

  get terms(): Float64Array {
    return new Float64Array(this.#options.buffers.workspace, this.#task.terms, this.#task.termCount);
  }

  progress(): number {
    const { control, threads } = this.#options;
    const ended = threads.filter((t) => Atomics.load(control, hasEnded(t)) === this.#epoch).length;
    return Atomics.load(control, NEXT) + this.#next + this.#back + ended;
  }
}
