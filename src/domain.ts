/** Inputs that only make sense in a range: labels of ±1, probabilities. */
import type { Domain, Domains } from './kernels/jobs.js';
import { elementOf, type Source } from './kernels/source.js';

const wanted: Record<Domain, string> = {
  sign: '-1 or 1 (map 0/1 labels with 2 * t - 1)',
  probability: 'a probability in [0, 1] (logits go to binaryCrossEntropyWithLogits)',
};

/** The domains of one call, with the error for the first element outside. */
export function domainsOf(
  fn: string,
  domain: { readonly input?: Domain; readonly target?: Domain },
  sources: { readonly input: Source; readonly target: Source },
): Domains {
  return {
    input: domain.input ?? null,
    target: domain.target ?? null,
    refuse(operand, i) {
      const found = elementOf(sources[operand], i);
      throw new RangeError(`${fn}: ${operand}[${i}] is ${found}, expected ${wanted[domain[operand]!]}`);
    },
  };
}
