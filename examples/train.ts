// npm start: trains linear models on real text with the losses of losskit and shows what their parameters do.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { backend } from 'losskit';
import { loadBrown } from './data/brown.js';
import type { Targets } from './lib/fit.js';
import { type Experiment, mean, type Outcome, run, type Task } from './lib/run.js';
import { lossChart, type Panel } from './report/chart.js';
import { Progress } from './report/progress.js';
import { printTable } from './report/table.js';
import { type Column, verdict } from './report/verdict.js';
import { compareBackends, timed } from './tasks/backends.js';
import { classColumns } from './tasks/classes.js';
import { genreTask } from './tasks/genres.js';
import { sentenceColumns, sentenceTask } from './tasks/sentences.js';
import { spamColumns, spamTask } from './tasks/spam.js';
import { tagTask } from './tasks/tags.js';

const progress = new Progress(25);
const panels: Panel[] = [];
const begin = performance.now();

/**
 * The 1.16 million words of the corpus live only as long as this call: kept, they would make every garbage collection of
 * the training long, and the times in (d) with it.
 */
function loadTasks() {
  const documents = loadBrown();
  return {
    spam: spamTask(),
    genres: genreTask(documents),
    tags: tagTask(documents),
    sentences: sentenceTask(documents),
  };
}

function compare<T extends Targets>(
  name: string,
  { task, experiments }: { task: Task; experiments: Experiment<T>[] },
  columns: Column[],
): void {
  console.log(`\n${name} ${task.title}`);
  for (const note of task.notes) console.log(`  ${note}`);
  console.log('  mean training loss before training and while it goes on:');
  const outcomes = experiments.map((experiment) => run(task, experiment, progress));
  printOutcomes(outcomes, columns);
  panels.push({
    title: task.title,
    epochs: task.fit.epochs,
    series: outcomes.map(({ label, curve }) => ({ label, values: curve })),
  });
}

/** Losses and metrics are those of the held-out rows. */
function printOutcomes(outcomes: Outcome[], columns: Column[]): void {
  printTable(
    ['held out', 'loss before', 'after', ...columns.map(({ title }) => title), 'against the baseline above'],
    outcomes.map((outcome) => [
      outcome.label,
      outcome.before.toFixed(3),
      outcome.after.toFixed(3),
      ...columns.map(({ key, digits }) => mean(outcome.runs.map((one) => one[key])).toFixed(digits)),
      verdict(outcome, outcomes.find(({ label }) => label === outcome.baseline) ?? outcomes[0], columns),
    ]),
  );
}

console.log(`losskit on Node ${process.version}, backend ${backend()}, ${availableParallelism()} cores`);
const { spam, genres, tags, sentences } = loadTasks();
console.log(`Both data sets read and hashed in ${((performance.now() - begin) / 1000).toFixed(1)} s.`);
console.log(
  'The last column of a table names only differences that a corrected t-test over the splits puts beyond chance (95 %);',
);
console.log('where there is none, such a test still finds one in twenty times.');

compare('(a)', spam, spamColumns);
compare('(b)', genres, classColumns);
compare('(b)', tags, classColumns);
compare('(c)', sentences, sentenceColumns);

console.log('\n(d) Time spent in the loss');
console.log('  the model and Adam are plain loops in either case; only the loss changes its backend');
compareBackends([timed('spam, BCE', spam), timed('genres, CE', genres), timed('tags, CE', tags)], progress);

const chart = lossChart('Training loss as a part of the loss before training', panels);
const targets = [new URL('./out/losses.svg', import.meta.url)];
if (process.argv.includes('--readme')) targets.push(new URL('../docs/loss-curves.svg', import.meta.url));
for (const target of targets) {
  mkdirSync(new URL('.', target), { recursive: true });
  writeFileSync(target, chart);
}
console.log('\nThe loss curves are in examples/out/losses.svg.');
console.log(`Done in ${((performance.now() - begin) / 1000).toFixed(1)} s.`);
