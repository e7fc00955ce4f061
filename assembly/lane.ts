/**
 * One vector of `real` (4 x f32 or 2 x f64): the only place that names a SIMD instruction for arithmetic.
 * `real` is aliased to f32 or f64 for the whole module (asconfig.json), so every formula is written once.
 * It knows no loss and no memory layout. The relaxed-SIMD build will differ from the fixed one in `fma` alone.
 */

/** Lanes in a vector: 4 for f32, 2 for f64. */
// @ts-ignore: decorator
@inline export const LANES: i32 = sizeof<real>() == 4 ? 4 : 2;
// @ts-ignore: decorator
@inline export const REAL: i32 = sizeof<real>();
// @ts-ignore: decorator
@inline export const VECTOR: i32 = 16;

/** Smallest normal number of `real`: what is smaller may be flushed to 0. */
// @ts-ignore: decorator
@inline export const SMALLEST_NORMAL: f64 = sizeof<real>() == 4 ? 1.1754943508222875e-38 : 2.2250738585072014e-308;

@final @unmanaged
export class lane {
  @inline static splat(x: real): v128 { return v128.splat<real>(x); }
  @inline static of(x: f64): v128 { return v128.splat<real>(<real>x); }
  @inline static zero(): v128 { return v128.splat<real>(0); }
  @inline static add(a: v128, b: v128): v128 { return v128.add<real>(a, b); }
  @inline static sub(a: v128, b: v128): v128 { return v128.sub<real>(a, b); }
  @inline static mul(a: v128, b: v128): v128 { return v128.mul<real>(a, b); }
  @inline static div(a: v128, b: v128): v128 { return v128.div<real>(a, b); }
  /** a·b + c; two roundings here, one in the relaxed build: no formula may depend on which. */
  @inline static fma(a: v128, b: v128, c: v128): v128 { return v128.add<real>(v128.mul<real>(a, b), c); }
  /** c − a·b, rounded as `fma`. */
  @inline static fnma(a: v128, b: v128, c: v128): v128 { return v128.sub<real>(c, v128.mul<real>(a, b)); }
  @inline static abs(a: v128): v128 { return v128.abs<real>(a); }
  @inline static neg(a: v128): v128 { return v128.neg<real>(a); }
  /** Minimum and maximum in which a NaN of either side wins. */
  @inline static min(a: v128, b: v128): v128 { return v128.min<real>(a, b); }
  @inline static max(a: v128, b: v128): v128 { return v128.max<real>(a, b); }
  /** b < a ? b : a and a < b ? b : a, one instruction each: a NaN in `a` stays, a NaN in `b` is passed over. */
  @inline static pmin(a: v128, b: v128): v128 { return v128.pmin<real>(a, b); }
  @inline static pmax(a: v128, b: v128): v128 { return v128.pmax<real>(a, b); }
  @inline static eq(a: v128, b: v128): v128 { return v128.eq<real>(a, b); }
  @inline static ne(a: v128, b: v128): v128 { return v128.ne<real>(a, b); }
  @inline static lt(a: v128, b: v128): v128 { return v128.lt<real>(a, b); }
  @inline static le(a: v128, b: v128): v128 { return v128.le<real>(a, b); }
  @inline static gt(a: v128, b: v128): v128 { return v128.gt<real>(a, b); }
  @inline static ge(a: v128, b: v128): v128 { return v128.ge<real>(a, b); }
  /** mask ? a : b, bit by bit. */
  @inline static select(a: v128, b: v128, mask: v128): v128 { return v128.bitselect(a, b, mask); }
  @inline static and(a: v128, mask: v128): v128 { return v128.and(a, mask); }
  /** a where the mask is not set, else +0. */
  @inline static andnot(a: v128, mask: v128): v128 { return v128.andnot(a, mask); }
  @inline static or(a: v128, b: v128): v128 { return v128.or(a, b); }
  @inline static xor(a: v128, b: v128): v128 { return v128.xor(a, b); }
  /** |magnitude| with the sign of `sign`. */
  @inline static copysign(magnitude: v128, sign: v128): v128 {
    const bit = lane.splat(-0.0);
    return v128.or(v128.andnot(magnitude, bit), v128.and(sign, bit));
  }
  /** The first lane as a scalar. */
  @inline static first(a: v128): real { return v128.extract_lane<real>(a, 0); }
  /** The four (two) lanes added pairwise, in float64. */
  @inline static sum(a: v128): f64 {
    if (sizeof<real>() == 4) {
      return (<f64>v128.extract_lane<f32>(a, 0) + <f64>v128.extract_lane<f32>(a, 1)) +
        (<f64>v128.extract_lane<f32>(a, 2) + <f64>v128.extract_lane<f32>(a, 3));
    }
    return v128.extract_lane<f64>(a, 0) + v128.extract_lane<f64>(a, 1);
  }
}
