/**
 * The driver of the pointwise fallback loops: cuts a job into stretches of 1024 elements, decodes what is not an ordinary array of the
 * job's dtype, and adds the stretches' sums left to right (so the total has the same bits whatever the arrays' formats). Knows no loss.
 */
import type { PointwiseJob, Real } from '../jobs.js';
import { readPattern, readSource } from '../source.js';
import { checkDomains } from './domain.js';
import type { PointwiseLoop } from './types.js';

const stretch = 1024;

/** One stretch of everything that may need decoding; made on first need, then reused by every call. */
class Temporaries {
  readonly float32 = [new Float32Array(stretch), new Float32Array(stretch)];
  readonly float64 = [new Float64Array(stretch), new Float64Array(stretch)];
  readonly weight = new Float64Array(stretch);
  readonly posWeight = new Float64Array(stretch);
  readonly gradOutput = new Float64Array(stretch);
}
let temporaries: Temporaries | undefined;

/** Runs `loop` over the job and gives the sum of its losses. */
export function runPointwise(loop: PointwiseLoop, job: PointwiseJob): number {
  checkDomains(job);
  const { length, input, target, weight, posWeight, gradOutput, constants, scale, grad, out } = job;
  const inputs = input.format === 'same' ? (input.data as Real) : null;
  const targets = target.format === 'same' ? (target.data as Real) : null;
  const plain = inputs && targets && !weight && !posWeight && !gradOutput;
  const temp = plain ? undefined : (temporaries ??= new Temporaries());
  let total = 0;
  for (let at = 0; at < length; at += stretch) {
    const count = Math.min(stretch, length - at);
    let x = inputs;
    let t = targets;
    let w: Float64Array | null = null;
    let pw: Float64Array | null = null;
    let go: Float64Array | null = null;
    if (temp) {
      if (!x) readSource(input, at, count, (x = temp[job.dtype][0]), 0);
      if (!t) readSource(target, at, count, (t = temp[job.dtype][1]), 0);
      if (weight) readPattern(weight, at, count, (w = temp.weight), 0);
      if (posWeight) readPattern(posWeight, at, count, (pw = temp.posWeight), 0);
      if (gradOutput && grad) readSource(gradOutput, at, count, (go = temp.gradOutput), 0);
    }
    const xAt = inputs ? at : 0;
    const tAt = targets ? at : 0;
    total += loop(count, x!, xAt, t!, tAt, w, pw, go, grad, out, at, scale, constants);
  }
  return total;
}
