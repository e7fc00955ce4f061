/**
 * Raw deflate (RFC 1951) back to bytes: the embedded modules are a quarter as long this way, and a browser has no synchronous inflate.
 * For the streams of scripts/embed.mjs: nothing is checked here, and a damaged one does not compile. It knows no module.
 */

/** Order in which a block gives the lengths of the code that its code lengths are in. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A prefix code as a table by the next `bits` bits: symbol · 16 + bits taken. */
interface Code {
  table: Uint16Array;
  bits: number;
}

function codeOf(lengths: ArrayLike<number>): Code {
  let bits = 1;
  for (let i = 0; i < lengths.length; i++) bits = Math.max(bits, lengths[i]);
  const table = new Uint16Array(1 << bits);
  let code = 0;
  for (let length = 1; length <= bits; length++, code <<= 1) {
    for (let i = 0; i < lengths.length; i++) {
      if (lengths[i] !== length) continue;
      let reversed = 0; // codes come with their first bit lowest
      for (let b = 0; b < length; b++) reversed |= ((code >> b) & 1) << (length - 1 - b);
      for (let at = reversed; at < table.length; at += 1 << length) table[at] = (i << 4) | length;
      code++;
    }
  }
  return { table, bits };
}

const filled = (count: number, length: number): number[] => new Array<number>(count).fill(length);
const FIXED: readonly (readonly number[])[] = [
  [...filled(144, 8), ...filled(112, 9), ...filled(24, 7), ...filled(8, 8)],
  filled(30, 5),
];

/** The `size` bytes that `source` holds. */
export function inflate(source: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  let at = 0,
    end = 0,
    held = 0,
    bits = 0;

  const need = (count: number): void => {
    for (; bits < count; bits += 8) held |= source[at++] << bits;
  };
  const take = (count: number): number => {
    need(count);
    const value = held & ((1 << count) - 1);
    held >>>= count;
    bits -= count;
    return value;
  };
  const symbol = ({ table, bits: longest }: Code): number => {
    need(longest);
    const entry = table[held & (table.length - 1)];
    take(entry & 15);
    return entry >> 4;
  };

  /** The lengths of a block's two codes, run-length coded in a third. */
  const lengths = (): [number[], number[]] => {
    const literals = take(5) + 257,
      distances = take(5) + 1,
      own = filled(19, 0);
    for (let i = 0, count = take(4) + 4; i < count; i++) own[ORDER[i]] = take(3);
    const code = codeOf(own),
      all: number[] = [];
    while (all.length < literals + distances) {
      const length = symbol(code);
      if (length < 16) all.push(length);
      else if (length === 16) all.push(...filled(3 + take(2), all[all.length - 1]));
      else all.push(...filled(length === 17 ? 3 + take(3) : 11 + take(7), 0));
    }
    return [all.slice(0, literals), all.slice(literals)];
  };

  const compressed = (literal: Code, distance: Code): void => {
    for (let next = symbol(literal); next !== 256; next = symbol(literal)) {
      if (next < 256) out[end++] = next;
      else {
        const length = next - 257,
          more = length < 8 || length === 28 ? 0 : (length >> 2) - 1,
          count =
            length < 8 ? length + 3 : length === 28 ? 258 : 3 + ((4 + (length & 3)) << more) + take(more);
        const far = symbol(distance),
          farther = far < 4 ? 0 : (far >> 1) - 1,
          back = far < 4 ? far + 1 : 1 + ((2 + (far & 1)) << farther) + take(farther);
        for (const stop = end + count; end < stop; end++) out[end] = out[end - back];
      }
    }
  };

  for (let last = 0; !last;) {
    last = take(1);
    const kind = take(2);
    if (kind === 0) {
      take(bits & 7);
      const count = take(8) | (take(8) << 8);
      take(8);
      take(8);
      for (const stop = end + count; end < stop; end++) out[end] = take(8);
    } else {
      const [literal, distance] = kind === 1 ? FIXED : lengths();
      compressed(codeOf(literal), codeOf(distance));
    }
  }
  return out;
}
