/**
 * One vector of `real` (4 x f32 or 2 x f64): the only place that names a SIMD instruction for arithmetic.
 * `real` is aliased to f32 or f64 for the whole module (asconfig.json), so every formula is written once.
 * It knows no loss and no memory layout. The relaxed-SIMD build differs in `fma` and `fnma`, in two places made for them (math.raised, the
 * tile of gemm.ts), and nowhere else: a relaxed select takes as many operations on x64 as three plain ones, and min and max gain nothing.
 */

/** Lanes in a vector: 4 for f32, 2 for f64. */
export const LANES: i32 = sizeof<real>() == 4 ? 4 : 2;
export const REAL: i32 = sizeof<real>();
export const VECTOR: i32 = 16;

/** Smallest normal number of `real`: what is smaller may be flushed to 0. */
export const SMALLEST_NORMAL: f64 = sizeof<real>() == 4 ? 1.1754943508222875e-38 : 2.2250738585072014e-308;

/**
 * Whole vectors of common constants. Loaded, not `v128.const`: V8 11 builds such a constant anew in every iteration (3-4 operations),
 * a load folds into the instruction that uses it.
 */
const COMMON: usize =
  sizeof<real>() == 4
    ? memory.data<f32>([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, -0.0, -0.0, -0.0, -0.0], 16)
    : memory.data<f64>([1, 1, 0.5, 0.5, -0.0, -0.0], 16);

