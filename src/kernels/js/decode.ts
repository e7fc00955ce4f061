/** Reads sources of any format into the fallback's temporary arrays without allocating. Knows formats, not losses. */
import type { Pattern, Real } from '../jobs.js';
import { decodeBfloat16, decodeFloat16, type Source } from '../source.js';

/** into[i] = element start + i * step of `source`, for i in [0, count). */
export function decode(source: Source, start: number, step: number, count: number, into: Real): void {
  const data = source.data as ArrayLike<number>;
  switch (source.format) {
    case 'same':
    case 'numbers':
      for (let i = 0, at = start; i < count; i++, at += step) into[i] = data[at];
      return;
    case 'float16':
      for (let i = 0, at = start; i < count; i++, at += step) into[i] = decodeFloat16(data[at]);
      return;
    case 'bfloat16':
      for (let i = 0, at = start; i < count; i++, at += step) into[i] = decodeBfloat16(data[at]);
      return;
    case 'values':
      for (let i = 0, at = start; i < count; i++, at += step) into[i] = Number(data[at]);
  }
}

const single = new Float64Array(1);

function valueAt(source: Source, index: number): number {
  decode(source, index, 1, 1, single);
  return single[0];
}

/** into[i] = what `pattern` has for element start + i, for i in [0, count). */
export function expand(pattern: Pattern, start: number, count: number, into: Float64Array): void {
  const { source, inner } = pattern;
  const period = source.data.length;
  if (inner === 1 && start + count <= period) {
    decode(source, start, 1, count, into);
    return;
  }
  let index = Math.floor(start / inner) % period;
  let left = inner - (start % inner);
  for (let i = 0; i < count;) {
    const value = valueAt(source, index);
    const end = Math.min(count, i + left);
    while (i < end) into[i++] = value;
    left = inner;
    if (++index === period) index = 0;
  }
}
