/**
 * Scores of unit vectors against one another as logits: rows brought to length 1 and their gradients back, and the cross-entropy of rows whose
 * class is known, over `makeScores`. Knows no mode of infoNceLoss.
 */
import type { Side } from './backend.js';
import type { Dtype, Real } from './kernels/jobs.js';
import { newReal, readSource, type Source } from './kernels/source.js';
import { type LinearLoss, runLinear } from './linear.js';

/** The shortest length that a row is divided by, as `torch.nn.functional.normalize`. */
const SHORTEST = 1e-12;

/** Rows of an input, of length 1 where that is wanted. */
export class Rows {
  readonly data: Real;
  readonly width: number;
  /** What each row was divided by; null: nothing. */
  readonly #lengths: Float64Array | null;

  constructor(dtype: Dtype, source: Source, count: number, width: number, normalize: boolean) {
    this.data = newReal(dtype, count * width);
    this.width = width;
    readSource(source, 0, count * width, this.data, 0);
    this.#lengths = normalize ? new Float64Array(count) : null;
    if (this.#lengths) for (let r = 0; r < count; r++) this.#lengths[r] = toUnit(this.data, r * width, width);
  }

  /** The gradient by the input from that by these rows, in place: (g − u (u·g)) / |x|. */
  backward(grad: Real): void {
    const lengths = this.#lengths;
    if (!lengths) return;
    const { data, width } = this;
    for (let r = 0, at = 0; r < lengths.length; r++, at += width) {
      const along = lengths[r] > SHORTEST ? dot(data, at, grad, at, width) : 0;
      for (let i = at; i < at + width; i++) grad[i] = (grad[i] - along * data[i]) / lengths[r];
    }
  }
}

/** Divides a row by its length (at least SHORTEST) and gives that. Squares that overflow or vanish are scaled. */
function toUnit(x: Real, at: number, width: number): number {
  let largest = 0;
  for (let i = at; i < at + width; i++) largest = Math.max(largest, Math.abs(x[i]));
  const unit = largest > 1e100 || largest < 1e-100 ? largest : 1;
  let squares = 0;
  for (let i = at; i < at + width; i++) squares += (x[i] / (unit || 1)) ** 2;
  const length = Math.max(Math.sqrt(squares) * (unit || 1), SHORTEST);
  for (let i = at; i < at + width; i++) x[i] /= length;
  return length;
}

export function dot(a: Real, at: number, b: Real, from: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += a[at + i] * b[from + i];
  return sum;
}

/** A cross-entropy of x · headᵀ, row r against class target(r). */
export interface Contrast extends Pick<LinearLoss, 'scale' | 'gradOutput' | 'out' | 'adjust' | 'collect'> {
  readonly dtype: Dtype;
  readonly rows: number;
  readonly width: number;
  readonly classes: number;
  readonly x: Real;
  readonly head: Real;
  target(row: number): number;
  /** Added to; null: not wanted. */
  readonly xGrad: Real | null;
  readonly headGrad: Real | null;
}

/** Runs it; Σ loss. */
export function runContrast(side: Side, contrast: Contrast): number {
  const { dtype, rows, width, classes, x, head, xGrad, headGrad, scale, gradOutput, out } = contrast;
  const { target, adjust, collect } = contrast;
  const [loss] = runLinear(
    side,
    {
      dtype,
      rows,
      width,
      classes,
      x: { data: x, format: 'same' },
      head: { data: head, format: 'same' },
      bias: null,
      xGrad,
      headGrad,
      biasGrad: null,
      accumulate: true,
    },
    {
      targets: {
        direct: null,
        ignoreIndex: -1,
        read(start, count, into, at) {
          for (let i = 0; i < count; i++) into[at + i] = target(start + i);
        },
      },
      constants: [0, 0, 0, 1, 1, classes, 0],
      scale,
      gradOutput,
      out,
      wantGrad: xGrad !== null || headGrad !== null || collect !== undefined,
      adjust,
      collect,
    },
  );
  return loss;
}
