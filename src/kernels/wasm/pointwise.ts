/** Streams pointwise jobs through scratch, a tile of an array at a time; arrays in kernel memory are used where they stand. Knows no loss. */
import type { Pattern, PointwiseJob, Real } from '../jobs.js';
import type { PointwiseKernel } from '../kernel.js';
import { RowSums } from '../rowSums.js';
import { readPattern } from '../source.js';
import { checkDomains, type Staged } from './domain.js';
import { type Engine, engineFor } from './engine.js';
import { CONSTANTS, D, G, OPERANDS, PAD, Q, W, X } from './layout.js';
import { addressOf, bring, giveBack, giveTerms, resident, sizeOf } from './operand.js';

/** Bytes of a tile of one operand: 64 KB keeps all of them in L2. A multiple of the block of 1024 elements. */
const TILE_BYTES = 65536;

/** Elements of a block of the order of summation. */
const BLOCK = 1024;

/** Places of the general body's operands in the list at OPERANDS, and their tiles. */
const WEIGHT = 0;
const POS_WEIGHT = 1;
const GRAD_OUTPUT = 2;
const OUT = 3;
const tileOf = (operand: number): number => D + operand * TILE_BYTES;

const nothing: Staged = { input: false, target: false, other: false };

type Run = (
  x: number,
  t: number,
  g: number,
  n: number,
  general: number,
  scale: number,
  total: number,
) => number;

type TernaryRun = (
  x: number,
  t: number,
  u: number,
  g: number,
  h: number,
  n: number,
  general: number,
  scale: number,
  total: number,
) => number;

/** Where one gradient an element of `other` stands, and the running sums where there is one number a row. */
interface OtherGradient {
  readonly into: Real;
  readonly sums: RowSums | null;
}

/** What it needs of a kernel. */
type Called = Pick<PointwiseKernel, 'name' | 'module' | 'exportOf' | 'changesTargets'>;

export function runPointwise(kernel: Called, job: PointwiseJob): number {
  const { dtype, length, input, target, other, grad, constants, scale } = job;
  const engine = engineFor(input.data, grad, target.data);
  const run = engine.exports(dtype, kernel.module)[kernel.exportOf?.(constants) ?? kernel.name];
  for (let i = 0; i < constants.length; i++) engine.float64[CONSTANTS / 8 + i] = constants[i];
  const general =
    job.weight || job.posWeight || job.gradOutput || job.out || kernel.changesTargets?.(constants) ? 1 : 0;

  const staged = job.domains ? checkDomains(engine, job) : nothing;
  const size = sizeOf(dtype);
  const inputHere = resident(engine, input.data) && input.format === 'same';
  const targetHere = resident(engine, target.data) && target.format === 'same';
  const wanted = grad !== null || job.otherGrad !== null;
  const gradHere = grad ? resident(engine, grad) : !wanted;
  const whole = inputHere && targetHere && gradHere && !general && !other && !job.terms;
  const tile = whole ? length : TILE_BYTES / size;
  const rowLosses = job.rows && job.out ? new RowSums(job.rows, job.out, 1 / job.rows.classes) : null;
  const otherGradient = job.otherGrad ? otherGradientOf(job.otherGrad, other!) : null;

  let total = 0;
  for (let start = 0; start < length; start += tile) {
    const count = Math.min(tile, length - start);
    let x = X;
    if (inputHere) x = addressOf(input.data as Real, start);
    else if (staged.input) x = X + start * size;
    else bring(engine, dtype, input, start, count, X);
    let t = Q;
    if (targetHere) t = addressOf(target.data as Real, start);
    else if (staged.target) t = Q + start * size;
    else bring(engine, dtype, target, start, count, Q);
    // The gradient of a streamed tile takes the input's place: less cache.
    const g = !wanted ? 0 : grad && gradHere ? addressOf(grad, start) : inputHere ? G : x;
    if (general) placeOperands(engine, job, start, count);
    if (other) {
      const u = staged.other ? W + start * size : W;
      if (!staged.other) readPattern(other, start, count, engine.heap(dtype), u / size);
      total = (run as TernaryRun)(x, t, u, g, wanted ? u : 0, count, general, scale, total);
      if (otherGradient?.sums) otherGradient.sums.add(engine.heap(dtype), u / size, count);
      else if (otherGradient) giveBack(engine, dtype, u, otherGradient.into, start, count);
    } else total = (run as Run)(x, t, g, count, general, scale, total);
    if (job.terms) giveTerms(engine, job.terms, start / BLOCK, Math.ceil(count / BLOCK));
    if (grad && !gradHere) giveBack(engine, dtype, g, grad, start, count);
    if (rowLosses) rowLosses.add(engine.heap(dtype), tileOf(OUT) / size, count);
    else if (job.out) giveBack(engine, dtype, tileOf(OUT), job.out, start, count);
  }
  return total;
}

function otherGradientOf(into: Real, { source, inner }: Pattern): OtherGradient {
  const layout = { outer: source.data.length, classes: inner, inner: 1 };
  return { into, sums: inner > 1 ? new RowSums(layout, into, 1) : null };
}

function placeOperands(engine: Engine, job: PointwiseJob, start: number, count: number): void {
  const { dtype } = job;
  const ones = engine.tools(dtype).ones();
  placePattern(engine, dtype, job.weight, WEIGHT, ones, start, count);
  placePattern(engine, dtype, job.posWeight, POS_WEIGHT, ones, start, count);
  placePattern(engine, dtype, job.gradOutput, GRAD_OUTPUT, ones, start, count);
  setOperand(engine, OUT, job.out ? tileOf(OUT) : PAD + 128, job.out !== null);
}

function placePattern(
  engine: Engine,
  dtype: PointwiseJob['dtype'],
  pattern: Pattern | null,
  operand: number,
  ones: number,
  start: number,
  count: number,
): void {
  if (pattern) readPattern(pattern, start, count, engine.heap(dtype), tileOf(operand) / sizeOf(dtype));
  setOperand(engine, operand, pattern ? tileOf(operand) : ones, pattern !== null);
}

/** One address and the mask ANDed to the offset into it: all bits for an array, none for one vector that serves every element. */
function setOperand(engine: Engine, operand: number, address: number, array: boolean): void {
  engine.int32[OPERANDS / 4 + 2 * operand] = address;
  engine.int32[OPERANDS / 4 + 2 * operand + 1] = array ? -1 : 0;
}
