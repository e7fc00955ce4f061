/**
 * losskit as a contender, by argument: `arrays` ordinary arrays in and out, `fresh` the same with a new gradient array every call, `arena` arrays in kernel memory, `relaxed` and `relaxed-arena` the
 * same on the relaxed-SIMD kernels, `shared` and `pool` two threads on arrays in shared memory and on ordinary ones.
 */
import { backend, useBackend } from 'losskit';
import type { Contender, Data, Open } from '../contender.js';
import {
  asTheyAre,
  inArena,
  inSharedMemory,
  onPool,
  oneThread,
  withoutGradient,
  type Parallel,
  type Place,
} from '../places.js';

/** Without a gradient array: every call makes a new one, as TensorFlow.js, jax-js and PyTorch do. */
function makingGradients(): Contender {
  as('wasm');
  return {
    about: `wasm, Node ${process.version}`,
    prepare: (data) => withoutGradient(data.task, data),
  };
}

/** As 'auto' has it, which sends tiny calls to the loops, where that is this backend; else forced. */
function as(wanted: 'wasm' | 'wasm-relaxed'): void {
  useBackend('auto');
  if (backend() !== wanted) useBackend(wanted);
}

function onBackend(name: 'wasm' | 'wasm-relaxed', placeOf: (data: Data) => Place): Contender {
  as(name);
  return {
    about: `${name}, Node ${process.version}`,
    prepare(data) {
      const { run, grad } = oneThread(data.task, data, placeOf(data));
      return { run, gradients: () => grad };
    },
  };
}

/** Whether a pool leaves the call to one thread (src/parallel/index.ts): then there is nothing to measure. */
function staysHere({ task: { loss }, x }: Data): boolean {
  const light = loss === 'mse' || loss === 'hinge';
  return loss !== 'linear' && x.length < (light ? 524288 : 131072);
}

async function twoThreads(place: Place): Promise<Contender> {
  const file = new URL('../../../dist/parallel/index.js', import.meta.url);
  const { createPool } = (await import(file.href)) as Parallel;
  as('wasm');
  const pool = await createPool({ threads: 2 });
  return {
    about: `wasm, 2 threads, Node ${process.version}`,
    prepare(data) {
      if (staysHere(data)) return 'a call of this size runs on the calling thread';
      const { run, grad } = onPool(pool, data.task, data, place);
      return { run, gradients: () => grad };
    },
    close: () => pool.close(),
  };
}

const ways: Readonly<Record<string, () => Contender | Promise<Contender>>> = {
  arrays: () => onBackend('wasm', () => asTheyAre),
  fresh: makingGradients,
  arena: () => onBackend('wasm', inArena),
  relaxed: () => onBackend('wasm-relaxed', () => asTheyAre),
  'relaxed-arena': () => onBackend('wasm-relaxed', inArena),
  shared: () => twoThreads(inSharedMemory),
  pool: () => twoThreads(asTheyAre),
};

export const open: Open = async (argument) => {
  const way = ways[argument!];
  if (!way) throw new Error(`no way of losskit: ${argument}`);
  return way();
};
