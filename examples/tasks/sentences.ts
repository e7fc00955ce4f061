// (c) The mean sentence length of a document from the shares of its parts of speech, with some labels gone wrong.
import { huberLoss, l1Loss, mseLoss, smoothL1Loss } from 'losskit';
import type { Document } from '../data/brown.js';
import { stratifiedSplits } from '../data/split.js';
import { SparseRowsBuilder } from '../lib/features.js';
import { regressionMetrics } from '../lib/metrics.js';
import { mulberry32 } from '../lib/random.js';
import type { Experiment, Task } from '../lib/run.js';
import type { Column } from '../report/verdict.js';

const CORRUPT_SHARE = 0.05;
const CORRUPT_FACTOR = 5;

export const sentenceColumns: Column[] = [
  { key: 'mae', title: 'MAE', digits: 2, better: 'lower' },
  { key: 'rmse', title: 'RMSE', digits: 2, better: 'lower' },
  { key: 'median', title: 'median error', digits: 2, better: 'lower' },
];

const isWord = (tag: string): boolean => /[a-z]/.test(tag);

/** How often each part of speech occurs. Punctuation is left out: its full stops would count the sentences. */
function countTags({ sentences }: Document): Map<string, number> {
  const counts = new Map<string, number>();
  for (const sentence of sentences)
    for (const { tag } of sentence) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  for (const tag of counts.keys()) if (!isWord(tag)) counts.delete(tag);
  return counts;
}

/** Every column to mean 0 and standard deviation 1, so that one learning rate suits all. */
function standardise(table: number[][]): number[][] {
  const columns = table[0].map((_, c) => {
    const mean = table.reduce((sum, row) => sum + row[c], 0) / table.length;
    const variance = table.reduce((sum, row) => sum + (row[c] - mean) ** 2, 0) / table.length;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
  return table.map((row) => row.map((value, c) => (value - columns[c].mean) / columns[c].deviation));
}

export function sentenceTask(documents: Document[]): { task: Task; experiments: Experiment<Float32Array>[] } {
  const counts = documents.map(countTags);
  const words = counts.map((count) => [...count.values()].reduce((a, b) => a + b, 0));
  const tags = [...new Set(counts.flatMap((count) => [...count.keys()]))].sort();
  const shares = counts.map((count, d) => tags.map((tag) => (count.get(tag) ?? 0) / words[d]));
  const builder = new SparseRowsBuilder(tags.length + 1);
  for (const row of standardise(shares)) builder.add(row.map((value, t) => [t + 1, value] as const));

  // The labels are measured from the median in half interquartile ranges, which a few wrong labels hardly move;
  // mean and standard deviation would be stretched by the very outliers that the losses are to be tried on.
  const truth = documents.map(({ sentences }, d) => words[d] / sentences.length);
  const sorted = [...truth].sort((a, b) => a - b);
  const quantile = (q: number): number => sorted[Math.round(q * (sorted.length - 1))];
  const centre = quantile(0.5);
  const unit = (quantile(0.75) - quantile(0.25)) / 2;
  const scaled = (lengths: number[]): Float32Array =>
    Float32Array.from(lengths, (length) => (length - centre) / unit);

  const random = mulberry32(7);
  const recorded = truth.map((length) => (random() < CORRUPT_SHARE ? CORRUPT_FACTOR * length : length));
  const corrupt = recorded.filter((length, d) => length !== truth[d]).length;
  const [clean, targets] = [scaled(truth), scaled(recorded)];
  const splits = stratifiedSplits(
    10,
    documents.map(({ genre }) => genre),
    documents.map((_, d) => d),
  );

  const task: Task = {
    title: 'Sentence length',
    notes: [
      `words per sentence of ${documents.length} documents from the shares of ${tags.length} parts of speech; errors in words`,
      `outliers: ${corrupt} labels are made ${CORRUPT_FACTOR} times too long for training; the held-out labels are always the true ones`,
      `huber: delta 1 where not said otherwise; smoothL1: beta 0.3; both in half interquartile ranges, here ${unit.toFixed(1)} words`,
      `about ${splits[0].heldOut.length} documents held out; mean of ${splits.length} splits`,
    ],
    rows: builder.build(),
    splits,
    fit: { outputs: 1, epochs: 60, batchSize: 32, learningRate: 0.03 },
    evaluate: (outputs, heldOut) =>
      regressionMetrics(
        outputs.map((output) => output * unit + centre),
        Array.from(heldOut, (d) => truth[d]),
      ),
  };
  const smoothL1 = smoothL1Loss.with({ beta: 0.3 });
  const pure = { targets: clean, baseline: 'mse, true labels' };
  const mixed = { targets, heldOutTargets: clean, baseline: 'mse, outliers' };
  const experiments: Experiment<Float32Array>[] = [
    { label: 'mse, true labels', ...pure, criterion: () => mseLoss },
    { label: 'l1, true labels', ...pure, criterion: () => l1Loss },
    { label: 'huber, true labels', ...pure, criterion: () => huberLoss },
    { label: 'smoothL1, true labels', ...pure, criterion: () => smoothL1 },
    { label: 'mse, outliers', ...mixed, criterion: () => mseLoss },
    { label: 'l1, outliers', ...mixed, criterion: () => l1Loss },
    { label: 'huber, outliers', ...mixed, criterion: () => huberLoss },
    { label: 'smoothL1, outliers', ...mixed, criterion: () => smoothL1 },
    { label: 'huber, delta 5, outliers', ...mixed, criterion: () => huberLoss.with({ delta: 5 }) },
  ];
  return { task, experiments };
}
