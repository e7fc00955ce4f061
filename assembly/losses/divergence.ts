/** Losses of a log-probability, a log-rate, a rate or a mean: Kullback-Leibler divergence, Poisson and Gaussian negative log-likelihood. */
import { lane } from '../lane';
import { constant, CONSTANTS, STAGE_A, STAGE_B, STAGE_C } from '../layout';
import { math } from '../math';
import { logits } from './binary';
import { StagedFormula, TernaryFormula } from './formula';

const HALF_LOG_TWO_PI: f64 = 0.9189385332046727;

/** t·(log t − x), 0 where t is 0. Stage A = log t − x, 0 where t is 0, so that −inf − (−inf) does not arise there. */
@final
@unmanaged
export class KlDiv extends StagedFormula {
  @inline constants(scale: f64): void {}
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    if (math.ordinary(t, vectors)) KlDiv.ordinary(x, t, vectors);
    else KlDiv.any(x, t, vectors);
  }
  static ordinary(x: usize, t: usize, vectors: i32): void {
    let i: usize = 0;
    for (const end = (<usize>(vectors & ~1)) << 4; i < end; i += 32) {
      const a = lane.sub(math.logOrdinary(v128.load(t + i)), v128.load(x + i)),
        b = lane.sub(math.logOrdinary(v128.load(t + i, 16)), v128.load(x + i, 16));
      v128.store(STAGE_A + i, a);
      v128.store(STAGE_A + i, b, 16);
    }
    if (vectors & 1) v128.store(STAGE_A + i, lane.sub(math.logOrdinary(v128.load(t + i)), v128.load(x + i)));
  }
  static any(x: usize, t: usize, vectors: i32): void {
    for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16) {
      const b = v128.load(t + i),
        a = v128.load(x + i),
        none = lane.and(lane.eq(b, lane.zero()), lane.eq(a, a));
      v128.store(STAGE_A + i, lane.andnot(lane.sub(math.log(b), a), none));
    }
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.mul(t, v128.load(STAGE_A + s));
  }
  /** −t */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    return lane.neg(t);
  }
}

/** e^t·(t − x), 0 where e^t is. Stages: A = e^t, B = t − x, 0 where e^t is. */
@final
@unmanaged
export class KlDivLogTarget extends StagedFormula {
  @inline constants(scale: f64): void {}
  prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    const bounded = math.boundedBlock(t, vectors),
      end = (<usize>vectors) << 4;
    if (bounded) {
      math.expBoundedBlock(t, STAGE_A, vectors);
      for (let i: usize = 0; i < end; i += 16)
        v128.store(STAGE_B + i, lane.sub(v128.load(t + i), v128.load(x + i)));
    } else {
      math.expBlock(t, STAGE_A, vectors);
      for (let i: usize = 0; i < end; i += 16) {
        const a = v128.load(x + i),
          none = lane.and(lane.eq(v128.load(STAGE_A + i), lane.zero()), lane.eq(a, a));
        v128.store(STAGE_B + i, lane.andnot(lane.sub(v128.load(t + i), a), none));
      }
    }
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.mul(v128.load(STAGE_A + s), v128.load(STAGE_B + s));
  }
  /** −e^t; 0 where it would be subnormal once scaled. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const e = v128.load(STAGE_A + s);
    return lane.neg(lane.andnot(e, lane.lt(e, floor)));
  }
}

/** log(1 + e^(−t·x)) for labels t of ±1. Stages A = e^−|x|, B = log1p of it. */
@final
@unmanaged
export class SoftMargin extends StagedFormula {
  @inline constants(scale: f64): void {}
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    logits.prepare(x, vectors);
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.add(v128.load(STAGE_B + s), lane.pmax(lane.neg(lane.mul(t, x)), lane.zero()));
  }
  /** −t·σ(−t·x) */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const h0 = logits.h(v128.load(STAGE_A + s)),
      h = lane.andnot(h0, lane.lt(h0, floor));
    const wrong = lane.lt(lane.mul(t, x), lane.zero());
    return lane.mul(lane.neg(t), lane.select(lane.sub(lane.one(), h), h, wrong));
  }
}

