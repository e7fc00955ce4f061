// (b) Which of 15 genres a passage is from: long rows, few and very unequal classes.
import { type Document, genreNames } from '../data/brown.js';
import { stratifiedSplits } from '../data/split.js';
import { bagOfWords, SparseRowsBuilder } from '../lib/features.js';
import { gather } from '../lib/fit.js';
import { classMetrics, confusion } from '../lib/metrics.js';
import type { Experiment, Task } from '../lib/run.js';
import { classExperiments, classNote } from './classes.js';

const WIDTH = 2 ** 14;
const PASSAGE_WORDS = 200;

/** Whole sentences, put together until there are at least 200 words; a shorter rest at the end is left out. */
function* passages(document: Document): Generator<string[]> {
  let words: string[] = [];
  for (const sentence of document.sentences) {
    for (const { word } of sentence) words.push(word.toLowerCase());
    if (words.length >= PASSAGE_WORDS) {
      yield words;
      words = [];
    }
  }
}

export function genreTask(documents: Document[]): { task: Task; experiments: Experiment<Int32Array>[] } {
  const builder = new SparseRowsBuilder(WIDTH);
  const owners: number[] = [];
  documents.forEach((document, d) => {
    for (const words of passages(document)) {
      builder.add(bagOfWords(words, WIDTH));
      owners.push(d);
    }
  });
  const classes = genreNames.length;
  const genreOfDocument = documents.map(({ genre }) => genre);
  const targets = Int32Array.from(owners, (d) => genreOfDocument[d]);
  const splits = stratifiedSplits(5, genreOfDocument, owners);
  const sizes = genreNames.map((_, c) => genreOfDocument.filter((genre) => genre === c).length);

  const task: Task = {
    title: 'Genres',
    notes: [
      `${owners.length} passages of the Brown corpus; ${classes} genres of ${Math.min(...sizes)} to ${Math.max(...sizes)} documents`,
      `split by document, about ${splits[0].heldOut.length} passages held out; mean of ${splits.length} splits`,
      classNote,
    ],
    rows: builder.build(),
    splits,
    fit: { outputs: classes, epochs: 3, batchSize: 64, learningRate: 0.05 },
    evaluate: (logits, heldOut) =>
      classMetrics(confusion(logits, gather(targets, heldOut), classes), classes),
  };
  return { task, experiments: classExperiments(targets, classes) };
}
