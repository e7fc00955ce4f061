/** The shape of a fallback loop: one stretch of a pointwise loss, or one row. Each loss has its own loop (a shared one goes megamorphic). */
import type { Real } from '../jobs.js';

/**
 * Elements [0, count) of a stretch: input x[xAt + i], target t[tAt + i]; w, pw, go hold one number an element from index 0 (null: 1).
 * Writes g[at + i] = scale * go * dloss/dx and out[at + i] = loss where they are given (g may be x or t itself). Returns the sum of the losses.
 */
export type PointwiseLoop = (
  count: number,
  x: Real,
  xAt: number,
  t: Real,
  tAt: number,
  w: Real | null,
  pw: Real | null,
  go: Real | null,
  g: Real | null,
  out: Real | null,
  at: number,
  scale: number,
  constants: readonly number[],
) => number;

/**
 * One counted row against class y with weight w: class c is x[xAt + c * xStep], its gradient g[gAt + c * gStep] (g may be x itself, at the same
 * places). `scale` has the row's upstream gradient in it. result[0] = loss, result[1] = second term (crossEntropy's z term).
 */
export type IndexLoop = (
  x: Real,
  xAt: number,
  xStep: number,
  g: Real | null,
  gAt: number,
  gStep: number,
  classes: number,
  y: number,
  w: number,
  scale: number,
  constants: readonly number[],
  classWeight: Real | null,
  result: Float64Array,
) => void;

/** One row against values q[qAt + c * qStep]; the rest as IndexLoop (g may be x or q itself). */
export type SoftLoop = (
  x: Real,
  xAt: number,
  xStep: number,
  q: Real,
  qAt: number,
  qStep: number,
  g: Real | null,
  gAt: number,
  gStep: number,
  classes: number,
  scale: number,
  constants: readonly number[],
  classWeight: Real | null,
  result: Float64Array,
) => void;