@final
@unmanaged
class stirling {
  /** ½·log(2πt) from log t: the last of Stirling's terms, which the full Poisson losses have where t > 1. */
  @inline static last(logT: v128): v128 {
    return lane.fma(lane.half(), logT, lane.of(HALF_LOG_TWO_PI));
  }
}

/** What both losses of a log-rate share. Stages: A = e^x, B = e^x − 1 where |x| < ½. */
@unmanaged
class LogRate extends StagedFormula {
  @inline constants(scale: f64): void {}
  /** e^x − t; near a rate of 1 as (e^x − 1) − (t − 1), since e^x has no digits of its own there. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const near = lane.sub(v128.load(STAGE_B + s), lane.sub(t, lane.one()));
    return lane.select(near, lane.sub(v128.load(STAGE_A + s), t), lane.lt(lane.abs(x), lane.half()));
  }
}

/** e^x − t·x */
@final
@unmanaged
export class PoissonNll extends LogRate {
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    math.expGapBlock(x, STAGE_A, STAGE_B, vectors);
  }
  /** A NaN in x is one in e^x. */
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.sub(v128.load(STAGE_A + s), lane.weighNumber(t, x));
  }
}

/**
 * The same and t·log t − t + ½·log(2πt) where t > 1. With u = x − log t that is t·(e^u − 1 − u) + ½·log(2πt): as they stand, the terms are large and
 * nearly cancel at the optimum u = 0. Stage C = the loss.
 */
@final
@unmanaged
export class PoissonNllFull extends LogRate {
  prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    math.expGapBlock(x, STAGE_A, STAGE_B, vectors);
    for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16) {
      const a = v128.load(x + i),
        b = v128.load(t + i),
        e = v128.load(STAGE_A + i),
        one = lane.one(),
        many = lane.gt(b, one),
        logT = math.log(lane.select(b, one, many)),
        gap = lane.sub(a, logT);
      // Beyond a gap of 1 nothing cancels, and e^gap may not be a number.
      const near = lane.mul(b, lane.sub(math.expm1(lane.pmin(gap, one)), gap)),
        far = lane.fnma(b, lane.add(one, gap), e),
        whole = lane.add(lane.select(far, near, lane.gt(gap, one)), stirling.last(logT));
      v128.store(STAGE_C + i, lane.select(whole, lane.sub(e, lane.weighNumber(b, a)), many));
    }
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return v128.load(STAGE_C + s);
  }
}

