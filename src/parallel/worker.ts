/**
 * A working thread of a pool. Between tasks it waits in Atomics.wait, and goes back to its event loop only for messages; without shared memory
 * it lives in its event loop. It knows no loss.
 */
import { type Side, sideFor, useBackend } from '../backend.js';
import type { Dtype } from '../kernels/jobs.js';
import { adoptModules, runsBuild, sharesMemory } from '../kernels/wasm/builds.js';
import { Engine, registerArena } from '../kernels/wasm/engine.js';
import {
  ABORT,
  DONE,
  EPOCH,
  FEW_POLLS,
  FILLED,
  FULL,
  hasEnded,
  hasStarted,
  LAST,
  mailed,
  members,
  NEXT,
  park,
  raise,
  SIGNAL,
  SLEEPING,
  slotChunk,
  slotState,
  TAKEN,
  takesPart,
  TEXT,
  WAKE,
  writeFault,
} from './control.js';
import { runByMessage } from './byMessage.js';
import { kernelNamed } from './kernels.js';
import { runLinearTask } from './linear.js';
import type { Order } from './messages.js';
import { noSlot, readNumbers, readTask, OWN_BYTES, RunningTask, type Task, WORKSPACE } from './task.js';
import { collectGarbage, listenToCaller } from './thread.js';

const buffers = new Map<number, SharedArrayBuffer>();
let control: Int32Array | null = null;
let thread = 0;
/** Messages had, and the last task looked at. */
let mails = 0;
let epoch = 0;
let open = true;
/** Bytes of buffers let go since garbage was last collected. */
let dropped = 0;
const DROPPED_MOST = 64 * 1024 * 1024;

/** Kernel memory that the caller fills with chunks, so that they are not copied again; null: there is none. */
let memory: SharedArrayBuffer | null = null;

const caller = listenToCaller(hear);

function ownMemory(): SharedArrayBuffer | null {
  if (!sharesMemory()) return null;
  const engine = new Engine(OWN_BYTES + 16, true);
  registerArena(engine);
  return engine.buffer as unknown as SharedArrayBuffer;
}

function hear(order: Order): void {
  mails++;
  switch (order.type) {
    case 'start':
      thread = order.thread;
      adoptModules(order.modules);
      if (order.control) {
        control = new Int32Array(order.control);
        epoch = Atomics.load(control, EPOCH);
        memory = ownMemory();
        Atomics.store(control, hasStarted(thread), 1);
      }
      caller.send({ type: 'started', memory, compiles: runsBuild('fixed') });
      break;
    case 'modules':
      adoptModules(order.modules);
      break;
    case 'buffers':
      // What it holds of them goes, too.
      running = null;
      drop(order.drop);
      for (const [id, buffer] of order.add) buffers.set(id, buffer);
      break;
    case 'chunk':
      caller.send(runByMessage(sideOf(order.task), order));
      break;
    case 'close':
      open = false;
      caller.close();
  }
  if (control && open) serve(control);
}

/** Lets buffers go. A thread makes hardly any garbage itself, so that it would not notice for long that it holds the last of them. */
function drop(ids: readonly number[]): void {
  for (const id of ids) {
    dropped += buffers.get(id)?.byteLength ?? 0;
    buffers.delete(id);
  }
  if (dropped < DROPPED_MOST) return;
  dropped = 0;
  collectGarbage();
}

/** Does one task after the other until there is a message. */
function serve(words: Int32Array): void {
  for (;;) {
    const signal = Atomics.load(words, SIGNAL);
    // In this order: the message that brings a task's buffers is sent before the task.
    const now = Atomics.load(words, EPOCH);
    if (Atomics.load(words, mailed(thread)) !== mails) return;
    if (now === epoch) park(words, SIGNAL, signal);
    else {
      epoch = now;
      if (Atomics.load(words, takesPart(thread)) === now) work(words);
    }
  }
}

function work(words: Int32Array): void {
  try {
    runTask(words);
  } catch (error) {
    writeFault(words, error);
  }
  Atomics.store(words, hasEnded(thread), epoch);
  wake(words, allEnded(words));
}

/** Whether no other thread has to end: who ends last says so. */
function allEnded(words: Int32Array): boolean {
  return members(words, epoch).every((t) => Atomics.load(words, hasEnded(t)) === epoch);
}

/** Wakes a caller that waits; where `wanted`, by a message if it has gone back to its event loop. */
function wake(words: Int32Array, wanted: boolean): void {
  raise(words, WAKE);
  if (wanted && Atomics.compareExchange(words, SLEEPING, 1, 0) === 1) caller.send({ type: 'wake' });
}

/** The last task and the number of its text: a training loop repeats it. */
let parsed: Task | null = null;
let text = 0;
let running: RunningTask | null = null;

function runTask(words: Int32Array): void {
  const workspace = buffers.get(WORKSPACE)!;
  const current = Atomics.load(words, TEXT);
  if (current !== text || !parsed) {
    parsed = JSON.parse(readTask(workspace)) as Task;
    running = null;
    text = current;
  }
  const numbers = readNumbers(workspace, parsed.numbers);
  if (parsed.family === 'linear') {
    runLinearTask(sideOf(parsed), parsed, numbers, buffers, words, thread, epoch);
    return;
  }
  running ??= new RunningTask(parsed, kernelNamed(parsed.kernel), numbers, buffers);
  running.numbers = numbers;
  if (parsed.slots > 0) fromSlots(words, running);
  else inTurn(words, running);
}

function sideOf({ backend, fields }: Task): Side {
  useBackend(backend);
  return sideFor(fields.dtype as Dtype, Infinity);
}

function inTurn(words: Int32Array, running: RunningTask): void {
  const side = sideOf(running.task);
  const { chunks } = running.task.plan;
  while (!Atomics.load(words, ABORT)) {
    const i = Atomics.add(words, NEXT, 1);
    if (i >= chunks) return;
    running.run(side, i, noSlot);
  }
}

function fromSlots(words: Int32Array, running: RunningTask): void {
  const side = sideOf(running.task);
  const { slots } = running.task;
  const first = slots * members(words, epoch).indexOf(thread);
  let at = first;
  while (!Atomics.load(words, ABORT)) {
    const filled = Atomics.load(words, FILLED);
    const last = Atomics.load(words, LAST);
    const slot = takeSlot(words, first, slots, at);
    if (slot >= 0) {
      at = slot + 1;
      running.run(side, Atomics.load(words, slotChunk(slot)), running.inSlot(slot, memory));
      Atomics.store(words, slotState(slot), DONE);
      wake(words, true);
    } else if (last) return;
    else park(words, FILLED, filled, FEW_POLLS);
  }
}

/** The first full one of a thread's slots from `at` on, round about: in the order in which they were filled. */
function takeSlot(words: Int32Array, first: number, slots: number, at: number): number {
  for (let i = 0; i < slots; i++) {
    const s = first + ((at - first + i) % slots);
    if (Atomics.compareExchange(words, slotState(s), FULL, TAKEN) === FULL) return s;
  }
  return -1;
}
