/** The row-wise job that asks for nothing, for callers to say what they want beside it. */
import type { Dtype, RowJob, RowLayout } from './jobs.js';
import type { Source } from './source.js';

/** Without targets, weights and results. */
export function plainJob(input: Source & { readonly dtype: Dtype }, layout: RowLayout): RowJob {
  const { outer, classes, inner } = layout;
  return {
    dtype: input.dtype,
    outer,
    classes,
    inner,
    input,
    targets: null,
    soft: null,
    classWeight: null,
    readsAllWeights: false,
    gradOutput: null,
    constants: [],
    softcap: 0,
    scale: 1,
    grad: null,
    out: null,
    stats: null,
    totals,
  };
}

/** For those who do not read the totals. */
const totals = new Float64Array(2);
