/** Seeded benchmark data: the same arrays in every process. Labels are random, since a predictable branch flatters the plain loops. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** In [0, 1): xorshift32. */
  next(): number {
    let s = this.#state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#state = s >>> 0;
    return this.#state / 2 ** 32;
  }

  /** Near-normal with mean 0 and the given spread: the sum of four uniforms. */
  normals(n: number, spread = 1): Float32Array {
    const values = new Float32Array(n);
    const k = spread * Math.sqrt(3);
    for (let i = 0; i < n; i++) values[i] = k * (this.next() + this.next() + this.next() + this.next() - 2);
    return values;
  }

  uniforms(n: number, low: number, high: number): Float32Array {
    const values = new Float32Array(n);
    for (let i = 0; i < n; i++) values[i] = low + (high - low) * this.next();
    return values;
  }

  /** Each element `on` or `off`, evenly. */
  labels(n: number, off: number, on: number): Float32Array {
    const values = new Float32Array(n);
    for (let i = 0; i < n; i++) values[i] = this.next() < 0.5 ? off : on;
    return values;
  }

  classes(n: number, classes: number): Int32Array {
    const values = new Int32Array(n);
    for (let i = 0; i < n; i++) values[i] = Math.floor(this.next() * classes);
    return values;
  }
}

/** Logits 84–87 below one maximum a row: e^x is barely a normal float32 there, the plain kernel's subnormal trap. */
export function farBelow(random: Random, rows: number, classes: number): Float32Array {
  const x = random.uniforms(rows * classes, -87, -84);
  for (let r = 0; r < rows; r++) x[r * classes + Math.floor(random.next() * classes)] = 0;
  return x;
}

/** Half of every row is −inf; the targets are kept finite. */
export function masked(random: Random, y: Int32Array, classes: number): Float32Array {
  const x = random.normals(y.length * classes, 3);
  for (let i = 0; i < x.length; i++) {
    if (random.next() < 0.5 && i % classes !== y[Math.floor(i / classes)]) x[i] = -Infinity;
  }
  return x;
}

/** Logits of either sign with magnitudes 84–110: one sigmoid tail is at or below float32's smallest normal. */
export function saturated(random: Random, n: number): Float32Array {
  const x = random.uniforms(n, 84, 110);
  for (let i = 0; i < n; i++) if (random.next() < 0.5) x[i] = -x[i];
  return x;
}

/** Sets of `least` to `most` different labels a row, in the form of multilabelMarginLoss: the labels first, then −1. */
export function labelSets(
  random: Random,
  rows: number,
  classes: number,
  least: number,
  most: number,
): Int32Array {
  const y = new Int32Array(rows * classes).fill(-1);
  for (let r = 0; r < rows; r++) {
    const labels = new Set<number>();
    const size = least + Math.floor(random.next() * (most - least + 1));
    while (labels.size < size) labels.add(Math.floor(random.next() * classes));
    y.set([...labels], r * classes);
  }
  return y;
}
