/**
 * p-norms of x − y + eps along a row. A norm has the term of a sum, and a slope such that the distance's derivative by a component is the slope
 * times one factor a row. Knows rows of components, and no loss.
 */
import { lane, LANES, REAL, SMALLEST_NORMAL, VECTOR } from './lane';
import { constant, STAGE_A, STAGE_B } from './layout';
import { math } from './math';
import { row } from './rows';
import { tail } from './tail';
import { BLOCK } from './vectors';

/** State of the row: three distances, then the factors of their slopes. */
export const DISTANCE: i32 = 8;
export const FACTOR: i32 = 11;

/** The constant that eps is, as vectors. */
export const EPS: i32 = 2;

/** A sum of squares outside is made again by `power`, which scales: squares that matter would be infinite or subnormal. */
const LARGE: f64 = sizeof<real>() == 4 ? 1.2676506002282294e30 : 8.452712498170644e270;
const SMALL: f64 = sizeof<real>() == 4 ? 8.271806125530277e-25 : 1.1830521861667747e-271;
/** √ of the smallest normal number: what is smaller squares to 0 here, as a subnormal number would take long. */
const SMALL_ROOT: f64 = sizeof<real>() == 4 ? 1.0842021724855044e-19 : 1.4916681462400413e-154;
const LARGEST: f64 = sizeof<real>() == 4 ? 3.4028234663852886e38 : 1.7976931348623157e308;

@final
@unmanaged
export class shifted {
  /** x − y + eps */
  @inline static difference(x: v128, y: v128, eps: v128): v128 {
    return lane.add(lane.sub(x, y), eps);
  }
}

@final
@unmanaged
export class Absolute {
  @inline term(d: v128): v128 {
    return lane.abs(d);
  }
  /** The sign, 0 at 0. */
  @inline slope(d: v128): v128 {
    return lane.andnot(lane.copysign(lane.one(), d), lane.eq(d, lane.zero()));
  }
  @inline sound(sum: f64): bool {
    return true;
  }
  @inline distance(sum: f64): f64 {
    return sum;
  }
  @inline factor(sum: f64): f64 {
    return 1;
  }
  @inline stored(): bool {
    return false;
  }
}

@final
@unmanaged
export class Euclidean {
  @inline term(d: v128): v128 {
    return lane.mul(d, d);
  }
  @inline slope(d: v128): v128 {
    return d;
  }
  @inline sound(sum: f64): bool {
    return sum > SMALL && sum < LARGE;
  }
  @inline distance(sum: f64): f64 {
    return Math.sqrt(sum);
  }
  @inline factor(sum: f64): f64 {
    return 1 / Math.sqrt(sum);
  }
  @inline stored(): bool {
    return false;
  }
}

/** Slopes that `power` has left in rows of scratch. */
@final
@unmanaged
export class Stored {
  @inline slope(d: v128): v128 {
    return d;
  }
  @inline stored(): bool {
    return true;
  }
}

/**
 * Any p: t = |d| / m with m the largest |d|, so that nothing overflows; the sum is Σ t^p and a slope ±t^(p − 1). A block at a time, in short
 * loops over STAGE.
 */
@final
@unmanaged
export class power {
  /** max |x − y + eps|; NaN are passed over. */
  static largest(x: usize, y: usize, n: i32): f64 {
    const eps = constant.lanes(EPS),
      rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    let most = lane.zero();
    for (; x < end; x += VECTOR, y += VECTOR)
      most = lane.pmax(most, lane.abs(shifted.difference(v128.load(x), v128.load(y), eps)));
    if (rest) {
      const d = shifted.difference(tail.load(x, rest, lane.zero()), tail.load(y, rest, lane.zero()), eps);
      most = lane.pmax(most, tail.keep(lane.abs(d), rest));
    }
    return lane.largest(most);
  }

