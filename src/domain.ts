/** Inputs that only make sense in a range: labels of ±1, probabilities, variances. */
import type { Domain, Domains, Operand } from './kernels/jobs.js';
import { elementOf, type Source } from './kernels/source.js';

const expected: Record<Domain, string> = {
  sign: '-1 or 1 (map 0/1 labels with 2 * t - 1)',
  probability:
    'a probability in [0, 1] (logits go through sigmoid or softmax first, or to a loss with logits)',
  variance: 'a variance >= 0 (of a logarithm of the variance, pass its exp)',
};

/** The domains of one pointwise call, with the error for the first element outside. `names` and `sources` by operand. */
export function domainsOf(
  fn: string,
  wanted: Domains['wanted'],
  names: Readonly<Partial<Record<Operand, string>>>,
  sources: Readonly<Partial<Record<Operand, Source>>>,
): Domains {
  return {
    wanted,
    refuse: (operand, i) => refuse(fn, names[operand]!, wanted[operand]!, sources[operand]!, i),
  };
}

export function refuse(fn: string, name: string, domain: Domain, source: Source, i: number): never {
  throw new RangeError(`${fn}: ${name}[${i}] is ${elementOf(source, i)}, expected ${expected[domain]}`);
}
