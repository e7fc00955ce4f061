/** What the calling thread and a working one say to each other by messages: rarely, since most of it goes through shared memory. */
import type { Compiled } from '../kernels/wasm/builds.js';
import type { AnyArray } from './operand.js';
import type { Task } from './task.js';

/** To a working thread. */
export type Order =
  | {
      readonly type: 'start';
      /** null: there is no shared memory. */
      readonly control: SharedArrayBuffer | null;
      readonly thread: number;
      readonly modules: Compiled;
    }
  /** Modules that the caller has compiled since, for a thread that may not. */
  | { readonly type: 'modules'; readonly modules: Compiled }
  /** Buffers that tasks will name, and those that they will not name again. */
  | {
      readonly type: 'buffers';
      readonly add: readonly (readonly [number, SharedArrayBuffer])[];
      readonly drop: readonly number[];
    }
  /** A chunk by message, where there is no shared memory. */
  | {
      readonly type: 'chunk';
      readonly task: Task;
      readonly numbers: readonly number[];
      readonly chunk: number;
      readonly arrays: Readonly<Record<string, AnyArray>>;
    }
  | { readonly type: 'close' };

/** From one. */
export type Report =
  /** With memory of its kernels that the caller may fill (OWN_BYTES, behind the scratch); and whether it may compile. */
  | { readonly type: 'started'; readonly memory: SharedArrayBuffer | null; readonly compiles: boolean }
  /** Something in the shared words has changed. */
  | { readonly type: 'wake' }
  | {
      readonly type: 'done';
      readonly chunk: number;
      readonly arrays: Readonly<Record<string, AnyArray>>;
      readonly terms: Float64Array;
    }
  | { readonly type: 'failed'; readonly chunk: number; readonly reason: string };
