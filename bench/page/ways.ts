/** The ways in which the page runs a case: losskit on each backend, in an arena, on two threads, and plain loops. Knows no DOM and times nothing. */
import { type Backend, useBackend } from 'losskit';
import * as rowLoops from '../baselines.js';
import * as pointwiseLoops from '../baselinesPointwise.js';
import type { Tone } from '../charts.js';
import { gradients, loopCall } from '../contest/calls.js';
import {
  asTheyAre,
  inArena,
  inSharedMemory,
  onPool,
  oneThread,
  type Parallel,
  type Place,
  type Pool,
  type Run,
} from '../contest/places.js';
import type { Inputs, Shape } from '../contest/shapes.js';
import { sharedMemory } from './sharedMemory.js';

export interface Way {
  readonly name: string;
  readonly label: string;
  readonly tone: Tone;
  /** Before each turn: the backend is one setting of the page. Throws where the way is not available. */
  readonly enter: () => void | Promise<void>;
  readonly prepare: (shape: Shape, inputs: Inputs) => Run;
  readonly close?: () => unknown;
}

function onBackend(name: string, label: string, backend: Backend, placeOf: (inputs: Inputs) => Place): Way {
  return {
    name,
    label,
    tone: 'ours',
    enter: () => useBackend(backend),
    prepare: (shape, inputs) => oneThread(shape, inputs, placeOf(inputs)),
  };
}

function onThreads(name: string, label: string, parallel: () => Promise<Parallel>, place: Place): Way {
  let pool: Pool | undefined;
  return {
    name,
    label,
    tone: 'ours',
    async enter() {
      const { available, why } = sharedMemory();
      if (place === inSharedMemory && !available) throw new Error(why);
      useBackend('wasm');
      pool ??= await (await parallel()).createPool({ threads: 2 });
    },
    prepare: (shape, inputs) => onPool(pool!, shape, inputs, place),
    close: () => pool?.close(),
  };
}

const loops: Way = {
  name: 'loops',
  label: 'plain loops',
  tone: 'plain',
  enter() {},
  prepare(shape, { x, t, y }) {
    const grad = gradients(shape);
    return { run: loopCall({ ...rowLoops, ...pointwiseLoops }, shape, x, t, y, grad[0]), grad };
  },
};

/** `parallel` gives the pool's module, or throws where the page has none. */
export const waysWith = (parallel: () => Promise<Parallel>): Way[] => [
  onBackend('relaxed', 'wasm-relaxed', 'wasm-relaxed', () => asTheyAre),
  onBackend('losskit', 'wasm', 'wasm', () => asTheyAre),
  onBackend('arena', 'wasm, arena', 'wasm', inArena),
  onThreads('pool', '2 threads', parallel, asTheyAre),
  onThreads('shared', '2 threads, shared', parallel, inSharedMemory),
  onBackend('js', 'js', 'js', () => asTheyAre),
  loops,
];
