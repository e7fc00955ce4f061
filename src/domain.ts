/** Inputs that only make sense in a range: labels of ±1, probabilities. Checked whole before anything is written. */
import type { Dtype } from './kernels/jobs.js';
import { elementOf, type Source } from './kernels/source.js';
import type { Domain, Kernels } from './kernels/table.js';

const wanted: Record<Domain, string> = {
  sign: '-1 or 1 (map 0/1 labels with 2 * t - 1)',
  probability: 'a probability in [0, 1] (logits go to binaryCrossEntropyWithLogits)',
};

export function checkDomain(
  fn: string,
  name: string,
  source: Source & { readonly length: number },
  dtype: Dtype,
  domain: Domain,
  kernels: Kernels,
): void {
  const i = kernels.firstOutside(domain, dtype, source, source.length);
  if (i >= 0)
    throw new RangeError(`${fn}: ${name}[${i}] is ${elementOf(source, i)}, expected ${wanted[domain]}`);
}
