/** Losses of one element against one: chunks are stretches of whole blocks of 1024 elements, in whose sums the order of summation is. */
import type { Dtype, Pattern, PointwiseJob, RowLayout } from '../../kernels/jobs.js';
import type { PointwiseKernel } from '../../kernels/kernel.js';
import { runPointwise } from '../../kernels/run.js';
import type { PointwiseWork } from '../../work.js';
import { type Operand, resultOperand, sourceOperand } from '../operand.js';
import { type Family, type Part, type Plain, result, source } from './family.js';

const BLOCK = 1024;

/** Patterns that a job may have. */
const patterns = ['other', 'weight', 'posWeight', 'gradOutput'] as const;

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Blocks, and whole rows and repeats where there are results of those. */
function unitOf({ rows, other }: PointwiseJob): number {
  return [rows ? rows.classes * rows.inner : 1, other?.inner ?? 1].reduce(
    (unit, n) => (unit / gcd(unit, n)) * n,
    BLOCK,
  );
}

/** How a pattern is cut: with the elements, or (`whole`) not at all. */
function patternOperand(name: string, pattern: Pattern | null, job: PointwiseJob): Operand[] {
  if (!pattern) return [];
  const { source: numbers, inner, classes } = pattern;
  const ratio = classes ?? inner;
  const cut =
    numbers.data.length * ratio === job.length && (ratio === 1 || classes !== undefined || name === 'other');
  return sourceOperand(
    name,
    numbers,
    job.dtype,
    cut ? { kind: 'rows', ratio, bulk: ratio === 1 } : { kind: 'whole' },
  );
}

function fieldsOf(pattern: Pattern | null, operands: readonly Operand[], name: string): Plain {
  if (!pattern) return null;
  const whole = operands.some((operand) => operand.name === name && operand.kind === 'whole');
  return { inner: pattern.inner, classes: pattern.classes ?? null, whole };
}

function patternOf(part: Part, name: string): Pattern | null {
  const given = part.fields[name] as { inner: number; classes: number | null; whole: boolean } | null;
  if (!given) return null;
  const { inner, classes, whole } = given;
  return {
    source: source(part, name),
    inner,
    ...(classes === null ? (whole ? { first: part.chunk.outer } : {}) : { classes }),
  };
}

export const pointwise: Family<PointwiseWork> = {
  describe({ kernel, job }) {
    const { dtype, length, input, target, rows, other, constants, scale, grad, otherGrad, out } = job;
    const each = { kind: 'rows', bulk: true } as const;
    const operands = [
      ...sourceOperand('input', input, dtype, each),
      ...sourceOperand('target', target, dtype, each),
      ...patterns.flatMap((name) => patternOperand(name, job[name], job)),
      ...resultOperand('grad', grad, each),
      ...resultOperand('otherGrad', otherGrad, {
        kind: 'rows',
        ratio: other?.inner ?? 1,
        bulk: other?.inner === 1,
      }),
      ...resultOperand('out', out, { kind: 'rows', ratio: rows?.classes ?? 1, bulk: rows === null }),
    ];
    return {
      kernel,
      modules: [kernel.module],
      shape: { outer: length, middle: 1, inner: 1 },
      unit: unitOf(job),
      byInner: false,
      lightness: kernel.light ? 4 : 1,
      terms: Math.ceil(length / BLOCK),
      fields: {
        dtype,
        rows: rows && { classes: rows.classes, inner: rows.inner },
        ...Object.fromEntries(patterns.map((name) => [name, fieldsOf(job[name], operands, name)])),
      },
      numbers: [scale, ...constants],
      operands,
    };
  },
  terms: ({ chunk }) => [chunk.outer / BLOCK, Math.ceil(chunk.outers / BLOCK)],
  run(side, part, terms) {
    const { fields, numbers, chunk } = part;
    const length = chunk.outers;
    const layout = fields.rows as Pick<RowLayout, 'classes' | 'inner'> | null;
    runPointwise(side, part.kernel as PointwiseKernel, {
      dtype: fields.dtype as Dtype,
      length,
      input: source(part, 'input'),
      target: source(part, 'target'),
      other: patternOf(part, 'other'),
      domains: null,
      weight: patternOf(part, 'weight'),
      posWeight: patternOf(part, 'posWeight'),
      gradOutput: patternOf(part, 'gradOutput'),
      constants: numbers.slice(1),
      scale: numbers[0],
      grad: result(part, 'grad'),
      otherGrad: result(part, 'otherGrad'),
      out: result(part, 'out'),
      rows: layout && { ...layout, outer: length / (layout.classes * layout.inner) },
      terms,
    });
  },
};