  /** STAGE_A = min(1, |x − y + eps| / size), 0 in the lanes behind the last; divided, so that the largest is exactly 1, whatever power follows. */
  static ratios(x: usize, y: usize, n: i32, size: f64): void {
    const eps = constant.lanes(EPS),
      whole = lane.of(size),
      rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    let to = STAGE_A;
    for (; x < end; x += VECTOR, y += VECTOR, to += VECTOR)
      v128.store(to, power.ratio(shifted.difference(v128.load(x), v128.load(y), eps), whole));
    if (rest) {
      const d = shifted.difference(tail.load(x, rest, lane.zero()), tail.load(y, rest, lane.zero()), eps);
      v128.store(to, tail.keep(power.ratio(d, whole), rest));
    }
  }
  @inline static ratio(d: v128, size: v128): v128 {
    return lane.pmin(lane.div(lane.abs(d), size), lane.one());
  }

  /** STAGE_B = STAGE_A^exponent. */
  static raise(vectors: i32, exponent: f64): void {
    if (exponent == 1) memory.copy(STAGE_B, STAGE_A, vectors * VECTOR);
    else if (exponent == 2) {
      const least = lane.of(SMALL_ROOT);
      for (let i: usize = 0, end = <usize>vectors * VECTOR; i < end; i += VECTOR) {
        const t = v128.load(STAGE_A + i),
          some = lane.andnot(t, lane.lt(t, least));
        v128.store(STAGE_B + i, lane.mul(some, some));
      }
    } else math.powBlock(STAGE_A, STAGE_B, vectors, <real>Math.min(exponent, 1e30));
  }

  /** Σ STAGE_A · STAGE_B */
  static product(vectors: i32): f64 {
    let a = lane.zero(),
      b = lane.zero(),
      i: usize = 0;
    for (const end = <usize>(vectors & ~1) * VECTOR; i < end; i += 2 * VECTOR) {
      a = lane.fma(v128.load(STAGE_A + i), v128.load(STAGE_B + i), a);
      b = lane.fma(v128.load(STAGE_A + i, VECTOR), v128.load(STAGE_B + i, VECTOR), b);
    }
    if (vectors & 1) a = lane.fma(v128.load(STAGE_A + i), v128.load(STAGE_B + i), a);
    return lane.sum(lane.add(a, b));
  }

  /** `to` = STAGE_B with the sign of x − y + eps. */
  static sign(x: usize, y: usize, n: i32, to: usize): void {
    const eps = constant.lanes(EPS),
      rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    let from = STAGE_B;
    for (; x < end; x += VECTOR, y += VECTOR, to += VECTOR, from += VECTOR)
      v128.store(to, lane.copysign(v128.load(from), shifted.difference(v128.load(x), v128.load(y), eps)));
    if (rest) {
      const d = shifted.difference(tail.load(x, rest, lane.zero()), tail.load(y, rest, lane.zero()), eps);
      tail.store(to, lane.copysign(v128.load(from), d), rest);
    }
  }

  /** Distance k of the row, its factor, and with `grad` its slopes to `to`; `exponent` is p − 1. */
  static distance(k: i32, x: usize, y: usize, n: i32, to: usize, exponent: f64, grad: bool): void {
    const largest = power.largest(x, y, n),
      size = Math.min(Math.max(largest, SMALLEST_NORMAL), LARGEST),
      p = exponent + 1;
    let sum: f64 = 0;
    for (let left = n; left > 0; left -= BLOCK, x += BLOCK * REAL, y += BLOCK * REAL, to += BLOCK * REAL) {
      const some = min(left, BLOCK),
        count = (some + LANES - 1) / LANES;
      power.ratios(x, y, some, size);
      power.raise(count, exponent);
      sum += power.product(count);
      if (grad) power.sign(x, y, some, to);
    }
    const infinite = largest == Infinity && sum == sum;
    row.set(DISTANCE + k, infinite ? largest : sum == 0 ? 0 : Math.pow(sum, 1 / p) * size);
    row.set(FACTOR + k, infinite ? NaN : sum == 0 ? 0 : Math.pow(sum, 1 / p - 1));
  }
}
