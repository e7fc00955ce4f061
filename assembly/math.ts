/**
 * exp, log, log1p and tanh on vectors of `real`, without branches: every lane has the same bits wherever it stands.
 * Bounds measured by scripts/check-math.mjs stand beside each function; with fused multiply-add exp has 1.04 (f64 1.08), log1pUnit 1.03
 * (f64 0.94), and the others no more than without (of every 31st float32).
 * exp is 0 where it would be below the smallest normal number.
 */
import { K, TABLE } from './coefficients';
import { lane, REAL, VECTOR } from './lane';

/** From 1 − this to this 2^n of e^x = 2^n·e^r is a normal number, |n| at most 126 (1022). */
const EXP_BOUND: f64 = sizeof<real>() == 4 ? 87.6 : 708.7;

@final
@unmanaged
export class math {
  /** A constant of the table, in every lane. */
  @inline static k(index: i32): v128 {
    return v128.load_splat<real>(TABLE + <usize>(index * REAL));
  }

  /** Bits added, subtracted and shifted as whole numbers as wide as `real`. */
  @inline static addBits(a: v128, b: v128): v128 {
    return sizeof<real>() == 4 ? i32x4.add(a, b) : i64x2.add(a, b);
  }
  @inline static subBits(a: v128, b: v128): v128 {
    return sizeof<real>() == 4 ? i32x4.sub(a, b) : i64x2.sub(a, b);
  }
  /** The low bits of an integer made by K.MAGIC moved to the exponent: 2^n. */
  @inline static toExponent(a: v128): v128 {
    return sizeof<real>() == 4 ? i32x4.shl(a, 23) : i64x2.shl(a, 52);
  }
  /** The exponent field as a small integer. */
  @inline static fromExponent(a: v128): v128 {
    return sizeof<real>() == 4 ? i32x4.shr_u(a, 23) : i64x2.shr_u(a, 52);
  }

  /** r of x = n·ln 2 + r, where t = n + K.MAGIC. */
  @inline static reduced(x: v128, t: v128): v128 {
    const n = lane.sub(t, math.k(K.MAGIC));
    return lane.fnma(n, math.k(K.LN2_LO), lane.fnma(n, math.k(K.LN2_HI), x));
  }

  /** e^r − 1 = r + r²·P(r), |r| <= ½ ln 2. P's odd and even powers apart: half as long a chain of dependent operations. */
  @inline static expm1Reduced(r: v128): v128 {
    const w = lane.mul(r, r);
    let even: v128, odd: v128;
    if (sizeof<real>() == 4) {
      even = math.k(K.E6);
      odd = math.k(K.E5);
    } else {
      even = lane.fma(math.k(K.E10), w, math.k(K.E8));
      odd = lane.fma(math.k(K.E11), w, math.k(K.E9));
      even = lane.fma(even, w, math.k(K.E6));
      odd = lane.fma(odd, w, math.k(K.E7));
      odd = lane.fma(odd, w, math.k(K.E5));
    }
    even = lane.fma(even, w, math.k(K.E4));
    odd = lane.fma(odd, w, math.k(K.E3));
    even = lane.fma(even, w, math.k(K.E2));
    return lane.fma(lane.fma(odd, r, even), w, r);
  }

  /** 2^n of t = n + K.MAGIC; 0 where e^x is below the smallest normal number: a subnormal product would take 14 times as long. */
  @inline static power(x: v128, t: v128): v128 {
    return lane.and(math.toExponent(t), lane.gt(x, math.k(K.EXP_MIN)));
  }

  /** (1 + q)·power: one rounding and one operation with fused multiply-add, where two would be as many as without. */
  @inline static raised(q: v128, power: v128): v128 {
    return ASC_FEATURE_RELAXED_SIMD ? lane.fma(q, power, power) : lane.mul(lane.add(q, math.k(K.ONE)), power);
  }

  /** e^x for x <= 0 (also −inf and NaN). f32 1.03 ulp, f64 1.06. */
  @inline static expNonPositive(x: v128): v128 {
    const clamped = lane.pmax(x, math.k(K.EXP_MIN));
    const t = lane.fma(clamped, math.k(K.LOG2E), math.k(K.MAGIC));
    const r = math.reduced(clamped, t);
    return math.raised(math.expm1Reduced(r), math.power(x, t));
  }

