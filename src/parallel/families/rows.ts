/** Losses of rows: chunks are whole rows, which every kernel gives the same bits alone and together. */
import type { Dtype, Real } from '../../kernels/jobs.js';
import { plainJob } from '../../kernels/plainJob.js';
import type { RowKernel } from '../../kernels/kernel.js';
import { runRows } from '../../kernels/run.js';
import type { RowWork } from '../../work.js';
import { resultOperand, sourceOperand, targetsOperand } from '../operand.js';
import { type Family, result, source, sourceOrNull } from './family.js';

export const rows: Family<RowWork> = {
  describe({ kernel, job }) {
    // Rows that are not worth copying are not worth handing over.
    if (!kernel.module) return null;
    const { dtype, outer, classes, inner, input, soft, targets, classWeight, gradOutput } = job;
    const all = { kind: 'all', bulk: true } as const;
    return {
      kernel,
      modules: [kernel.module],
      shape: { outer, middle: classes, inner },
      unit: 1,
      byInner: false,
      lightness: 1,
      terms: 2 * outer * inner,
      fields: { dtype, readsAllWeights: job.readsAllWeights },
      numbers: [job.scale, job.softcap, ...job.constants],
      operands: [
        ...sourceOperand('input', input, dtype, all),
        ...sourceOperand('soft', soft, dtype, all),
        ...targetsOperand(targets, outer * inner),
        ...sourceOperand('classWeight', classWeight && { data: classWeight, format: 'same' }, dtype, {
          kind: 'whole',
        }),
        ...sourceOperand('gradOutput', gradOutput, dtype, { kind: 'rows' }),
        ...resultOperand('grad', job.grad, all),
        ...resultOperand('out', job.out, { kind: 'rows' }),
        ...resultOperand('entropy', job.stats?.entropy, { kind: 'rows' }),
        ...resultOperand('argmax', job.stats?.argmax, { kind: 'rows' }),
      ],
    };
  },
  terms({ shape, chunk }) {
    return [2 * (chunk.outer * shape.inner + chunk.inner), 2 * chunk.outers * chunk.inners];
  },
  run(side, part, terms) {
    const { shape, chunk, fields, numbers, arrays } = part;
    const dtype = fields.dtype as Dtype;
    const classes = arrays.targets as Int32Array | undefined;
    const entropy = result(part, 'entropy');
    runRows(side, part.kernel as RowKernel, {
      ...plainJob(
        { ...source(part, 'input'), dtype },
        { outer: chunk.outers, classes: shape.middle, inner: chunk.inners },
      ),
      soft: sourceOrNull(part, 'soft'),
      targets: classes
        ? {
            direct: classes,
            ignoreIndex: -1,
            read: (start, count, into, at) => into.set(classes.subarray(start, start + count), at),
          }
        : null,
      classWeight: (arrays.classWeight as Real | undefined) ?? null,
      readsAllWeights: fields.readsAllWeights as boolean,
      gradOutput: sourceOrNull(part, 'gradOutput'),
      constants: numbers.slice(2),
      softcap: numbers[1],
      scale: numbers[0],
      grad: result(part, 'grad'),
      out: result(part, 'out'),
      stats: entropy && { entropy, argmax: arrays.argmax as Int32Array },
      totals: new Float64Array(2),
      terms,
    });
  },
};
