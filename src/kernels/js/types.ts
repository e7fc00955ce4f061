/** The shape of a fallback loop: one stretch of a pointwise loss, or one row, or one row of several inputs. Each loss has its own loop (a shared one goes megamorphic). */
import type { Real } from '../jobs.js';

/**
 * Elements [0, count) of a stretch: input x[xAt + i], target t[tAt + i]; w, pw, go hold one number an element from index 0 (null: 1).
 * Writes g[at + i] = scale * go * dloss/dx and out[at + i] = loss where they are given. Losses of two differentiable inputs have the second one
 * in u[uAt + i] and its gradient in h[hAt + i]. g and h may be x, t or u themselves: element i is read before anything of it is written.
 * Returns the sum of the losses.
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
  u: Real | null,
  uAt: number,
  h: Real | null,
  hAt: number,
) => number;

/**
 * One counted row against class y with weight w: class c is x[xAt + c * xStep], its gradient g[gAt + c * gStep] (g may be x itself, at the same
 * places). `scale` has the row's upstream gradient in it. result[0] = loss, result[1] = second term (crossEntropy's z term),
 * result[2] and [3] = entropy and first maximum where the job wants them.
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

/** One row without a target; the rest as IndexLoop. A loop without a loss writes 0. */
export type PlainLoop = (
  x: Real,
  xAt: number,
  xStep: number,
  g: Real | null,
  gAt: number,
  gStep: number,
  classes: number,
  scale: number,
  result: Float64Array,
) => void;

/**
 * One row of `dim` elements from x[xAt], y[yAt] and, where the loss has three inputs, z[zAt] (else z is x); the label is 1 or −1, or 0 where
 * the loss has none. Writes the gradients to gx, gy and gz from `at` where they are given; each may be any of the inputs at the same places.
 * Returns the loss.
 */
export type EmbeddingLoop = (
  x: Real,
  xAt: number,
  y: Real,
  yAt: number,
  z: Real,
  zAt: number,
  label: number,
  gx: Real | null,
  gy: Real | null,
  gz: Real | null,
  at: number,
  dim: number,
  scale: number,
  constants: readonly number[],
) => number;
