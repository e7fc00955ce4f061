/**
 * A job on its way to the threads: as text and numbers in shared memory, and again as what runs a chunk of it. Both sides know it, the calling
 * thread makes it. It knows families by their names alone.
 */
import type { Backend } from '../backend.js';
import type { Format } from '../kernels/source.js';
import type { Side } from '../backend.js';
import { families, type FamilyName } from './families/index.js';
import type { AnyKernel, JobData, Part, Plain } from './families/family.js';
import { type Chunk, chunkOf, type Kind, type Plan, slabOf } from './geometry.js';
import { type AnyArray, gather, readOf, scatter, type TypeName, types } from './operand.js';

/** Where an operand is: in a buffer, as it is or copied, or (`slot`) a chunk of it at a time at this offset of each slot. */
export interface Place {
  readonly name: string;
  readonly kind: Kind;
  readonly ratio: number;
  readonly result: boolean;
  readonly type: TypeName;
  readonly format: Format;
  readonly buffer: number;
  readonly offset: number;
  readonly length: number;
  readonly slot: boolean;
}

export interface Task {
  readonly family: FamilyName | 'linear';
  /** By its name. */
  readonly kernel: string | null;
  readonly backend: Backend;
  readonly plan: Plan;
  readonly fields: Readonly<Record<string, Plain>>;
  readonly numbers: number;
  readonly places: readonly Place[];
  /** Byte offset of the terms in the workspace, and how many there are. */
  readonly terms: number;
  readonly termCount: number;
  /**
   * Slots a thread; 0: threads take chunks by themselves. They are in the memory of the thread's kernels, which then run in place (`own`), or in
   * the workspace: byte offset of the first one and bytes of each.
   */
  readonly slots: number;
  readonly own: boolean;
  readonly firstSlot: number;
  readonly slotBytes: number;
}

/** The workspace begins with room for numbers and the text: its length in bytes, then it. */
export const NUMBERS_MOST = 64;
const TEXT = NUMBERS_MOST * 8;
export const TEXT_MOST = 16384;
/** What comes then. */
export const HEAP = TEXT + 8 + TEXT_MOST;
/** The workspace's number among the buffers. */
export const WORKSPACE = 0;

/** Bytes for slots in a thread's own memory. */
export const OWN_BYTES = 16 * 1024 * 1024;

/** Shared memory by its number. */
export interface Buffers {
  get(id: number): SharedArrayBuffer | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function writeNumbers(workspace: SharedArrayBuffer, numbers: readonly number[]): void {
  if (numbers.length > NUMBERS_MOST)
    throw new RangeError(`pool: a job has ${numbers.length} numbers, expected at most ${NUMBERS_MOST}`);
  new Float64Array(workspace, 0, numbers.length).set(numbers);
}

export function writeTask(workspace: SharedArrayBuffer, text: string): void {
  // Not encodeInto: browsers refuse to encode into shared memory.
  const bytes = encoder.encode(text);
  if (bytes.length > TEXT_MOST)
    throw new RangeError(`pool: a job is ${bytes.length} bytes, expected at most ${TEXT_MOST}`);
  new Int32Array(workspace, TEXT, 1)[0] = bytes.length;
  new Uint8Array(workspace, TEXT + 8, bytes.length).set(bytes);
}

export function readTask(workspace: SharedArrayBuffer): string {
  const [length] = new Int32Array(workspace, TEXT, 1);
  return decoder.decode(new Uint8Array(workspace, TEXT + 8, length).slice());
}

export function readNumbers(workspace: SharedArrayBuffer, count: number): number[] {
  return [...new Float64Array(workspace, 0, count)];
}

/** `count` elements of a type in a buffer. */
export function viewOf(
  buffer: ArrayBufferLike | undefined,
  type: TypeName,
  offset: number,
  count: number,
): AnyArray {
  if (buffer === undefined) throw new Error('pool: a task names a buffer that this thread does not know');
  return new types[type](buffer as ArrayBuffer, offset, count) as unknown as AnyArray;
}

/** What a task is whatever its operands' places are. */
export function taskOf(
  { kernel, fields, numbers, terms }: JobData,
  plan: Plan,
  { family, backend }: Pick<Task, 'family' | 'backend'>,
): Omit<Task, 'places' | 'terms' | 'slots' | 'own' | 'firstSlot' | 'slotBytes'> {
  return {
    family,
    kernel: kernel && kernel.name,
    backend,
    plan,
    fields,
    numbers: numbers.length,
    termCount: terms,
  };
}

/** Finds a chunk of an operand that is in no buffer as a whole. */
export type Fetch = (place: Place, chunk: Chunk, back: (() => void)[]) => AnyArray;

/** Where there is no such operand. */
export const noSlot: Fetch = ({ name }) => {
  throw new Error(`pool: ${name} is in no buffer`);
};

/** A task whose chunks are run on this thread. */
export class RunningTask {
  readonly task: Task;
  readonly #kernel: AnyKernel;
  /** Of the last time that it was handed out. */
  numbers: readonly number[];
  readonly #workspace: SharedArrayBuffer;
  readonly #formats: Record<string, Format> = {};
  /** Whole arrays, of the places outside of slots. */
  readonly #arrays: (AnyArray | null)[];
  readonly #terms: Float64Array;

