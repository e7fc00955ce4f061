/**
 * max(0, margin + d(a, p) − d(a, n)) with d(x, y) = ‖x − y + ε‖; with swap the smaller of d(a, n) and d(p, n) is taken off, and where they are
 * equal each gets half the gradient, as PyTorch's minimum gives it. The slope of a distance 0 is 0, and so is that of a loss exactly at the margin.
 */
import type { Real } from '../jobs.js';
import { distance1, distance2, distanceP, slopeP } from './distance.js';
import { fillRow } from './softmaxRow.js';
import type { EmbeddingLoop } from './types.js';

/**
 * Writes k (pull − push), −k (pull + side) and k (push + side), which are the slopes of d(a, p), d(a, n) and d(p, n), the latter two
 * times their shares.
 */
function write1(
  a: Real,
  aAt: number,
  p: Real,
  pAt: number,
  n: Real,
  nAt: number,
  ga: Real | null,
  gp: Real | null,
  gn: Real | null,
  at: number,
  dim: number,
  k: number,
  eps: number,
  an: number,
  pn: number,
): void {
  for (let i = 0; i < dim; i++) {
    const ai = a[aAt + i];
    const pi = p[pAt + i];
    const ni = n[nAt + i];
    const pull = Math.sign(ai - pi + eps);
    const push = an * Math.sign(ai - ni + eps);
    const side = pn * Math.sign(pi - ni + eps);
    if (ga !== null) ga[at + i] = k * (pull - push);
    if (gp !== null) gp[at + i] = -k * (pull + side);
    if (gn !== null) gn[at + i] = k * (push + side);
  }
}

/** As write1, for distances that have been divided by their shares: infinite where there is no slope. */
function write2(
  a: Real,
  aAt: number,
  p: Real,
  pAt: number,
  n: Real,
  nAt: number,
  ga: Real | null,
  gp: Real | null,
  gn: Real | null,
  at: number,
  dim: number,
  k: number,
  eps: number,
  toPositive: number,
  toNegative: number,
  swapped: number,
): void {
  for (let i = 0; i < dim; i++) {
    const ai = a[aAt + i];
    const pi = p[pAt + i];
    const ni = n[nAt + i];
    const pull = (ai - pi + eps) / toPositive;
    const push = (ai - ni + eps) / toNegative;
    const side = (pi - ni + eps) / swapped;
    if (ga !== null) ga[at + i] = k * (pull - push);
    if (gp !== null) gp[at + i] = -k * (pull + side);
    if (gn !== null) gn[at + i] = k * (push + side);
  }
}

/** As write1, for any norm. */
function writeP(
  a: Real,
  aAt: number,
  p: Real,
  pAt: number,
  n: Real,
  nAt: number,
  ga: Real | null,
  gp: Real | null,
  gn: Real | null,
  at: number,
  dim: number,
  k: number,
  eps: number,
  an: number,
  pn: number,
  toPositive: number,
  toNegative: number,
  swapped: number,
  norm: number,
): void {
  for (let i = 0; i < dim; i++) {
    const ai = a[aAt + i];
    const pi = p[pAt + i];
    const ni = n[nAt + i];
    const pull = slopeP(ai - pi + eps, toPositive, norm);
    const push = an * slopeP(ai - ni + eps, toNegative, norm);
    const side = pn * slopeP(pi - ni + eps, swapped, norm);
    if (ga !== null) ga[at + i] = k * (pull - push);
    if (gp !== null) gp[at + i] = -k * (pull + side);
    if (gn !== null) gn[at + i] = k * (push + side);
  }
}

function distance(
  x: Real,
  xAt: number,
  y: Real,
  yAt: number,
  dim: number,
  eps: number,
  norm: number,
): number {
  if (norm === 2) return distance2(x, xAt, y, yAt, dim, eps);
  if (norm === 1) return distance1(x, xAt, y, yAt, dim, eps);
  return distanceP(x, xAt, y, yAt, dim, eps, norm);
}

/** What a component is divided by for `share` of its slope. */
function divisor(distance: number, share: number): number {
  return distance === 0 || share === 0 ? Infinity : distance / share;
}

export const tripletMargin: EmbeddingLoop = (
  a,
  aAt,
  p,
  pAt,
  n,
  nAt,
  _label,
  ga,
  gp,
  gn,
  at,
  dim,
  scale,
  constants,
) => {
  const margin = constants[0];
  const norm = constants[1];
  const eps = constants[2];
  const swap = constants[3] !== 0;
  const toPositive = distance(a, aAt, p, pAt, dim, eps, norm);
  const toNegative = distance(a, aAt, n, nAt, dim, eps, norm);
  const swapped = swap ? distance(p, pAt, n, nAt, dim, eps, norm) : Infinity;
  const z = margin + toPositive - Math.min(toNegative, swapped);
  const loss = z <= 0 ? 0 : z;
  if (ga === null && gp === null && gn === null) return loss;

  if (!(z > 0)) {
    if (ga !== null) fillRow(ga, at, 1, dim, loss);
    if (gp !== null) fillRow(gp, at, 1, dim, loss);
    if (gn !== null) fillRow(gn, at, 1, dim, loss);
    return loss;
  }
  const an = !swap || toNegative < swapped ? 1 : toNegative === swapped ? 0.5 : 0;
  const pn = 1 - an;
  if (norm === 1) write1(a, aAt, p, pAt, n, nAt, ga, gp, gn, at, dim, scale, eps, an, pn);
  else if (norm === 2) {
    const pull = divisor(toPositive, 1);
    const push = divisor(toNegative, an);
    const side = divisor(swapped, pn);
    write2(a, aAt, p, pAt, n, nAt, ga, gp, gn, at, dim, scale, eps, pull, push, side);
  } else {
    writeP(
      a,
      aAt,
      p,
      pAt,
      n,
      nAt,
      ga,
      gp,
      gn,
      at,
      dim,
      scale,
      eps,
      an,
      pn,
      toPositive,
      toNegative,
      swapped,
      norm,
    );
  }
  return loss;
};
