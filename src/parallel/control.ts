/**
 * The words that the threads of a pool share, and how they wait for them. What a task is stands elsewhere (task.ts): here is who does what when.
 *
 *   SIGNAL   raised whenever there is something to look at; idle threads wait for it
 *   EPOCH    number of the task
 *   TEXT     number of its text: a training loop's tasks have one
 *   NEXT     the next chunk to be taken
 *   ABORT    1: take no more chunks
 *   FAULT    bytes of the text of what went wrong (at FAULT_TEXT); 0: nothing
 *   FILLED   raised whenever the caller has filled a slot; threads without one wait for it
 *   LAST     1: no more slots will be filled
 *   WAKE     raised whenever a thread has done a slot or ended; a caller that blocks waits for it
 *   SLEEPING 1: the caller has gone back to its event loop and wants a message; who takes it back sends one
 *
 * Then four words a thread (the task it takes part in, the task it has ended, whether it has started, the messages it has been sent: with fewer
 * had it goes back to its event loop) and two a slot (state, chunk).
 */
import { asError } from './run.js';

export const SIGNAL = 0;
export const EPOCH = 1;
export const NEXT = 2;
export const ABORT = 3;
export const FAULT = 4;
export const FILLED = 5;
export const LAST = 6;
export const WAKE = 7;
export const SLEEPING = 8;
export const TEXT = 9;
const THREADS = 16;
export const THREADS_MAX = 64;
const SLOTS = THREADS + 4 * THREADS_MAX;
/** Slots a thread has at most. */
export const SLOTS_EACH = 8;
const END = SLOTS + 2 * SLOTS_EACH * THREADS_MAX;
export const FAULT_TEXT = 4 * END;
export const FAULT_MOST = 1024;
export const CONTROL_BYTES = FAULT_TEXT + FAULT_MOST;

export const takesPart = (thread: number): number => THREADS + 4 * thread;
export const hasEnded = (thread: number): number => THREADS + 4 * thread + 1;
export const hasStarted = (thread: number): number => THREADS + 4 * thread + 2;
export const mailed = (thread: number): number => THREADS + 4 * thread + 3;
export const slotState = (slot: number): number => SLOTS + 2 * slot;
export const slotChunk = (slot: number): number => SLOTS + 2 * slot + 1;

/** A slot's states, in their order. */
export const EMPTY = 0;
export const FULL = 1;
export const TAKEN = 2;
export const DONE = 3;

/** Looks at a word before sleeping: 100 µs, in which a thread takes up the next task within one. Asleep, it needs 100 of them. */
const POLLS = 16000;

/** The same for a thread that waits for the caller to fill a slot: 3 µs, since the caller needs a core for that. */
export const FEW_POLLS = 500;

/** Waits until the word is not `seen`. */
export function park(control: Int32Array, word: number, seen: number, polls = POLLS): void {
  for (let i = 0; i < polls; i++) if (Atomics.load(control, word) !== seen) return;
  Atomics.wait(control, word, seen);
}

/** Changes a word that others wait for. */
export function raise(control: Int32Array, word: number): void {
  Atomics.add(control, word, 1);
  Atomics.notify(control, word);
}

/** The threads that take part in a task. */
export function members(control: Int32Array, epoch: number): number[] {
  const list = [];
  for (let t = 0; t < THREADS_MAX; t++) if (Atomics.load(control, takesPart(t)) === epoch) list.push(t);
  return list;
}

/** Says what went wrong, the first of them, and that nothing more is to be done. */
export function writeFault(control: Int32Array, error: unknown): void {
  const text = new TextEncoder().encode(asError(error).message);
  const bytes = text.subarray(0, FAULT_MOST);
  if (Atomics.load(control, FAULT) === 0) {
    new Uint8Array(control.buffer, FAULT_TEXT, bytes.length).set(bytes);
    Atomics.store(control, FAULT, bytes.length || 1);
  }
  Atomics.store(control, ABORT, 1);
  raise(control, FILLED);
}

export function readFault(control: Int32Array): string | null {
  const bytes = Atomics.load(control, FAULT);
  if (bytes === 0) return null;
  return new TextDecoder().decode(new Uint8Array(control.buffer, FAULT_TEXT, bytes).slice());
}
