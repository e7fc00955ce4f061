/** The fallback's sigmoid: no loss, but the same scalars. `out` may be the input array. */
import type { Real } from '../jobs.js';
import { readSource, type Source } from '../source.js';
import { sigmoidOf } from './scalar.js';

const stretch = 1024;
let temporary: Float64Array | undefined;

/** out[i] = σ(source[i]) for i in [0, n). */
export function sigmoid(source: Source, n: number, out: Real): void {
  const x = (temporary ??= new Float64Array(stretch));
  for (let at = 0; at < n; at += stretch) {
    const count = Math.min(stretch, n - at);
    readSource(source, at, count, x, 0);
    for (let i = 0; i < count; i++) out[at + i] = sigmoidOf(x[i]);
  }
}
