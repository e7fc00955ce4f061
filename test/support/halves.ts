/** float16 and bfloat16 bits, widened by hand: what the library must read out of `{ data: Uint16Array, type }`. */
import type { Random } from './random.js';

export type Half = 'float16' | 'bfloat16';

export function widen(bits: number, type: Half): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponentBits = type === 'float16' ? 5 : 8;
  const mantissaBits = 15 - exponentBits;
  const exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
  const mantissa = bits & ((1 << mantissaBits) - 1);
  const bias = (1 << (exponentBits - 1)) - 1;
  if (exponent === (1 << exponentBits) - 1) return mantissa ? NaN : sign * Infinity;
  const scale = 2 ** -mantissaBits;
  if (exponent === 0) return sign * mantissa * scale * 2 ** (1 - bias);
  return sign * (1 + mantissa * scale) * 2 ** (exponent - bias);
}

/** Random bits of numbers with magnitudes between 2^low and 2^high. */
export function randomBits(r: Random, length: number, type: Half, low: number, high: number): Uint16Array {
  const mantissaBits = type === 'float16' ? 10 : 7;
  const bias = type === 'float16' ? 15 : 127;
  return Uint16Array.from({ length }, () => {
    const sign = r.integer(0, 1) << 15;
    const exponent = (r.integer(low, high) + bias) << mantissaBits;
    return sign | exponent | r.integer(0, (1 << mantissaBits) - 1);
  });
}
