/**
 * How long a task takes to reach a thread that is still looking for one: from the moment that the checked job is handed over to that in which the
 * thread has taken its first chunk. It uses the pool's own parts, since a call's end is heard of no sooner than its work is done.
 */
import { mseLoss } from 'losskit';
import { Crew } from '../dist/parallel/crew.js';
import { SharedBuffers } from '../dist/parallel/buffers.js';
import { NEXT } from '../dist/parallel/control.js';
import { describe } from '../dist/parallel/families/index.js';
import { planChunks } from '../dist/parallel/geometry.js';
import { SharedRun } from '../dist/parallel/sharedRun.js';
import { PREPARE, type Prepare } from '../dist/loss.js';

const CALLS = 4000;

/** Microseconds, the median. */
export async function dispatchTime(): Promise<number> {
  const crew: Crew = new Crew(1, true, undefined, {
    report() {},
    end() {},
    greet: () => [buffers.greeting()],
  });
  const buffers = new SharedBuffers(() => crew);
  await crew.start();
  const array = () => new Float32Array(new SharedArrayBuffer(4 * 4096));
  const [x, t, grad] = [array(), array(), array()];
  const prepare = (mseLoss as unknown as Record<symbol, Prepare>)[PREPARE];
  const control = crew.control!;
  const times = [];
  for (let i = 0; i < CALLS; i++) {
    const described = describe(prepare([x, t, { grad }], true).work as Parameters<typeof describe>[0])!;
    const plan = planChunks(described, 1, 1024);
    const run = new SharedRun(described, plan, {
      control,
      buffers,
      threads: [0],
      memories: [null],
      family: 'pointwise',
      backend: 'wasm',
      helps: false,
    });
    const start = performance.now();
    run.start();
    while (Atomics.load(control, NEXT) === 0);
    times.push(performance.now() - start);
    while (!run.advance());
  }
  await crew.close();
  times.sort((a, b) => a - b);
  return 1000 * times[CALLS / 2];
}
