/** The check of an array's domain, before a pointwise loss writes anything: a chunk's term is the first element that is outside, or −1. */
import type { Domain, Dtype } from '../../kernels/jobs.js';
import { firstOutside } from '../../kernels/run.js';
import type { Source } from '../../kernels/source.js';
import { sourceOperand } from '../operand.js';
import { type Described, type Family, source } from './family.js';

export function describeCheck(domain: Domain, dtype: Dtype, input: Source): Described {
  return {
    kernel: null,
    modules: [],
    shape: { outer: input.data.length, middle: 1, inner: 1 },
    unit: 1024,
    byInner: false,
    lightness: 4,
    terms: Math.ceil(input.data.length / 1024),
    fields: { dtype, domain },
    numbers: [],
    operands: sourceOperand('input', input, dtype, { kind: 'rows', bulk: true }),
  };
}

export const domain: Pick<Family, 'terms' | 'run'> = {
  terms: ({ chunk }) => [chunk.outer / 1024, Math.ceil(chunk.outers / 1024)],
  run(side, part, terms) {
    const { chunk, fields } = part;
    const bad = firstOutside(
      side,
      fields.domain as Domain,
      fields.dtype as Dtype,
      source(part, 'input'),
      chunk.outers,
    );
    terms.fill(-1);
    if (bad >= 0) terms[0] = chunk.outer + bad;
  },
};