  /** The same for EXP_MIN < x < EXP_BOUND or NaN, to the same bits (of `exp` too): three operations of 25 less, eight of 30. */
  @inline static expBounded(x: v128): v128 {
    const t = lane.fma(x, math.k(K.LOG2E), math.k(K.MAGIC));
    return math.raised(math.expm1Reduced(math.reduced(x, t)), math.toExponent(t));
  }
  /** Whether every lane is one that expBounded is for. */
  @inline static bounded(x: v128): bool {
    const inside = lane.gt(x, math.k(K.EXP_MIN));
    return sizeof<real>() == 4 ? i32x4.all_true(inside) : i64x2.all_true(inside);
  }

  @inline static expNegAbs(x: v128): v128 {
    return math.expNonPositive(lane.or(x, math.k(K.SIGN)));
  }

  /** e^x − 1 for x <= 1 or NaN. f32 1.7 ulp, f64 1.6. */
  @inline static expm1(x: v128): v128 {
    const clamped = lane.pmax(x, math.k(K.EXP_MIN));
    const t = lane.fma(clamped, math.k(K.LOG2E), math.k(K.MAGIC));
    const some = lane.pmax(math.power(x, t), math.k(K.FAINT)); // the product stays a normal number
    return lane.fma(math.expm1Reduced(math.reduced(clamped, t)), some, lane.sub(some, math.k(K.ONE)));
  }

  /** e^x for any x. f32 1.03 ulp, f64 1.06. 2^n goes in as two factors, as 2^128 (2^1024) is not a number. */
  @inline static exp(x: v128): v128 {
    const clamped = lane.pmin(lane.pmax(x, math.k(K.EXP_MIN)), math.k(K.EXP_MAX));
    const t = lane.fma(clamped, math.k(K.LOG2E), math.k(K.MAGIC));
    const r = math.reduced(clamped, t);
    const field = math.power(x, t);
    const power = i16x8.min_s(field, math.k(K.TOP));
    const rest = math.addBits(math.subBits(field, power), math.k(K.ONE));
    return lane.mul(math.raised(math.expm1Reduced(r), power), rest);
  }

  /** log of k and 1 + f: k·ln 2 + log1p(f); `g` is f, or 0 where f² would not be a normal number. */
  @inline static logParts(k: v128, f: v128, g: v128): v128 {
    const s = lane.div(g, lane.add(g, math.k(K.TWO)));
    const z = lane.mul(s, s);
    let p: v128;
    if (sizeof<real>() == 4) {
      p = math.k(K.L3);
    } else {
      p = math.k(K.L7);
      p = lane.fma(p, z, math.k(K.L6));
      p = lane.fma(p, z, math.k(K.L5));
      p = lane.fma(p, z, math.k(K.L4));
      p = lane.fma(p, z, math.k(K.L3));
    }
    p = lane.fma(p, z, math.k(K.L2));
    p = lane.fma(p, z, math.k(K.L1));
    const square = lane.mul(s, lane.fnma(p, z, g));
    return lane.fma(k, math.k(K.LN2_HI), lane.sub(f, lane.fnma(k, math.k(K.LN2_LO), square)));
  }

  /** −inf where x is 0, else 0. */
  @inline static poleAtZero(x: v128): v128 {
    return lane.and(math.k(K.MINUS_INFINITY), lane.eq(x, lane.zero()));
  }

