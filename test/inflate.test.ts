/** The inflate that unpacks the embedded modules, against zlib's deflate: every kind of block, distances up to the window, long codes. */
import { deflateRawSync, constants } from 'node:zlib';
import { expect, test } from 'vitest';
import { inflate } from '../src/kernels/wasm/inflate.js';
import { random } from './support/random.js';

const r = random(7);
/** Bytes of 2^bits values, rare ones ever rarer, with stretches repeated from up to 40,000 back. */
function bytes(size: number, bits: number): Uint8Array {
  const all = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const back = r.integer(1, 40_000);
    if (i > back && r.integer(0, 30) === 0)
      for (const stop = Math.min(size, i + r.integer(3, 400)); i < stop; i++) all[i] = all[i - back]!;
    if (i < size) all[i] = Math.floor(2 ** bits * (r.integer(0, 999) / 1000) ** 9);
  }
  return all;
}

const { Z_FIXED, Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY } = constants;
test.each([
  ['dynamic', { level: 9 }],
  ['dynamic, no matches', { strategy: Z_HUFFMAN_ONLY }],
  ['fixed', { strategy: Z_FIXED }],
  ['stored', { level: 0 }],
  ['small blocks', { level: 6, memLevel: 1, strategy: Z_DEFAULT_STRATEGY }],
] as const)('%s', (_, options) => {
  for (const size of [0, 1, 2, 300, 65_535, 65_536, 250_001])
    for (const bits of [0, 3, 8]) {
      const want = bytes(size, bits);
      expect(Buffer.from(inflate(deflateRawSync(want, options), size)).equals(want), `${size}, ${bits}`).toBe(
        true,
      );
    }
});
