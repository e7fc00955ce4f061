import type { Split } from '../data/split.js';
import { type Progress } from '../report/progress.js';
import type { SparseRows } from './features.js';
import { type Criterion, fit, type FitOptions, gather, predict, type Targets } from './fit.js';
import type { Metrics } from './metrics.js';

/** One line of a table: a loss with its parameters, and the targets in the coding that this loss reads. */
export interface Experiment<T extends Targets = Targets> {
  label: string;
  targets: T;
  /** What the held-out rows are judged by, where it is not `targets`. */
  heldOutTargets?: T;
  /** The label of the experiment that this one is judged against; the first one, if not given. */
  baseline?: string;
  /** Made for each split anew, because weights are counted on the training rows alone. */
  criterion: (trainTargets: T) => Criterion<T>;
}

export interface Task {
  title: string;
  notes: string[];
  rows: SparseRows;
  splits: Split[];
  fit: Omit<FitOptions, 'seed' | 'onEpoch'>;
  evaluate: (logits: Float32Array, heldOut: Int32Array) => Metrics;
}

export interface Outcome {
  label: string;
  baseline?: string;
  /** Training loss over the training, as a part of the loss before it; mean of the splits. */
  curve: number[];
  /** Held-out loss of the weights 0 and of the trained weights; mean of the splits. */
  before: number;
  after: number;
  /** One a split. */
  runs: Metrics[];
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

export function run<T extends Targets>(task: Task, experiment: Experiment<T>, progress: Progress): Outcome {
  const { targets, heldOutTargets = targets } = experiment;
  const runs: Metrics[] = [];
  const curves: number[][] = [];
  const epochs: number[][] = [];
  const losses = { before: [] as number[], after: [] as number[] };
  const begin = performance.now();

  task.splits.forEach(({ train, heldOut }, i) => {
    const trainTargets = gather(targets, train);
    const criterion = experiment.criterion(trainTargets);
    const zeros = (ids: Int32Array): Float32Array => new Float32Array(ids.length * task.fit.outputs);
    const start = criterion(zeros(train), trainTargets);
    const fitted = fit(task.rows, targets, train, criterion, {
      ...task.fit,
      seed: 1 + i,
      onEpoch: (epoch, loss) =>
        progress.update(
          `${experiment.label}: split ${i + 1} of ${task.splits.length}, epoch ${epoch}, loss ${loss.toFixed(4)}`,
        ),
    });
    const logits = predict(fitted.model, task.rows, heldOut);
    const heldOutLabels = gather(heldOutTargets, heldOut);
    losses.before.push(criterion(zeros(heldOut), heldOutLabels));
    losses.after.push(criterion(logits, heldOutLabels));
    runs.push(task.evaluate(logits, heldOut));
    curves.push([1, ...fitted.curve.map((loss) => loss / start)]);
    epochs.push([start, ...fitted.epochLosses]);
  });

  const average = (series: number[][]): number[] =>
    series[0].map((_, i) => mean(series.map((one) => one[i])));
  progress.line(experiment.label, average(epochs), performance.now() - begin);
  return {
    label: experiment.label,
    baseline: experiment.baseline,
    curve: average(curves),
    before: mean(losses.before),
    after: mean(losses.after),
    runs,
  };
}
