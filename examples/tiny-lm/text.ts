// The Brown corpus as word numbers: a vocabulary from the training documents, and what comes before each word.
import { loadBrown } from '../data/brown.js';

export const VOCABULARY = 8192;
/** Words of context: the model sees nothing before them. */
export const CONTEXT = 4;
/** Stands between sentences: as a target, it is the end of one. */
export const BOUNDARY = 0;
/** Every word outside the vocabulary. */
export const UNKNOWN = 1;

export interface Text {
  tokens: Int32Array;
  /** Where the tokens to predict are: each has CONTEXT tokens of its own document before it. */
  positions: Int32Array;
}

export interface Corpus {
  words: string[];
  training: Text;
  heldOut: Text;
}

function vocabularyOf(documents: string[][][]): string[] {
  const counts = new Map<string, number>();
  for (const sentences of documents)
    for (const sentence of sentences)
      for (const word of sentence) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).map(([word]) => word);
  return ['<s>', '<unk>', ...frequent.slice(0, VOCABULARY - 2)];
}

function numbered(documents: string[][][], numbers: Map<string, number>): Text {
  const tokens: number[] = [];
  const positions: number[] = [];
  for (const sentences of documents) {
    // A document starts afresh: the last words of another one tell nothing about its first.
    for (let i = 0; i < CONTEXT; i++) tokens.push(BOUNDARY);
    for (const sentence of sentences)
      for (const token of [...sentence.map((word) => numbers.get(word) ?? UNKNOWN), BOUNDARY]) {
        positions.push(tokens.length);
        tokens.push(token);
      }
  }
  return { tokens: Int32Array.from(tokens), positions: Int32Array.from(positions) };
}

/** Every tenth document is held out, so that each genre is in both parts. */
export function loadCorpus(): Corpus {
  const documents = loadBrown().map(({ sentences }) =>
    sentences.map((sentence) => sentence.map(({ word }) => word.toLowerCase())),
  );
  const training = documents.filter((_, i) => i % 10 !== 9);
  const words = vocabularyOf(training);
  const numbers = new Map(words.map((word, i) => [word, i]));
  return {
    words,
    training: numbered(training, numbers),
    heldOut: numbered(
      documents.filter((_, i) => i % 10 === 9),
      numbers,
    ),
  };
}