  constructor(task: Task, kernel: AnyKernel, numbers: readonly number[], buffers: Buffers) {
    this.task = task;
    this.#kernel = kernel;
    this.numbers = numbers;
    this.#workspace = buffers.get(WORKSPACE)!;
    this.#terms = new Float64Array(this.#workspace, task.terms, task.termCount);
    this.#arrays = task.places.map(({ name, format, slot, buffer, type, offset, length }) => {
      this.#formats[name] = format;
      return slot ? null : viewOf(buffers.get(buffer), type, offset, length);
    });
  }

  /** Runs chunk i. */
  run(side: Side, i: number, fetch: Fetch): void {
    const { task } = this;
    const { plan } = task;
    const chunk = chunkOf(plan, i);
    const arrays: Record<string, AnyArray> = {};
    const back: (() => void)[] = [];
    task.places.forEach((place, p) => {
      const whole = this.#arrays[p];
      arrays[place.name] = whole ? partOf(whole, place, plan, chunk, back) : fetch(place, chunk, back);
    });
    const part: Part = {
      kernel: this.#kernel,
      shape: plan,
      chunk,
      fields: task.fields,
      numbers: this.numbers,
      arrays,
      formats: this.#formats,
    };
    const family = families[task.family as FamilyName];
    const [at, count] = family.terms(part);
    family.run(side, part, this.#terms.subarray(at, at + count));
    for (const put of back) put();
  }

  /** Fetches from slot s, the thread's own memory being `memory`. */
  inSlot(s: number, memory: ArrayBufferLike | null): Fetch {
    const buffer = this.task.own ? memory! : this.#workspace;
    return (place, chunk) => viewInSlot(this.task, s, buffer, place, chunk);
  }
}

/** A chunk of an operand in slot s, which is in `buffer`. */
export function viewInSlot(
  { own, slots, firstSlot, slotBytes, plan }: Task,
  s: number,
  buffer: ArrayBufferLike,
  { kind, ratio, type, offset }: Place,
  chunk: Chunk,
): AnyArray {
  const { runs, length } = slabOf(plan, chunk, kind, ratio);
  return viewOf(buffer, type, firstSlot + (own ? s % slots : s) * slotBytes + offset, runs * length);
}

/** A chunk of a whole array: a view of it, or where it lies in several stretches a copy, to be put `back` where it is a result. */
export function partOf(
  whole: AnyArray,
  { kind, ratio, result }: Pick<Place, 'kind' | 'ratio' | 'result'>,
  plan: Plan,
  chunk: Chunk,
  back: (() => void)[],
): AnyArray {
  if (kind === 'whole') return whole;
  const slab = slabOf(plan, chunk, kind, ratio);
  const { start, runs, length } = slab;
  if (runs === 1) return whole.subarray(start, start + length);
  const copy = new (whole.constructor as Float32ArrayConstructor)(runs * length) as AnyArray;
  if (result) back.push(() => scatter(copy, whole, slab));
  else gather({ read: readOf(whole) }, slab, copy, 0);
  return copy;
}
