// The words whose vectors point the same way: what the model has learned to treat alike.
import { EMBEDDING } from './embedding.js';

export function neighbours(vectors: Float32Array, words: string[], word: string, count: number): string[] {
  const vector = (i: number) => vectors.subarray(i * EMBEDDING, (i + 1) * EMBEDDING);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const own = vector(words.indexOf(word));
  return words
    .map((other, i) => ({ other, cosine: dot(own, vector(i)) / Math.sqrt(dot(vector(i), vector(i))) }))
    .filter(({ other }) => other !== word)
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, count)
    .map(({ other }) => other);
}