/** x − t·log y with y = x + eps. Lanes: eps. Stage A = log y. */
@unmanaged
class Rate extends StagedFormula {
  @inline constants(scale: f64): void {
    constant.set(0, constant.value(1));
  }
  /** 1 − t/y in float64 in both modules: near the optimum float32 would have no digit of it, eps being small beside x. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    if (sizeof<real>() == 8) return Rate.slope(x, t);
    const low = Rate.slope(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(t));
    const high = Rate.slope(Rate.promoteHigh(x), Rate.promoteHigh(t));
    return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
  }
  @inline static promoteHigh(a: v128): v128 {
    return f64x2.promote_low_f32x4(v128.shuffle<i64>(a, a, 1, 1));
  }
  @inline static slope(x: v128, t: v128): v128 {
    const y = f64x2.add(x, v128.load64_splat(CONSTANTS + 8)),
      none = v128.and(f64x2.eq(t, f64x2.splat(0)), f64x2.eq(y, y)); // 0 of 0 is 0
    return f64x2.sub(f64x2.splat(1), v128.andnot(f64x2.div(t, y), none));
  }
}

@final
@unmanaged
export class PoissonNllRate extends Rate {
  prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    const eps = constant.lanes(0);
    if (math.ordinary(x, vectors)) {
      for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16)
        v128.store(STAGE_A + i, math.logOrdinary(lane.add(v128.load(x + i), eps)));
    } else {
      for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16)
        v128.store(STAGE_A + i, math.log(lane.add(v128.load(x + i), eps)));
    }
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.sub(x, lane.weighNumber(t, v128.load(STAGE_A + s)));
  }
}

/**
 * The same and Stirling's terms: with δ = (y − t)/t they add up to t·(δ − log1p δ) + ½·log(2πt) − eps, used where |δ| is small, for the same reason.
 * Stage C = the loss.
 */
@final
@unmanaged
export class PoissonNllRateFull extends Rate {
  prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    const eps = constant.lanes(0);
    for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16) {
      const a = v128.load(x + i),
        b = v128.load(t + i),
        one = lane.one(),
        many = lane.gt(b, one),
        safe = lane.select(b, one, many),
        logT = math.log(safe),
        logY = math.log(lane.add(a, eps)),
        excess = lane.sub(a, safe),
        delta = lane.div(lane.add(excess, eps), safe);
      const near = lane.sub(lane.mul(safe, lane.sub(delta, math.log1p(delta))), eps),
        far = lane.fnma(safe, lane.sub(logY, logT), excess),
        whole = lane.add(lane.select(near, far, lane.lt(lane.abs(delta), lane.half())), stirling.last(logT));
      v128.store(STAGE_C + i, lane.select(whole, lane.sub(a, lane.weigh(b, logY)), many));
    }
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return v128.load(STAGE_C + s);
  }
}

/**
 * ½·(log v + (x − t)²/v) with v = max(variance, eps), in full + ½·log 2π. Lanes: eps, ½·log 2π or 0. Stages: A = 1/v, B = what does not depend on x,
 * C = v.
 */
@final
@unmanaged
export class GaussianNll extends TernaryFormula {
  @inline constants(scale: f64): void {
    const full = constant.value(0) != 0;
    constant.set(0, constant.value(1));
    constant.set(1, full ? HALF_LOG_TWO_PI : 0);
  }
  prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    const eps = constant.lanes(0),
      end = (<usize>vectors) << 4;
    for (let i: usize = 0; i < end; i += 16) {
      const v = lane.pmax(v128.load(u + i), eps);
      v128.store(STAGE_C + i, v);
      v128.store(STAGE_A + i, lane.div(lane.one(), v));
    }
    if (math.ordinary(STAGE_C, vectors)) GaussianNll.logs(vectors, true);
    else GaussianNll.logs(vectors, false);
  }
  @inline static logs(vectors: i32, ordinary: bool): void {
    const rest = constant.lanes(1),
      half = lane.half();
    for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16) {
      const v = v128.load(STAGE_C + i);
      v128.store(STAGE_B + i, lane.fma(half, ordinary ? math.logOrdinary(v) : math.log(v), rest));
    }
  }
  @inline loss(x: v128, t: v128, u: v128, s: usize, general: bool): v128 {
    const d = lane.sub(x, t);
    return lane.fma(lane.mul(lane.half(), d), lane.mul(d, v128.load(STAGE_A + s)), v128.load(STAGE_B + s));
  }
  /** (x − t)/v */
  @inline grad(x: v128, t: v128, u: v128, s: usize, floor: v128, general: bool): v128 {
    return lane.mul(lane.sub(x, t), v128.load(STAGE_A + s));
  }
  /** ½·(1 − (x − t)²/v)/v, as if nothing were clamped. */
  @inline second(x: v128, t: v128, u: v128, s: usize): v128 {
    const d = lane.sub(x, t),
      r = v128.load(STAGE_A + s);
    return lane.mul(lane.mul(lane.half(), lane.fnma(d, lane.mul(d, r), lane.one())), r);
  }
}
