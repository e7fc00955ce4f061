/**
 * Constants of the elementary functions (math.ts), one table a precision with the same layout, read by `v128.load_splat`:
 * a v128.const inside a loop is built anew in every iteration by V8 11.
 * Derived by scripts/coefficients.py; the bounds there are of the rounded polynomials, against the function's value:
 *   exp        2^-28.2 (f32, degree 6)   2^-55.8 (f64, degree 11)
 *   log        2^-30.2 (f32, 3 terms)    2^-59.5 (f64, 7 terms)
 *   log1pUnit  2^-27.7 (f32, 4 terms)    2^-59.4 (f64, 10 terms)
 */

/** Places in the table. */
export const enum K {
  ONE,
  TWO,
  FOUR,
  SIGN,
  INFINITY,
  MINUS_INFINITY,
  NORMAL,
  LOG2E,
  /** 1.5·2^p + bias: adding it rounds to an integer and leaves the biased exponent in the low bits. */
  MAGIC,
  LN2_HI,
  LN2_LO,
  /** The largest number whose exp is below the smallest normal number: from here down exp is 0. */
  EXP_MIN,
  EXP_MAX,
  /** The largest power of two. */
  TOP,
  /** Scale under which 2^n no longer matters beside 1. */
  FAINT,
  E2, E3, E4, E5, E6, E7, E8, E9, E10, E11,
  /** The bits of a fraction, as a number. */
  FRACTION,
  /** √½, and what shifts its bits to those of 1. */
  SQRT_HALF,
  SHIFT,
  /** 2^p and 2^p + bias: an integer's bits to its value. */
  INTEGER,
  INTEGER_BIAS,
  /** Scale of subnormal inputs and its exponent. */
  UP,
  UP_LOG2,
  L1, L2, L3, L4, L5, L6, L7,
  /** Below it x² no longer matters beside x. */
  SLIGHT,
  U1, U2, U3, U4, U5, U6, U7, U8, U9, U10,
}

export const TABLE: usize = sizeof<real>() == 4
  ? memory.data<f32>([
    1, 2, 4, -0.0, Infinity, -Infinity, 1.1754943508222875e-38,
    1.4426950216293335, 12583039, 0.693145751953125, 1.428606765330187e-6, -87.3365478515625, 89, 1.7014118346046923e38, 9.094947017729282e-13,
    0.4999999403953552, 0.16666516661643982, 0.04166810214519501, 0.008369192481040955, 0.001383889582939446,
    0, 0, 0, 0, 0,
    1.1754942106924411e-38, 0.7071067690849304, 6.885886766695041e-39, 8388608, 8388735, 16777216, 24,
    0.6666677594184875, 0.39977583289146423, 0.2987079620361328,
    0, 0, 0, 0,
    4.656612873077393e-10,
    0.6666641235351562, 0.4002175033092499, 0.2799821197986603, 0.2802942991256714,
    0, 0, 0, 0, 0, 0,
  ], 16)
  : memory.data<f64>([
    1, 2, 4, -0.0, Infinity, -Infinity, 2.2250738585072014e-308,
    1.4426950408889634, 6755399441056767, 0.693147180559663, 2.8235290563031577e-13, -708.3964185322642, 710, 8.98846567431158e307, 8.271806125530277e-25,
    0.5000000000000011, 0.16666666666666438, 0.04166666666652578, 0.008333333333473095, 0.0013888888944824382,
    0.00019841269563427596, 2.4801492184992932e-5, 2.755751584821211e-6, 2.763036779293081e-7, 2.5029711523658383e-8,
    2.225073858507201e-308, 0.7071067811865476, 1.303418089031685e-308, 4503599627370496, 4503599627371519, 18014398509481984, 54,
    0.6666666666666734, 0.3999999999941663, 0.2857142874203226, 0.222221986045137, 0.181835628843342,
    0.15314083894845765, 0.14795643655640117,
    8.673617379884035e-19,
    0.6666666666666631, 0.40000000000156216, 0.2857142854795707, 0.22222223964348348, 0.18181744089578786,
    0.15386556806442012, 0.13301010562223903, 0.1210581852326938, 0.08341183163702721, 0.17016706402370954,
  ], 16);
