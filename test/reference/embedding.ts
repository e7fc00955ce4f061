/**
 * The losses of whole vectors in float64: one row of each input and its label in, the row's loss and gradients out.
 * Independent of src/ and assembly/, slow and plain on purpose.
 */
import { sum } from './sums.js';

export interface EmbeddingOptions {
  margin?: number;
  p?: number;
  eps?: number;
  swap?: boolean;
}

/** `grads` receives one gradient a vector. */
export type Embedding = (
  vectors: readonly Float64Array[],
  label: number,
  options: EmbeddingOptions,
  grads: readonly Float64Array[],
) => number;

/** What PyTorch adds to the square of a norm: 1e-12 as float32 holds it. */
const TINY = Math.fround(1e-12);

/** The vector over the root of its square + TINY, and that root. */
function unit(x: Float64Array): [Float64Array, number] {
  // Of a subnormal or huge vector only the scaled square is a number.
  const largest = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const scale = largest > 1e150 ? largest : 1;
  const norm = scale * Math.sqrt(sum(x.map((v) => (v / scale) ** 2)) + TINY / scale / scale);
  return [x.map((v) => v / norm), norm];
}

/** 1 − cos as half the square of the difference of the unit vectors: it does not cancel where they are nearly parallel. */
const cosine: Embedding = ([x, y], label, { margin = 0 }, [gx, gy]) => {
  const [u, nu] = unit(x!);
  const [v, nv] = unit(y!);
  const apart = u.map((a, i) => a - v[i]!);
  const together = u.map((a, i) => a + v[i]!);
  const shortU = TINY / nu / nu;
  const shortV = TINY / nv / nv;
  const lack = 0.5 * (sum(apart.map((d) => d * d)) + shortU + shortV);
  const cos = sum(u.map((a, i) => a * v[i]!));
  const excess = 0.5 * (sum(together.map((d) => d * d)) + shortU + shortV);
  const near = cos > 0.5;
  const z = near ? 1 - margin - lack : cos - margin;
  if (label < 0 && z <= 0) return 0;
  // d cos / dx = (v − cos·u) / |x|, again without the difference of what is nearly equal.
  const slope = (a: Float64Array, b: Float64Array, i: number) =>
    near ? b[i]! - a[i]! + lack * a[i]! : cos < -0.5 ? b[i]! + a[i]! - excess * a[i]! : b[i]! - cos * a[i]!;
  u.forEach((_, i) => {
    gx![i] = (-label * slope(u, v, i)) / nu;
    gy![i] = (-label * slope(v, u, i)) / nv;
  });
  return label < 0 ? z : lack;
};

interface Distance {
  value: number;
  /** Its derivative by the first vector; by the second it is the negative. */
  slope(i: number): number;
}

function distance(a: Float64Array, b: Float64Array, p: number, eps: number): Distance {
  const d = a.map((v, i) => v - b[i]! + eps);
  const largest = d.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  if (!(largest > 0) || largest === Infinity)
    return { value: largest, slope: () => (largest === 0 ? 0 : NaN) };
  const value = largest * sum(d.map((v) => Math.abs(v / largest) ** p)) ** (1 / p);
  return { value, slope: (i) => Math.sign(d[i]!) * (Math.abs(d[i]!) / value) ** (p - 1) };
}

const triplet: Embedding = ([a, p, n], _, options, [ga, gp, gn]) => {
  const { margin = 1, p: power = 2, eps = 1e-6, swap = false } = options;
  if ([a!, p!, n!].some((x) => x.some((v) => Number.isNaN(v)))) {
    for (const g of [ga!, gp!, gn!]) g.fill(NaN);
    return NaN;
  }
  const near = distance(a!, p!, power, eps);
  const far = distance(a!, n!, power, eps);
  const other = swap ? distance(p!, n!, power, eps) : far;
  const swapped = other.value < far.value;
  const z = margin + near.value - (swapped ? other : far).value;
  if (z <= 0) return 0;
  a!.forEach((_, i) => {
    const [pull, push] = [near.slope(i), (swapped ? other : far).slope(i)];
    ga![i] = swapped ? pull : pull - push;
    gp![i] = swapped ? -pull - push : -pull;
    gn![i] = push;
  });
  return z;
};

export const embedding: Record<string, { of: Embedding; vectors: number; labels: boolean }> = {
  cosineEmbeddingLoss: { of: cosine, vectors: 2, labels: true },
  tripletMarginLoss: { of: triplet, vectors: 3, labels: false },
};
