/**
 * The driver of the pointwise fallback loops: cuts a job into stretches of 1024 elements, decodes what is not an ordinary array of the
 * job's dtype, and adds the stretches' sums left to right (so the total has the same bits whatever the arrays' formats). Knows no loss.
 */
import type { Pattern, PointwiseJob, Real } from '../jobs.js';
import { RowSums } from '../rowSums.js';
import { readPattern, readSource, type Source } from '../source.js';
import { checkDomains } from './domain.js';
import type { PointwiseLoop } from './types.js';

const stretch = 1024;

/** One stretch of everything that may need decoding or adding up; made on first need, then reused by every call. */
class Temporaries {
  readonly float32 = [0, 1, 2].map(() => new Float32Array(stretch));
  readonly float64 = [0, 1, 2].map(() => new Float64Array(stretch));
  readonly weight = new Float64Array(stretch);
  readonly posWeight = new Float64Array(stretch);
  readonly gradOutput = new Float64Array(stretch);
  readonly losses = new Float64Array(stretch);
  readonly otherGrad = new Float64Array(stretch);
}
let temporaries: Temporaries | undefined;

/** The array itself where a loop can read it. */
function readable(source: Source): Real | null {
  return source.format === 'same' ? (source.data as Real) : null;
}

/** Adds the gradient of a second input that repeats; null where it does not, or none is wanted. */
function sumsOf(other: Pattern | null, otherGrad: Real | null): RowSums | null {
  if (!other || !otherGrad || other.inner === 1) return null;
  return new RowSums({ outer: otherGrad.length, classes: other.inner, inner: 1 }, otherGrad, 1);
}

/** Runs `loop` over the job and gives the sum of its losses. */
export function runPointwise(loop: PointwiseLoop, job: PointwiseJob): number {
  checkDomains(job);
  const { length, input, target, other, weight, posWeight, gradOutput, constants, scale, rows } = job;
  const { grad, otherGrad, out } = job;
  const inputs = readable(input);
  const targets = readable(target);
  const others =
    other && other.inner === 1 && other.source.data.length === length ? readable(other.source) : null;
  const means = rows && out ? new RowSums(rows, out, 1 / rows.classes) : null;
  const otherSums = sumsOf(other, otherGrad);
  const ordinary = inputs && targets && (!other || others);
  const plain = ordinary && !weight && !posWeight && !gradOutput && !means;
  const temp = plain ? undefined : (temporaries ??= new Temporaries());
  let total = 0;
  for (let at = 0; at < length; at += stretch) {
    const count = Math.min(stretch, length - at);
    let x = inputs;
    let t = targets;
    let u = others;
    let w: Float64Array | null = null;
    let pw: Float64Array | null = null;
    let go: Float64Array | null = null;
    let g = grad;
    let h = otherGrad;
    let losses = out;
    let place = at;
    if (temp) {
      if (!x) readSource(input, at, count, (x = temp[job.dtype][0]), 0);
      if (!t) readSource(target, at, count, (t = temp[job.dtype][1]), 0);
      if (other && !u) readPattern(other, at, count, (u = temp[job.dtype][2]), 0);
      if (weight) readPattern(weight, at, count, (w = temp.weight), 0);
      if (posWeight) readPattern(posWeight, at, count, (pw = temp.posWeight), 0);
      if (gradOutput && (grad || otherGrad)) readPattern(gradOutput, at, count, (go = temp.gradOutput), 0);
      if (otherSums) h = temp.otherGrad;
      if (means) {
        // A loop has one place for both: the losses' stretch begins at 0, so the gradient's must.
        losses = temp.losses;
        if (grad) g = grad.subarray(at, at + count);
        place = 0;
      }
    }
    const xAt = inputs ? at : 0;
    const tAt = targets ? at : 0;
    const uAt = others ? at : 0;
    const hAt = otherSums ? 0 : at;
    const sum = loop(count, x!, xAt, t!, tAt, w, pw, go, g, losses, place, scale, constants, u, uAt, h, hAt);
    total += sum;
    if (job.terms) job.terms[at / stretch] = sum;
    if (means) means.add(losses!, 0, count);
    if (otherSums) otherSums.add(h!, 0, count);
  }
  return total;
}
