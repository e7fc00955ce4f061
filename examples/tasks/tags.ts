// (b) The part of speech of a word from its spelling and its neighbours: short rows, many very unequal classes.
import type { Document, Token } from '../data/brown.js';
import { stratifiedSplits } from '../data/split.js';
import { hashFeature, SparseRowsBuilder } from '../lib/features.js';
import { gather } from '../lib/fit.js';
import { classMetrics, confusion } from '../lib/metrics.js';
import type { Experiment, Task } from '../lib/run.js';
import { classExperiments, classNote } from './classes.js';

const WIDTH = 2 ** 15;
const EVERY_SENTENCE = 50;
const MIN_COUNT = 20;
const EDGE = { word: '', tag: '' };

const shape = (word: string, first: boolean): string =>
  `${/^[A-Z]/.test(word) ? (first ? 'First' : 'Upper') : 'lower'}${/\d/.test(word) ? ' digit' : ''}${/-/.test(word) ? ' hyphen' : ''}`;

/** Hashed: the word, its endings and shape, the two neighbours and their endings. */
function* features(sentence: Token[], i: number): Generator<[number, number]> {
  const { word } = sentence[i];
  const lower = word.toLowerCase();
  const before = (sentence[i - 1] ?? EDGE).word.toLowerCase();
  const after = (sentence[i + 1] ?? EDGE).word.toLowerCase();
  const texts = [
    lower,
    lower.slice(-1),
    lower.slice(-2),
    lower.slice(-3),
    shape(word, i === 0),
    before,
    before.slice(-2),
    after,
    after.slice(-2),
  ];
  for (let kind = 0; kind < texts.length; kind++) yield [hashFeature(texts[kind], WIDTH, kind), 1];
}

export function tagTask(documents: Document[]): { task: Task; experiments: Experiment<Int32Array>[] } {
  const sample = documents.flatMap(({ sentences }, d) =>
    sentences.filter((_, s) => s % EVERY_SENTENCE === 0).map((sentence) => ({ sentence, d })),
  );
  const counts = new Map<string, number>();
  for (const { sentence } of sample)
    for (const { tag } of sentence) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const tags = [...counts.keys()].filter((tag) => counts.get(tag)! >= MIN_COUNT).sort();
  const classOf = new Map(tags.map((tag, c) => [tag, c]));

  const builder = new SparseRowsBuilder(WIDTH);
  const owners: number[] = [];
  const labels: number[] = [];
  for (const { sentence, d } of sample) {
    sentence.forEach(({ tag }, i) => {
      const label = classOf.get(tag);
      if (label === undefined) return;
      builder.add(features(sentence, i));
      owners.push(d);
      labels.push(label);
    });
  }
  const targets = Int32Array.from(labels);
  const splits = stratifiedSplits(
    5,
    documents.map(({ genre }) => genre),
    owners,
  );
  const most = Math.max(...tags.map((tag) => counts.get(tag)!));
  const least = Math.min(...tags.map((tag) => counts.get(tag)!));

  const task: Task = {
    title: 'Parts of speech',
    notes: [
      `${labels.length} words of the Brown corpus; ${tags.length} tags of ${least} to ${most} words`,
      `split by document, about ${splits[0].heldOut.length} words held out; mean of ${splits.length} splits`,
      classNote,
    ],
    rows: builder.build(),
    splits,
    fit: { outputs: tags.length, epochs: 3, batchSize: 256, learningRate: 0.05 },
    evaluate: (logits, heldOut) =>
      classMetrics(confusion(logits, gather(targets, heldOut), tags.length), tags.length),
  };
  return { task, experiments: classExperiments(targets, tags.length) };
}
