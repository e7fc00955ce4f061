/** Labels in the forms of tf.losses, read for kernels that take others: one-hot rows as class indices, 0 and 1 as −1 and 1. Knows arrays alone. */

const ONE = 0x3f800000; // the bits of 1

/** The classes of rows that all have a single 1 and else zeros; null for any others, which it mostly sees in the first row. */
export function oneHotClasses(labels: Float32Array, classes: number): Int32Array | null {
  const { buffer, byteOffset, length } = labels;
  const pairs = byteOffset % 8 === 0 ? new Float64Array(buffer, byteOffset, length >> 1) : null;
  const rows = length / classes;
  const found = new Int32Array(rows);
  for (let row = 0, from = 0, to = classes; row < rows; row++, from = to, to += classes) {
    const hot = firstOther(labels, pairs, from, to);
    if (hot === to || labels[hot] !== 1 || firstOther(labels, pairs, hot + 1, to) !== to) return null;
    found[row] = hot - from;
  }
  return found;
}

/**
 * The first of [from, to) that is not 0, or `to`. Zeros are passed by in pairs, as float64, with no decision for 16 of them: four times as fast as
 * one by one. A pair is not 0 where either number is not (−0 may be taken for either).
 */
function firstOther(labels: Float32Array, pairs: Float64Array | null, from: number, to: number): number {
  const { abs } = Math;
  let i = from;
  if (pairs) {
    if (i < to && i % 2 === 1) {
      if (labels[i] !== 0) return i;
      i++;
    }
    for (; i + 32 <= to; i += 32) {
      const p = i >> 1;
      const a = abs(pairs[p]) + abs(pairs[p + 1]) + (abs(pairs[p + 2]) + abs(pairs[p + 3]));
      const b = abs(pairs[p + 4]) + abs(pairs[p + 5]) + (abs(pairs[p + 6]) + abs(pairs[p + 7]));
      const c = abs(pairs[p + 8]) + abs(pairs[p + 9]) + (abs(pairs[p + 10]) + abs(pairs[p + 11]));
      const d = abs(pairs[p + 12]) + abs(pairs[p + 13]) + (abs(pairs[p + 14]) + abs(pairs[p + 15]));
      if (a + b + (c + d) !== 0) break;
    }
  }
  while (i < to && labels[i] === 0) i++;
  return i;
}

/** 2 label − 1; null where a label is neither 0 nor 1. On the bits, of which one says which it is: random labels make bad branches. */
export function signs(labels: Float32Array): Float32Array | null {
  const bits = new Int32Array(labels.buffer, labels.byteOffset, labels.length);
  const signed = new Int32Array(bits.length);
  let others = 0;
  for (let i = 0; i < bits.length; i++) {
    const one = (bits[i] >> 23) & 1;
    others |= bits[i] ^ (-one & ONE);
    signed[i] = (ONE | 0x80000000) ^ (one << 31);
  }
  return others === 0 ? new Float32Array(signed.buffer) : null;
}
