/**
 * Numbers of any size without logarithms, two in a vector: mantissa · 2^exponent, each a float64 in a vector of its own, in both modules.
 * An exponent is a whole number; 0 is mantissa 1 with an exponent of ZERO or less, which no sum brings back. It knows no loss.
 */

/** Exponent of 0, and below which a number is taken for 0. Sums of 10^8 of them are still numbers. */
export const ZERO: f64 = -1e300;
export const NOTHING: f64 = -5e299;

/** Places in the table of constants, whole vectors (lane.ts says why). */
const enum P {
  ONE,
  ZERO,
  /** Below it 2^d no longer matters beside 1; a mantissa times it is still a normal number. */
  FLOOR,
  TOP,
  /** 1.5·2^52 + 1023: adding it to a whole number leaves the biased exponent in the low bits. */
  MAGIC,
  /** The bits of a fraction, as a number. */
  FRACTION,
  /** 2^52 and 2^52 + 1023: an exponent field's bits to its value. */
  INTEGER,
  INTEGER_BIAS,
  /** Between them lie the arguments of exp; the lower one gives a 0. */
  V_MIN,
  V_MAX,
  LOG2E,
  /** 32 bits: times an exponent below 2^21 (arguments to −1.4e6) it is exact. */
  LN2_HI,
  LN2_LO,
  R_MIN,
  R_MAX,
  INFINITY,
  /** exp, as E2 to E11 of coefficients.ts, bound 2^-55.8. */
  E2,
  E3,
  E4,
  E5,
  E6,
  E7,
  E8,
  E9,
  E10,
  E11,
}

const TABLE = memory.data<f64>(
  [
    1,
    1,
    -1e300,
    -1e300,
    -1000,
    -1000,
    1023,
    1023,
    6755399441056767,
    6755399441056767,
    2.225073858507201e-308,
    2.225073858507201e-308,
    4503599627370496,
    4503599627370496,
    4503599627371519,
    4503599627371519,
    -6e299,
    -6e299,
    1e280,
    1e280,
    1.4426950408889634,
    1.4426950408889634,
    0.6931471803691238,
    0.6931471803691238,
    1.9082149292705877e-10,
    1.9082149292705877e-10,
    -0.35,
    -0.35,
    0.35,
    0.35,
    Infinity,
    Infinity,
    0.5000000000000011,
    0.5000000000000011,
    0.16666666666666438,
    0.16666666666666438,
    0.04166666666652578,
    0.04166666666652578,
    0.008333333333473095,
    0.008333333333473095,
    0.0013888888944824382,
    0.0013888888944824382,
    0.00019841269563427596,
    0.00019841269563427596,
    2.4801492184992932e-5,
    2.4801492184992932e-5,
    2.755751584821211e-6,
    2.755751584821211e-6,
    2.763036779293081e-7,
    2.763036779293081e-7,
    2.5029711523658383e-8,
    2.5029711523658383e-8,
  ],
  16,
);

@final
@unmanaged
export class pair {
  @inline static k(index: i32): v128 {
    return v128.load(TABLE + <usize>(16 * index));
  }
  @inline static one(): v128 {
    return pair.k(P.ONE);
  }
  @inline static zero(): v128 {
    return pair.k(P.ZERO);
  }
  /** The numbers one place on: the high one of a and the low one of b. */
  @inline static across(a: v128, b: v128): v128 {
    return v128.shuffle<f64>(a, b, 1, 2);
  }
  @inline static larger(a: v128, b: v128): v128 {
    return f64x2.pmax(a, b);
  }