  /** log of a number that is not negative, not infinite and not NaN; 0 gives a finite number. */
  @inline static logFinite(x: v128): v128 {
    const tiny = lane.lt(x, math.k(K.NORMAL));
    const scaled = lane.select(lane.mul(x, math.k(K.UP)), x, tiny);
    return math.logScaled(scaled, lane.add(math.k(K.INTEGER_BIAS), lane.and(math.k(K.UP_LOG2), tiny)));
  }
  @inline static logScaled(x: v128, bias: v128): v128 {
    const t = math.addBits(x, math.k(K.SHIFT));
    const k = lane.sub(lane.or(math.fromExponent(t), math.k(K.INTEGER)), bias);
    const m = math.addBits(lane.and(t, math.k(K.FRACTION)), math.k(K.SQRT_HALF));
    const f = lane.sub(m, math.k(K.ONE));
    return math.logParts(k, f, f);
  }
  /** log of an ordinary number (below), to the same bits as `log`: half as many operations. A NaN gives a number. */
  @inline static logOrdinary(x: v128): v128 {
    return math.logScaled(x, math.k(K.INTEGER_BIAS));
  }
  /** Whether every number of a block is ordinary: positive, normal and finite, or NaN. */
  static ordinary(src: usize, vectors: i32): bool {
    return math.within(src, vectors, math.k(K.NORMAL), math.k(K.INFINITY));
  }
  /** Whether every number of a block is in [low, high), or NaN. By masks: a maximum would be a chain of latencies (2 x). */
  @inline static within(src: usize, vectors: i32, low: v128, high: v128): bool {
    const end = src + <usize>vectors * VECTOR;
    let outside = lane.zero();
    for (const pairs = src + <usize>(vectors & ~1) * VECTOR; src < pairs; src += 2 * VECTOR) {
      const a = v128.load(src),
        b = v128.load(src, VECTOR);
      const below = lane.or(lane.lt(a, low), lane.lt(b, low)),
        above = lane.or(lane.ge(a, high), lane.ge(b, high));
      outside = lane.or(outside, lane.or(below, above));
    }
    if (src < end) {
      const a = v128.load(src);
      outside = lane.or(outside, lane.or(lane.lt(a, low), lane.ge(a, high)));
    }
    return !v128.any_true(outside);
  }

  /** log of any number, f32 0.96 ulp, f64 0.96: 0 gives −inf, a negative number NaN. */
  @inline static log(x: v128): v128 {
    const beyond = lane.andnot(x, lane.lt(x, math.k(K.INFINITY)));
    const y = lane.add(math.logFinite(x), lane.or(beyond, math.poleAtZero(x)));
    return lane.or(y, lane.lt(x, lane.zero()));
  }

  /** log of a number in [0, 1] or NaN. */
  @inline static logUnit(x: v128): v128 {
    const y = lane.add(math.logFinite(x), math.poleAtZero(x));
    return lane.or(y, lane.ne(x, x));
  }

  /** log(1 + x) for any x, f32 1.54 ulp, f64 1.51: −1 gives −inf, less NaN; ±0 gives +0. */
  @inline static log1p(x: v128): v128 {
    const one = math.k(K.ONE);
    const u = lane.add(x, one);
    const t = math.addBits(u, math.k(K.SHIFT));
    const k = lane.sub(lane.or(math.fromExponent(t), math.k(K.INTEGER)), math.k(K.INTEGER_BIAS));
    const m = math.addBits(lane.and(t, math.k(K.FRACTION)), math.k(K.SQRT_HALF));
    // what 1 + x lost, on m's scale: exact; 2^−k is 0 for the largest k, where nothing was lost
    const down = i16x8.sub_sat_u(math.k(K.TOP), lane.andnot(t, math.k(K.FRACTION)));
    const lost = lane.mul(lane.sub(x, lane.sub(u, one)), down);
    const f = lane.add(lane.sub(m, one), lost);
    const g = lane.and(f, lane.ge(lane.andnot(f, math.k(K.SIGN)), math.k(K.SLIGHT)));
    const y = lane.add(math.logParts(k, f, g), math.poleAtZero(u));
    return lane.or(lane.select(x, y, lane.eq(x, math.k(K.INFINITY))), lane.lt(u, lane.zero()));
  }

  /**
   * log(1 + e) for e in [0, 1] or NaN, f32 1.32 ulp, f64 1.14: e − s·(e − z·P(z)), s = e/(2 + e), z = s².
   * No subnormal number on the way unless e is one.
   */
  @inline static log1pUnit(e: v128): v128 {
    const g = lane.and(e, lane.ge(e, math.k(K.SLIGHT)));
    const s = lane.div(g, lane.add(g, math.k(K.TWO)));
    const z = lane.mul(s, s);
    let p: v128;
    if (sizeof<real>() == 4) {
      p = math.k(K.U4);
    } else {
      p = math.k(K.U10);
      p = lane.fma(p, z, math.k(K.U9));
      p = lane.fma(p, z, math.k(K.U8));
      p = lane.fma(p, z, math.k(K.U7));
      p = lane.fma(p, z, math.k(K.U6));
      p = lane.fma(p, z, math.k(K.U5));
      p = lane.fma(p, z, math.k(K.U4));
    }
    p = lane.fma(p, z, math.k(K.U3));
    p = lane.fma(p, z, math.k(K.U2));
    p = lane.fma(p, z, math.k(K.U1));
    return lane.fnma(s, lane.fnma(p, z, g), e);
  }

