/** Losses of rows of embeddings: chunks are whole rows. */
import type { Dtype } from '../../kernels/jobs.js';
import type { EmbeddingKernel } from '../../kernels/kernel.js';
import { runEmbedding } from '../../kernels/run.js';
import type { EmbeddingWork } from '../../work.js';
import { resultOperand, sourceOperand } from '../operand.js';
import { type Family, result, source, sourceOrNull } from './family.js';

export const embedding: Family<EmbeddingWork> = {
  describe({ kernel, job }) {
    const { dtype, rows, dim, inputs, labels, gradOutput, grads } = job;
    const all = { kind: 'all', bulk: true } as const;
    return {
      kernel,
      modules: [kernel.module],
      shape: { outer: rows, middle: dim, inner: 1 },
      unit: 1,
      byInner: false,
      lightness: 2,
      terms: rows,
      fields: { dtype, inputs: inputs.length },
      numbers: [job.scale, ...job.constants],
      operands: [
        ...inputs.flatMap((input, k) => sourceOperand(`input${k}`, input, dtype, all)),
        ...grads.flatMap((grad, k) => resultOperand(`grad${k}`, grad, all)),
        ...sourceOperand('labels', labels, dtype, { kind: 'rows' }),
        ...sourceOperand('gradOutput', gradOutput, dtype, { kind: 'rows' }),
        ...resultOperand('out', job.out, { kind: 'rows' }),
      ],
    };
  },
  terms: ({ chunk }) => [chunk.outer, chunk.outers],
  run(side, part, terms) {
    const { shape, chunk, fields, numbers } = part;
    const each = Array.from({ length: fields.inputs as number }, (_, k) => k);
    runEmbedding(side, part.kernel as EmbeddingKernel, {
      dtype: fields.dtype as Dtype,
      rows: chunk.outers,
      dim: shape.middle,
      inputs: each.map((k) => source(part, `input${k}`)),
      labels: sourceOrNull(part, 'labels'),
      gradOutput: sourceOrNull(part, 'gradOutput'),
      constants: numbers.slice(1),
      scale: numbers[0],
      grads: each.map((k) => result(part, `grad${k}`)),
      out: result(part, 'out'),
      terms,
    });
  },
};
