/** Float64 sums and the two rules of multiplication that every reference formula shares. */

/** A running sum that carries its rounding error along (Neumaier), so that order and length do not matter. */
export class Sum {
  private total = 0;
  private error = 0;

  add(x: number): void {
    const next = this.total + x;
    if (Number.isFinite(next)) {
      this.error += Math.abs(this.total) >= Math.abs(x) ? this.total - next + x : x - next + this.total;
    }
    this.total = next;
  }

  /** The sum without one of its terms, as exact as the sum itself. */
  without(x: number): number {
    return this.total - x + this.error;
  }

  get value(): number {
    return Number.isFinite(this.total) ? this.total + this.error : this.total;
  }
}

export function sum(values: ArrayLike<number>): number {
  const total = new Sum();
  for (let i = 0; i < values.length; i++) total.add(values[i]!);
  return total.value;
}

/** weight · value, where a weight of 0 removes an infinite value: 0 · ∞ = 0. */
export function times(weight: number, value: number): number {
  return weight === 0 && !Number.isNaN(value) ? 0 : weight * value;
}

/** log(1 + e^x), stable on both sides. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