  // Two vectors an iteration where it saves (exp: 1.1 x): their constants are loaded once.

  static expBlock(src: usize, dst: usize, vectors: i32): void {
    if (math.boundedBlock(src, vectors)) {
      math.expBoundedBlock(src, dst, vectors);
      return;
    }
    const end = dst + <usize>(vectors & ~1) * VECTOR;
    for (; dst < end; dst += 2 * VECTOR, src += 2 * VECTOR) {
      const a = math.exp(v128.load(src));
      const b = math.exp(v128.load(src, VECTOR));
      v128.store(dst, a);
      v128.store(dst, b, VECTOR);
    }
    if (vectors & 1) v128.store(dst, math.exp(v128.load(src)));
  }
  static expBoundedBlock(src: usize, dst: usize, vectors: i32): void {
    const end = dst + <usize>(vectors & ~1) * VECTOR;
    for (; dst < end; dst += 2 * VECTOR, src += 2 * VECTOR) {
      const a = math.expBounded(v128.load(src));
      const b = math.expBounded(v128.load(src, VECTOR));
      v128.store(dst, a);
      v128.store(dst, b, VECTOR);
    }
    if (vectors & 1) v128.store(dst, math.expBounded(v128.load(src)));
  }
  /** dst = e^src and, where |src| < ½, gap = e^src − 1 with its own digits (elsewhere any number). */
  static expGapBlock(src: usize, dst: usize, gap: usize, vectors: i32): void {
    const end = src + <usize>vectors * VECTOR;
    if (!math.boundedBlock(src, vectors)) {
      math.expBlock(src, dst, vectors);
      for (; src < end; src += VECTOR, gap += VECTOR)
        v128.store(gap, math.expm1(lane.pmin(v128.load(src), math.k(K.ONE))));
      return;
    }
    const pairs = src + <usize>(vectors & ~1) * VECTOR;
    for (; src < pairs; src += 2 * VECTOR, dst += 2 * VECTOR, gap += 2 * VECTOR) {
      const a = v128.load(src),
        b = v128.load(src, VECTOR),
        one = math.k(K.ONE);
      const ta = lane.fma(a, math.k(K.LOG2E), math.k(K.MAGIC)),
        tb = lane.fma(b, math.k(K.LOG2E), math.k(K.MAGIC)),
        pa = math.toExponent(ta),
        pb = math.toExponent(tb);
      const qa = math.expm1Reduced(math.reduced(a, ta)),
        qb = math.expm1Reduced(math.reduced(b, tb));
      v128.store(dst, math.raised(qa, pa));
      v128.store(dst, math.raised(qb, pb), VECTOR);
      v128.store(gap, lane.fma(qa, pa, lane.sub(pa, one)));
      v128.store(gap, lane.fma(qb, pb, lane.sub(pb, one)), VECTOR);
    }
    if (src < end) {
      v128.store(dst, math.expBounded(v128.load(src)));
      v128.store(gap, math.expm1(lane.pmin(v128.load(src), math.k(K.ONE))));
    }
  }

  /** Whether expBounded is for every number of a block. */
  static boundedBlock(src: usize, vectors: i32): bool {
    return math.within(src, vectors, lane.of(-EXP_BOUND + 1), lane.of(EXP_BOUND));
  }

  /** dst = e^−|src| */
  static expNegAbsBlock(src: usize, dst: usize, vectors: i32): void {
    const end = dst + <usize>(vectors & ~1) * VECTOR;
    for (; dst < end; dst += 2 * VECTOR, src += 2 * VECTOR) {
      const a = math.expNegAbs(v128.load(src));
      const b = math.expNegAbs(v128.load(src, VECTOR));
      v128.store(dst, a);
      v128.store(dst, b, VECTOR);
    }
    if (vectors & 1) v128.store(dst, math.expNegAbs(v128.load(src)));
  }

