/** Domain checks of the fallback: every element is looked at before anything is written. */
import type { Dtype } from '../jobs.js';
import { elementOf, type Source } from '../source.js';
import type { Domain } from '../table.js';

/** The first element outside the domain, or -1. */
export function firstOutside(domain: Domain, _dtype: Dtype, source: Source, length: number): number {
  const plain =
    source.format === 'same' || source.format === 'numbers' ? (source.data as ArrayLike<number>) : null;
  for (let i = 0; i < length; i++) {
    const x = plain ? plain[i] : elementOf(source, i);
    if (domain === 'sign' ? x !== 1 && x !== -1 : x < 0 || x > 1) return i;
  }
  return -1;
}
