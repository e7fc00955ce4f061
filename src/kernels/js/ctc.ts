/**
 * Connectionist temporal classification: −log of the sum over all alignments of a sample's labels with its frames, which is in ctcLattice.ts.
 * Gradient p − occupancy, p being the softmax of logits, or e^x of log-probabilities (PyTorch's convention: exact behind a log-softmax).
 */
import type { CtcJob, Real } from '../jobs.js';
import { elementOf, readSource } from '../source.js';
import { CtcLattice } from './ctcLattice.js';
import { exponentials, fillRow, hopeless, loadRow, rowScratch } from './softmaxRow.js';

let made: CtcLattice | undefined;
let occupied = new Float64Array(0);
const decoded: Record<CtcJob['dtype'], Real> = {
  float32: new Float32Array(0),
  float64: new Float64Array(0),
};

/** Of the frame last read: its maximum (−1: log-probabilities, that need none) and the others' sum, relative to the maximum's 1. */
const frame = { best: -1, others: 0 };

/** Reads frame t of sample n into the lattice, and where it is logits their exponentials into the row scratch; false where there is a NaN. */
function readFrame(job: CtcJob, lattice: CtcLattice, t: number, n: number): boolean {
  const { input, classes, dtype } = job;
  let at = (t * job.samples + n) * classes;
  let x = input.data as Real;
  if (input.format !== 'same') {
    x = decoded[dtype];
    readSource(input, at, classes, x, 0);
    at = 0;
  }
  let max = 0;
  let tail = 0;
  if (job.fromLogits) {
    const row = rowScratch(classes);
    frame.best = loadRow(x, at, 1, classes, row);
    max = row[frame.best];
    frame.others = hopeless(max) ? NaN : exponentials(row, classes, frame.best);
    tail = Math.log1p(frame.others);
  }
  const { states, classOf, emitted } = lattice;
  let whole = true;
  for (let s = 0; s < states; s++) {
    const e = (emitted[s] = x[at + classOf[s]] - max - tail);
    if (e !== e) whole = false;
  }
  return whole;
}

/** The probabilities of log-probabilities to the row scratch, as those of logits are there already. */
function readProbabilities(job: CtcJob, at: number): void {
  const { input, classes } = job;
  const row = rowScratch(classes);
  if (input.format === 'same') loadRow(input.data as Real, at, 1, classes, row);
  else loadRow(decoded[job.dtype], 0, 1, classes, row);
  for (let c = 0; c < classes; c++) row[c] = Math.exp(row[c]);
}

/** k (p − occupancy) of the frame last read and occupied, to g[at]; in place of its input, if need be. */
function writeFrame(job: CtcJob, lattice: CtcLattice, g: Real, at: number, k: number): void {
  const { classes, fromLogits } = job;
  if (!fromLogits) readProbabilities(job, at);
  const row = rowScratch(classes);
  const { states, classOf, shares } = lattice;
  const { best, others } = frame;
  const up = fromLogits ? 1 / (1 + others) : 1;
  for (let c = 0; c < classes; c++) g[at + c] = k * (up * row[c]);
  for (let s = 0; s < states; s++) occupied[classOf[s]] = 0;
  let elsewhere = 0;
  for (let s = 0; s < states; s++) {
    occupied[classOf[s]] += shares[s];
    if (classOf[s] !== best) elsewhere += shares[s];
  }
  for (let s = 0; s < states; s++) {
    const c = classOf[s];
    // Both near 1 where the network is sure: what is left of them is then exact, their difference is not.
    g[at + c] = k * (fromLogits && c === best ? elsewhere - up * others : up * row[c] - occupied[c]);
  }
}

/** Fills the gradient of sample n's frames [from, to). */
function fillFrames(job: CtcJob, n: number, from: number, to: number, value: number): void {
  for (let t = from; t < to; t++)
    fillRow(job.grad!, (t * job.samples + n) * job.classes, 1, job.classes, value);
}

/** The loss of sample n, by its frames going forward; the lattice is then ready for the way back. NaN where a frame has one. */
function lossOf(job: CtcJob, lattice: CtcLattice, n: number): number {
  const length = job.lengths[n];
  lattice.begin(job.labels, job.starts[n], job.starts[n + 1], job.blank, length, job.grad !== null);
  if (length === 0) return lattice.states === 1 ? 0 : Infinity;
  for (let t = 0; t < length; t++) {
    if (!readFrame(job, lattice, t, n)) return NaN;
    lattice.forward(t);
  }
  return 0 - lattice.total();
}

/** Sample n's gradient, its frames going backward: frame t is not read again once it is written. */
function writeGradient(job: CtcJob, lattice: CtcLattice, n: number, k: number): void {
  for (let t = job.lengths[n] - 1; t >= 0; t--) {
    readFrame(job, lattice, t, n);
    lattice.occupy(t);
    writeFrame(job, lattice, job.grad!, (t * job.samples + n) * job.classes, k);
    lattice.backward();
  }
}

/** Runs the job and gives the sum of its losses. */
export function runCtc(job: CtcJob): number {
  const { dtype, frames, samples, classes, starts, lengths, gradOutput, grad, out } = job;
  const lattice = (made ??= new CtcLattice());
  if (job.input.format !== 'same' && decoded[dtype].length < classes)
    decoded[dtype] = dtype === 'float32' ? new Float32Array(classes) : new Float64Array(classes);
  if (occupied.length < classes) occupied = new Float64Array(classes);
  let total = 0;
  for (let n = 0; n < samples; n++) {
    let loss = lossOf(job, lattice, n);
    const infeasible = loss === Infinity;
    if (infeasible && job.zeroInfinity) loss = 0;
    const divisor = job.perLabel ? Math.max(1, starts[n + 1] - starts[n]) : 1;
    const term = loss / divisor;
    total += term;
    if (job.terms) job.terms[n] = term;
    if (out) out[n] = loss;
    if (!grad) continue;
    const scale = gradOutput ? job.scale * elementOf(gradOutput, n) : job.scale;
    if (infeasible || loss !== loss)
      fillFrames(job, n, 0, lengths[n], infeasible && job.zeroInfinity ? 0 : NaN);
    else writeGradient(job, lattice, n, scale / divisor);
    fillFrames(job, n, lengths[n], frames, 0);
  }
  return total;
}