  /** m · 2^d for a whole d of at most 1023. */
  @inline static scale(m: v128, d: v128): v128 {
    const t = f64x2.add(f64x2.pmax(d, pair.k(P.FLOOR)), pair.k(P.MAGIC));
    return f64x2.mul(m, i64x2.shl(t, 52));
  }
  /** m · 2^e as a float64: infinite beyond, and 0 where it is nearly subnormal. */
  @inline static value(m: v128, e: v128): v128 {
    const seen = f64x2.gt(e, pair.k(P.FLOOR));
    return v128.and(pair.scale(m, f64x2.pmin(e, pair.k(P.TOP))), seen);
  }
  /** The same of what is at most 1 but for rounding. */
  @inline static share(m: v128, e: v128): v128 {
    return f64x2.pmin(pair.value(m, e), pair.one());
  }
  /** The mantissa in [1, 2) of a positive normal number, and its exponent. */
  @inline static mantissa(x: v128): v128 {
    return v128.or(v128.and(x, pair.k(P.FRACTION)), pair.k(P.ONE));
  }
  @inline static exponent(x: v128): v128 {
    return f64x2.sub(v128.or(i64x2.shr_u(x, 52), pair.k(P.INTEGER)), pair.k(P.INTEGER_BIAS));
  }

  /** Whether e^v is a number: v is neither NaN nor +infinite. */
  @inline static sound(v: v128): v128 {
    return f64x2.lt(v, pair.k(P.INFINITY));
  }
  /** v within the arguments of exp. */
  @inline static argument(v: v128): v128 {
    return f64x2.pmin(f64x2.pmax(v, pair.k(P.V_MIN)), pair.k(P.V_MAX));
  }
  /** The exponent of e^v. */
  @inline static expExponent(v: v128): v128 {
    return f64x2.nearest(f64x2.mul(v, pair.k(P.LOG2E)));
  }
  /** e^v / 2^k with k = expExponent(v), in [0.70, 1.42]: 1.1 ulp down to v = −1.4e6, from where on v itself is as inexact. */
  @inline static expMantissa(v: v128, k: v128): v128 {
    const high = f64x2.sub(v, f64x2.mul(k, pair.k(P.LN2_HI)));
    const far = f64x2.sub(high, f64x2.mul(k, pair.k(P.LN2_LO)));
    const r = f64x2.pmin(f64x2.pmax(far, pair.k(P.R_MIN)), pair.k(P.R_MAX));
    const w = f64x2.mul(r, r);
    let even = f64x2.add(f64x2.mul(pair.k(P.E10), w), pair.k(P.E8));
    let odd = f64x2.add(f64x2.mul(pair.k(P.E11), w), pair.k(P.E9));
    even = f64x2.add(f64x2.mul(even, w), pair.k(P.E6));
    odd = f64x2.add(f64x2.mul(odd, w), pair.k(P.E7));
    even = f64x2.add(f64x2.mul(even, w), pair.k(P.E4));
    odd = f64x2.add(f64x2.mul(odd, w), pair.k(P.E5));
    even = f64x2.add(f64x2.mul(even, w), pair.k(P.E2));
    odd = f64x2.add(f64x2.mul(odd, w), pair.k(P.E3));
    const p = f64x2.add(f64x2.mul(odd, r), even);
    return f64x2.add(f64x2.add(f64x2.mul(p, w), r), pair.k(P.ONE));
  }

  /** log(m · 2^e) of a positive normal m, to 1 ulp of m's part: 2·atanh(s) + e·ln 2, s = (m − 1) / (m + 1), |s| <= 0.172. */
  static log(m: f64, e: f64): f64 {
    const x = f64x2.splat(m);
    let f = f64x2.extract_lane(pair.mantissa(x), 0);
    e += f64x2.extract_lane(pair.exponent(x), 0);
    if (f > 1.4142135623730951) {
      f *= 0.5;
      e += 1;
    }
    const s = (f - 1) / (f + 1),
      z = s * s;
    let p: f64 = 0;
    for (let j: f64 = 23; j >= 3; j -= 2) p = (p + 1 / j) * z;
    return e * 0.6931471803691238 + (2 * s + (2 * s * p + e * 1.9082149292705877e-10));
  }
}
