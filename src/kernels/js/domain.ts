/** Domain checks of the fallback: every element is looked at before anything is written. */
import type { Domain, PointwiseJob } from '../jobs.js';
import { elementOf, type Source } from '../source.js';

export function checkDomains({ domains, input, target, length }: PointwiseJob): void {
  if (!domains) return;
  const badInput = domains.input ? firstOutside(domains.input, input, length) : -1;
  if (badInput >= 0) domains.refuse('input', badInput);
  const badTarget = domains.target ? firstOutside(domains.target, target, length) : -1;
  if (badTarget >= 0) domains.refuse('target', badTarget);
}

/** The first element outside the domain, or -1. */
function firstOutside(domain: Domain, source: Source, length: number): number {
  const plain =
    source.format === 'same' || source.format === 'numbers' ? (source.data as ArrayLike<number>) : null;
  for (let i = 0; i < length; i++) {
    const x = plain ? plain[i] : elementOf(source, i);
    if (domain === 'sign' ? x !== 1 && x !== -1 : x < 0 || x > 1) return i;
  }
  return -1;
}