@final
@unmanaged
export class lane {
  @inline static one(): v128 {
    return v128.load(COMMON);
  }
  @inline static half(): v128 {
    return v128.load(COMMON + 16);
  }
  @inline static signBit(): v128 {
    return v128.load(COMMON + 32);
  }
  /** Address of a vector of ones. */
  @inline static ones(): usize {
    return COMMON;
  }
  @inline static splat(x: real): v128 {
    return v128.splat<real>(x);
  }
  @inline static of(x: f64): v128 {
    return v128.splat<real>(<real>x);
  }
  @inline static zero(): v128 {
    return v128.splat<real>(0);
  }
  @inline static add(a: v128, b: v128): v128 {
    return v128.add<real>(a, b);
  }
  @inline static sub(a: v128, b: v128): v128 {
    return v128.sub<real>(a, b);
  }
  @inline static mul(a: v128, b: v128): v128 {
    return v128.mul<real>(a, b);
  }
  @inline static div(a: v128, b: v128): v128 {
    return v128.div<real>(a, b);
  }
  /** a·b + c: two roundings, or in the relaxed build one or two as the machine has it. No formula may depend on which. */
  @inline static fma(a: v128, b: v128, c: v128): v128 {
    return ASC_FEATURE_RELAXED_SIMD
      ? v128.relaxed_madd<real>(a, b, c)
      : v128.add<real>(v128.mul<real>(a, b), c);
  }
  /** c − a·b, rounded as `fma`. */
  @inline static fnma(a: v128, b: v128, c: v128): v128 {
    return ASC_FEATURE_RELAXED_SIMD
      ? v128.relaxed_nmadd<real>(a, b, c)
      : v128.sub<real>(c, v128.mul<real>(a, b));
  }
  @inline static abs(a: v128): v128 {
    return v128.abs<real>(a);
  }
  @inline static neg(a: v128): v128 {
    return v128.neg<real>(a);
  }
  /** b < a ? b : a and a < b ? b : a, one instruction each: a NaN in `a` stays, a NaN in `b` is passed over. */
  @inline static pmin(a: v128, b: v128): v128 {
    return v128.pmin<real>(a, b);
  }
  @inline static pmax(a: v128, b: v128): v128 {
    return v128.pmax<real>(a, b);
  }
  @inline static eq(a: v128, b: v128): v128 {
    return v128.eq<real>(a, b);
  }
  @inline static ne(a: v128, b: v128): v128 {
    return v128.ne<real>(a, b);
  }
  @inline static lt(a: v128, b: v128): v128 {
    return v128.lt<real>(a, b);
  }
  @inline static le(a: v128, b: v128): v128 {
    return v128.le<real>(a, b);
  }
  @inline static gt(a: v128, b: v128): v128 {
    return v128.gt<real>(a, b);
  }
  @inline static ge(a: v128, b: v128): v128 {
    return v128.ge<real>(a, b);
  }
  /** mask ? a : b, bit by bit. */
  @inline static select(a: v128, b: v128, mask: v128): v128 {
    return v128.bitselect(a, b, mask);
  }
  @inline static and(a: v128, mask: v128): v128 {
    return v128.and(a, mask);
  }
  /** a where the mask is not set, else +0. */
  @inline static andnot(a: v128, mask: v128): v128 {
    return v128.andnot(a, mask);
  }
  @inline static or(a: v128, b: v128): v128 {
    return v128.or(a, b);
  }
  @inline static xor(a: v128, b: v128): v128 {
    return v128.xor(a, b);
  }
  /** |magnitude| with the sign of `sign`. */
  @inline static copysign(magnitude: v128, sign: v128): v128 {
    const bit = lane.signBit();
    return v128.or(v128.andnot(magnitude, bit), v128.and(sign, bit));
  }
  /** w · a, 0 where w is 0 and a is no NaN (0 · inf is 0 in a loss). */
  @inline static weigh(w: v128, a: v128): v128 {
    return lane.andnot(lane.mul(w, a), lane.and(lane.eq(w, lane.zero()), lane.eq(a, a)));
  }
  /** The same where a NaN in a is caught elsewhere. */
  @inline static weighNumber(w: v128, a: v128): v128 {
    return lane.andnot(lane.mul(w, a), lane.eq(w, lane.zero()));
  }
  /** The first lane as a scalar. */
  @inline static first(a: v128): real {
    return v128.extract_lane<real>(a, 0);
  }
  /** The largest lane; NaN lanes are passed over unless all are. */
  @inline static largest(a: v128): f64 {
    if (sizeof<real>() == 4) a = v128.pmax<real>(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
    const b = v128.extract_lane<real>(a, 0),
      c = v128.extract_lane<real>(a, 1);
    return <f64>(b < c ? c : b);
  }
  /** A bit a lane whose mask is set. */
  @inline static mask(mask: v128): i32 {
    return sizeof<real>() == 4 ? i32x4.bitmask(mask) : i64x2.bitmask(mask);
  }
  /** Number of the first lane whose mask is set. */
  @inline static firstSet(mask: v128): i32 {
    return ctz(lane.mask(mask));
  }
  /** The four (two) lanes added pairwise, in float64. */
  @inline static sum(a: v128): f64 {
    if (sizeof<real>() == 4) {
      return (
        <f64>v128.extract_lane<f32>(a, 0) +
        <f64>v128.extract_lane<f32>(a, 1) +
        (<f64>v128.extract_lane<f32>(a, 2) + <f64>v128.extract_lane<f32>(a, 3))
      );
    }
    return v128.extract_lane<f64>(a, 0) + v128.extract_lane<f64>(a, 1);
  }
}

/** Flags of generic functions: a call is compiled for each, and what it does not want folds away. */
@final
@unmanaged
export class Yes {
  @inline on(): bool {
    return true;
  }
  @inline own(): bool {
    return false;
  }
}
@final
@unmanaged
export class No {
  @inline on(): bool {
    return false;
  }
  @inline own(): bool {
    return false;
  }
}
/** Yes, of a weighted sum: its weights are the exponentials themselves, as in an entropy. */
@final
@unmanaged
export class Own {
  @inline on(): bool {
    return true;
  }
  @inline own(): bool {
    return true;
  }
}
@final
@unmanaged
export class flag {
  @inline static on<F>(): bool {
    return changetype<F>(0).on();
  }
  @inline static own<F>(): bool {
    return changetype<F>(0).own();
  }
}
