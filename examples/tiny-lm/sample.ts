// Sentences that the model goes on with, a word at a time from its likeliest ones.
import { topLogProbs } from 'losskit';
import { HIDDEN, type Model } from './model.js';
import { BOUNDARY, CONTEXT, UNKNOWN } from './text.js';

/** Scores of one position: the only logits that this example makes itself. */
function logitsOf(model: Model, tokens: number[]): Float32Array {
  const text = { tokens: Int32Array.from(tokens), positions: Int32Array.of(tokens.length) };
  const { hidden } = model.forward(text);
  return model.bias.value.map((bias, word) => {
    let sum = bias;
    for (let h = 0; h < HIDDEN; h++) sum += hidden[h] * model.head.value[word * HIDDEN + h];
    return sum;
  });
}

export function continuation(
  model: Model,
  words: string[],
  prompt: string,
  random: () => number,
  longest = 18,
): string {
  const tokens = new Array<number>(CONTEXT).fill(BOUNDARY);
  for (const word of prompt.split(' ')) tokens.push(words.indexOf(word));
  const end = tokens.length + longest;
  while (tokens.length < end) {
    const { indices, logProbs } = topLogProbs(logitsOf(model, tokens), { k: 30, temperature: 0.8 });
    const weights = Array.from(logProbs, (p, i) => (indices[i] === UNKNOWN ? 0 : Math.exp(p)));
    let left = random() * weights.reduce((a, b) => a + b);
    const drawn = weights.findIndex((weight) => (left -= weight) < 0);
    if (indices[drawn] === BOUNDARY) break;
    tokens.push(indices[drawn]);
  }
  return tokens
    .slice(CONTEXT)
    .map((token) => words[token])
    .join(' ')
    .replace(/ ([,.;:?!)]|'')(?= |$)/g, '$1')
    .replace(/(``|\() /g, '$1');
}
