/** Streams pointwise jobs through scratch, a tile of an array at a time; arrays in kernel memory are used where they stand. Knows no loss. */
import type { Pattern, PointwiseJob, Real } from '../jobs.js';
import { readPattern, type Source } from '../source.js';
import { checkDomains, type Staged } from './domain.js';
import { type Engine, engineFor, type Exports } from './engine.js';
import { CONSTANTS, D, G, OPERANDS, PAD, Q, X } from './layout.js';
import { addressOf, bring, giveBack, resident, sizeOf } from './operand.js';
import { changesTargets, exportOf } from './variants.js';

/** Bytes of a tile of one operand: 64 KB keeps all of them in L2. A multiple of the block of 1024 elements. */
const TILE_BYTES = 65536;

/** Places of the general body's operands in the list at OPERANDS, and their tiles. */
const WEIGHT = 0;
const POS_WEIGHT = 1;
const GRAD_OUTPUT = 2;
const OUT = 3;
const tileOf = (operand: number): number => D + operand * TILE_BYTES;

const nothing: Staged = { input: false, target: false };

type Kernel = (
  x: number,
  t: number,
  g: number,
  n: number,
  general: number,
  scale: number,
  total: number,
) => number;

export function runPointwise(name: string, job: PointwiseJob): number {
  const { dtype, length, input, target, grad, constants, scale } = job;
  const engine = engineFor(input.data, grad, target.data);
  const kernels = engine.exports(dtype);
  const kernel = kernels[exportOf(name, constants)] as Kernel;
  for (let i = 0; i < constants.length; i++) engine.float64[CONSTANTS / 8 + i] = constants[i];
  const general =
    job.weight || job.posWeight || job.gradOutput || job.out || changesTargets(name, constants) ? 1 : 0;

  const staged = job.domains ? checkDomains(engine, job) : nothing;
  const size = sizeOf(dtype);
  const inputHere = resident(engine, input.data) && input.format === 'same';
  const targetHere = resident(engine, target.data) && target.format === 'same';
  const gradHere = !grad || resident(engine, grad);
  const tile = inputHere && targetHere && gradHere && !general ? length : TILE_BYTES / size;

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
    const g = !grad ? 0 : gradHere ? addressOf(grad, start) : inputHere ? G : x;
    if (general) placeOperands(engine, kernels, job, start, count);
    total = kernel(x, t, g, count, general, scale, total);
    if (grad && !gradHere) giveBack(engine, dtype, g, grad, start, count);
    if (job.out) giveBack(engine, dtype, tileOf(OUT), job.out, start, count);
  }
  return total;
}

function placeOperands(
  engine: Engine,
  kernels: Exports,
  job: PointwiseJob,
  start: number,
  count: number,
): void {
  const { dtype } = job;
  const ones = kernels.ones();
  placePattern(engine, dtype, job.weight, WEIGHT, ones, start, count);
  placePattern(engine, dtype, job.posWeight, POS_WEIGHT, ones, start, count);
  if (job.gradOutput) bring(engine, dtype, job.gradOutput as Source, start, count, tileOf(GRAD_OUTPUT));
  setOperand(engine, GRAD_OUTPUT, job.gradOutput ? tileOf(GRAD_OUTPUT) : ones, job.gradOutput !== null);
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
