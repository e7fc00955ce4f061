/** Sigmoid as a pointwise job: it is the gradient of binary cross-entropy against 0. */
import type { Dtype, Real } from '../jobs.js';
import type { Source } from '../source.js';
import { binary } from './embedded/binary.js';
import { runPointwise } from './pointwise.js';

const kernel = { name: 'sigmoid', module: binary };

export function runSigmoid(dtype: Dtype, input: Source, length: number, out: Real): void {
  runPointwise(kernel, {
    dtype,
    length,
    input,
    target: input,
    other: null,
    domains: null,
    weight: null,
    posWeight: null,
    gradOutput: null,
    constants: [],
    scale: 1,
    grad: out,
    otherGrad: null,
    out: null,
    rows: null,
  });
}
