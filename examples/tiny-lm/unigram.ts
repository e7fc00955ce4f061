// The model to beat: each word by its frequency alone, with add-one smoothing.
import type { Text } from './text.js';

/** log p of every word of the vocabulary. */
export function unigram({ tokens, positions }: Text, words: number): Float32Array {
  const counts = new Float64Array(words).fill(1);
  for (const position of positions) counts[tokens[position]]++;
  const total = positions.length + words;
  return Float32Array.from(counts, (count) => Math.log(count / total));
}

export function unigramPerplexity(logProbs: Float32Array, { tokens, positions }: Text): number {
  let sum = 0;
  for (const position of positions) sum -= logProbs[tokens[position]];
  return Math.exp(sum / positions.length);
}
