/** Connectionist temporal classification: chunks are whole samples, whose frames lie a batch apart. */
import type { Dtype } from '../../kernels/jobs.js';
import { runCtc } from '../../kernels/run.js';
import { ctc as module } from '../../kernels/wasm/embedded/ctc.js';
import type { CtcWork } from '../../work.js';
import { indexOperand, resultOperand, sourceOperand } from '../operand.js';
import { type Family, result, source, sourceOrNull } from './family.js';

export const ctc: Family<CtcWork> = {
  describe({ job }) {
    const { dtype, frames, samples, classes, input, labels, starts, lengths, gradOutput } = job;
    const all = { kind: 'all', bulk: true } as const;
    const each = { kind: 'rows', ratio: classes } as const;
    return {
      kernel: null,
      modules: [module],
      shape: { outer: 1, middle: frames, inner: samples * classes },
      unit: classes,
      byInner: true,
      lightness: 0.25,
      terms: samples,
      fields: {
        dtype,
        classes,
        blank: job.blank,
        fromLogits: job.fromLogits,
        zeroInfinity: job.zeroInfinity,
        perLabel: job.perLabel,
      },
      numbers: [job.scale],
      operands: [
        ...sourceOperand('input', input, dtype, all),
        ...indexOperand('labels', labels, { kind: 'whole' }),
        ...indexOperand('starts', starts, { kind: 'whole' }),
        ...indexOperand('lengths', lengths, each),
        ...sourceOperand('gradOutput', gradOutput, dtype, each),
        ...resultOperand('grad', job.grad, all),
        ...resultOperand('out', job.out, each),
      ],
    };
  },
  terms({ chunk, fields }) {
    const classes = fields.classes as number;
    return [chunk.inner / classes, chunk.inners / classes];
  },
  run(side, part, terms) {
    const { shape, chunk, fields, numbers, arrays } = part;
    const classes = fields.classes as number;
    const first = chunk.inner / classes;
    const samples = chunk.inners / classes;
    runCtc(side, null, {
      dtype: fields.dtype as Dtype,
      frames: shape.middle,
      samples,
      classes,
      input: source(part, 'input'),
      fromLogits: fields.fromLogits as boolean,
      labels: arrays.labels as Int32Array,
      starts: (arrays.starts as Int32Array).subarray(first, first + samples + 1),
      lengths: arrays.lengths as Int32Array,
      blank: fields.blank as number,
      zeroInfinity: fields.zeroInfinity as boolean,
      perLabel: fields.perLabel as boolean,
      gradOutput: sourceOrNull(part, 'gradOutput'),
      scale: numbers[0],
      grad: result(part, 'grad'),
      out: result(part, 'out'),
      terms,
    });
  },
};