  static logBlock(src: usize, dst: usize, vectors: i32): void {
    const end = dst + <usize>vectors * VECTOR;
    for (; dst < end; dst += VECTOR, src += VECTOR) v128.store(dst, math.log(v128.load(src)));
  }

  static log1pBlock(src: usize, dst: usize, vectors: i32): void {
    const end = dst + <usize>vectors * VECTOR;
    for (; dst < end; dst += VECTOR, src += VECTOR) v128.store(dst, math.log1p(v128.load(src)));
  }

  /** dst = log1p(−src) */
  static log1pNegBlock(src: usize, dst: usize, vectors: i32): void {
    const end = dst + <usize>vectors * VECTOR;
    for (; dst < end; dst += VECTOR, src += VECTOR) {
      v128.store(dst, math.log1p(lane.xor(v128.load(src), math.k(K.SIGN))));
    }
  }

  /** dst = log1p(src), src in [0, 1] */
  static log1pUnitBlock(src: usize, dst: usize, vectors: i32): void {
    const end = dst + <usize>vectors * VECTOR;
    for (; dst < end; dst += VECTOR, src += VECTOR) v128.store(dst, math.log1pUnit(v128.load(src)));
  }

  /** x^gamma, x in [0, 1] or NaN, gamma >= 0 finite; 0^0 = 1: the logarithm of 0 is a finite number here, as 0·(−inf) would be NaN. */
  @inline static pow(x: v128, gamma: v128): v128 {
    return math.expNonPositive(lane.mul(lane.pmax(math.logUnit(x), lane.of(-1e30)), gamma));
  }

  /** dst = src^gamma, src in [0, 1], gamma >= 0; 0^0 = 1. In two short loops: one long one is 1.3 x slower. */
  static powBlock(src: usize, dst: usize, vectors: i32, gamma: real): void {
    const end = dst + <usize>vectors * VECTOR;
    const power = lane.splat(gamma);
    // log 0: 0·(−inf) would be NaN
    const least = gamma > 0 ? math.k(K.MINUS_INFINITY) : math.k(K.EXP_MIN);
    for (let to = dst; to < end; to += VECTOR, src += VECTOR) {
      v128.store(to, lane.mul(lane.pmax(math.logUnit(v128.load(src)), least), power));
    }
    math.expNegAbsBlock(dst, dst, vectors);
  }

  /**
   * dstY = cap·tanh(src/cap) and, unless dstD is 0, dstD = 1 − tanh²(src/cap), the derivative; dstY may be src.
   * At cap 1: 2.3 and 2.4 ulp (f64 2.5 and 2.2); dstD is 0 below 4 times the smallest normal number.
   */
  static softcapBlock(src: usize, dstY: usize, dstD: usize, vectors: i32, cap: real): void {
    const end = src + <usize>vectors * VECTOR;
    const caps = lane.splat(cap);
    const half = lane.splat(cap * <real>0.5);
    for (; src < end; src += VECTOR, dstY += VECTOR) {
      const x = v128.load(src);
      const wide = lane.or(lane.div(x, half), math.k(K.SIGN)); // −2·|x/cap|
      const v = lane.pmax(wide, math.k(K.EXP_MIN));
      const t = lane.fma(v, math.k(K.LOG2E), math.k(K.MAGIC));
      const r = math.reduced(v, t);
      const scale = math.power(wide, t);
      const q = math.expm1Reduced(r);
      const one = math.k(K.ONE);
      const e = math.raised(q, scale);
      const some = lane.pmax(scale, math.k(K.FAINT)); // q·scale stays a normal number
      const gap = lane.fma(q, some, lane.sub(some, one)); // expm1(v) <= 0
      const y = lane.mul(lane.div(gap, lane.add(e, one)), caps);
      v128.store(dstY, lane.or(lane.andnot(y, math.k(K.SIGN)), lane.and(x, math.k(K.SIGN))));
      if (dstD) {
        const square = lane.fma(e, lane.add(e, math.k(K.TWO)), one); // (1 + e)², rounded once
        v128.store(dstD, lane.div(lane.mul(e, math.k(K.FOUR)), square));
        dstD += VECTOR;
      }
    }
  }
}
