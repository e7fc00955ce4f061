// (d) How much of a training is the loss: one experiment of each task, once on plain loops and once on WebAssembly.
import { backend, useBackend } from 'losskit';
import { type Fit, fit, gather, predict, type Targets } from '../lib/fit.js';
import type { Experiment, Task } from '../lib/run.js';
import type { Progress } from '../report/progress.js';
import { printTable } from '../report/table.js';

export interface Timed {
  name: string;
  train: () => { fitted: Fit; heldOutLoss: number };
}

/** The first experiment of a task on its first split, ready to be trained again and again. */
export function timed<T extends Targets>(
  name: string,
  { task, experiments: [experiment] }: { task: Task; experiments: Experiment<T>[] },
): Timed {
  const { rows, splits, fit: options } = task;
  const [{ train, heldOut }] = splits;
  const { targets } = experiment;
  const criterion = experiment.criterion(gather(targets, train));
  return {
    name: `${name} [${options.batchSize}, ${options.outputs}]`,
    train: () => {
      const fitted = fit(rows, targets, train, criterion, { ...options, seed: 1 });
      const heldOutLoss = criterion(predict(fitted.model, rows, heldOut), gather(targets, heldOut));
      return { fitted, heldOutLoss };
    },
  };
}

/** The median, because the rare call in which the garbage collector wakes up takes longer than hundreds of others. */
function medianCall({ lossMilliseconds }: Fit): number {
  return [...lossMilliseconds].sort((a, b) => a - b)[lossMilliseconds.length >> 1];
}

function comparison(js: { fitted: Fit; heldOutLoss: number }, wasm: typeof js): string {
  const ratio = medianCall(js.fitted) / medianCall(wasm.fitted);
  const apart = Math.abs(wasm.heldOutLoss / js.heldOutLoss - 1);
  const speed = ratio >= 1 ? `${ratio.toFixed(1)} x faster` : `${(1 / ratio).toFixed(1)} x slower`;
  return `a call ${speed}; same result ${apart === 0 ? 'exactly' : `within ${apart.toExponential(0)}`}`;
}

/** Prints what part of the training `valueAndGrad` takes on both backends, and how far their results lie apart. */
export function compareBackends(trainings: Timed[], progress: Progress): void {
  const rows: string[][] = [];
  for (const { name, train } of trainings) {
    const results = new Map<string, ReturnType<typeof train>>();
    for (const wanted of ['js', 'wasm'] as const) {
      try {
        useBackend(wanted);
      } catch (error) {
        console.log(`  ${wanted} does not run here: ${(error as Error).message}`);
        continue;
      }
      progress.update(`${name} on ${wanted}`);
      // The second training is timed: in the first calls of either backend its compiler is at work too.
      train();
      const result = train();
      results.set(wanted, result);
      const { milliseconds, lossMilliseconds } = result.fitted;
      const inLoss = lossMilliseconds.reduce((a, b) => a + b, 0);
      const [js, wasm] = [results.get('js'), results.get('wasm')];
      rows.push([
        name,
        backend(),
        milliseconds.toFixed(0),
        inLoss.toFixed(1),
        `${((100 * inLoss) / milliseconds).toFixed(1)} %`,
        (1000 * medianCall(result.fitted)).toFixed(1),
        result.heldOutLoss.toPrecision(7),
        js && wasm ? comparison(js, wasm) : '',
      ]);
    }
  }
  useBackend('auto');
  progress.clear();
  printTable(
    [
      'batch',
      'backend',
      'training ms',
      'of it loss ms',
      'share',
      'µs a call',
      'held-out loss',
      'wasm against js',
    ],
    rows,
  );
}
