/** Domain checks of the fallback: every element is looked at before anything is written. */
import type { Domain, Operand, PointwiseJob } from '../jobs.js';
import { elementOf, type Source } from '../source.js';

export function checkDomains({ domains, input, target, other, length }: PointwiseJob): void {
  if (!domains) return;
  const { wanted } = domains;
  const check = (operand: Operand, source: Source, count: number): void => {
    const bad = wanted[operand] ? firstOutside(wanted[operand], source, count) : -1;
    if (bad >= 0) domains.refuse(operand, bad);
  };
  check('input', input, length);
  check('target', target, length);
  if (other) check('other', other.source, other.source.data.length);
}

/** The first of `length` elements outside the domain, or -1. A NaN is no label, but may be a probability or a variance. */
export function firstOutside(domain: Domain, source: Source, length: number): number {
  const plain =
    source.format === 'same' || source.format === 'numbers' ? (source.data as ArrayLike<number>) : null;
  const low = domain === 'sign' ? -1 : 0;
  const high = domain === 'variance' ? Infinity : 1;
  for (let i = 0; i < length; i++) {
    const x = plain ? plain[i] : elementOf(source, i);
    if (domain === 'sign' ? x !== low && x !== high : x < low || x > high) return i;
  }
  return -1;
}
