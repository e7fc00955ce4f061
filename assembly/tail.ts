/** Vectors that are not full: the tail of an array runs the same vector body on a padded vector, and nothing outside the array is touched. */
import { lane, REAL } from './lane';

/** Full vectors of ones (bits), then of zeros: a load at an offset gives a mask of the first n lanes. */
const MASKS = memory.data<u32>([~0, ~0, ~0, ~0, 0, 0, 0, 0], 16);

@final
@unmanaged
export class tail {
  /** All bits set in the first n lanes, 0 <= n <= LANES. */
  @inline static mask(n: i32): v128 {
    return v128.load(MASKS + 16 - n * REAL);
  }

  /** The n < LANES reals at p, `fill` in the lanes behind them. */
  @inline static load(p: usize, n: i32, fill: v128): v128 {
    let v = fill;
    if (sizeof<real>() == 4) {
      if (n & 2) v = v128.load64_lane(p, v, 0);
      if (n == 1) v = v128.load32_lane(p, v, 0);
      if (n == 3) v = v128.load32_lane(p, v, 2, 8);
    } else if (n) {
      v = v128.load64_lane(p, v, 0);
    }
    return v;
  }

  /** Stores the first n < LANES lanes at p. */
  @inline static store(p: usize, v: v128, n: i32): void {
    if (sizeof<real>() == 4) {
      if (n & 2) v128.store64_lane(p, v, 0);
      if (n == 1) v128.store32_lane(p, v, 0);
      if (n == 3) v128.store32_lane(p, v, 2, 8);
    } else if (n) {
      v128.store64_lane(p, v, 0);
    }
  }

  /** The same lanes of a and 0 behind them. */
  @inline static keep(a: v128, n: i32): v128 {
    return lane.and(a, tail.mask(n));
  }
}

/** 0, 1, … as lane numbers of the integer type as wide as `real`. */
@final
@unmanaged
export class index {
  @inline static splat(i: i32): v128 {
    return sizeof<real>() == 4 ? i32x4.splat(i) : i64x2.splat(<i64>i);
  }
  @inline static iota(): v128 {
    return sizeof<real>() == 4 ? i32x4(0, 1, 2, 3) : i64x2(0, 1);
  }
  @inline static add(a: v128, b: v128): v128 {
    return sizeof<real>() == 4 ? i32x4.add(a, b) : i64x2.add(a, b);
  }
  @inline static eq(a: v128, b: v128): v128 {
    return sizeof<real>() == 4 ? i32x4.eq(a, b) : i64x2.eq(a, b);
  }
  /** Counts mask bits: a − mask, a set mask being −1. */
  @inline static count(a: v128, mask: v128): v128 {
    return sizeof<real>() == 4 ? i32x4.sub(a, mask) : i64x2.sub(a, mask);
  }
  @inline static sum(a: v128): f64 {
    if (sizeof<real>() == 4) {
      return <f64>(
        (i32x4.extract_lane(a, 0) +
          i32x4.extract_lane(a, 1) +
          i32x4.extract_lane(a, 2) +
          i32x4.extract_lane(a, 3))
      );
    }
    return <f64>(i64x2.extract_lane(a, 0) + i64x2.extract_lane(a, 1));
  }
  /** Small counts as reals, lane by lane. */
  @inline static real(a: v128): v128 {
    return sizeof<real>() == 4
      ? f32x4.convert_i32x4_s(a)
      : f64x2.convert_low_i32x4_s(v128.shuffle<i32>(a, a, 0, 2, 0, 2));
  }
}
