/** Losses of the difference d = input − target. */
import { lane } from '../lane';
import { constant, STAGE_A, STAGE_B, STAGE_C } from '../layout';
import { math } from '../math';
import { Formula, StagedFormula } from './formula';

@final
@unmanaged
export class Mse extends Formula {
  /** d² */
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const d = lane.sub(x, t);
    return lane.mul(d, d);
  }
  /** 2d */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const d = lane.sub(x, t);
    return lane.add(d, d);
  }
}

@final
@unmanaged
export class L1 extends Formula {
  /** |d| */
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.abs(lane.sub(x, t));
  }
  /** sign(d), 0 at 0; a NaN stays because |NaN| > 0 is false and d itself is taken. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const d = lane.sub(x, t);
    return lane.select(lane.copysign(lane.one(), d), d, lane.gt(lane.abs(d), lane.zero()));
  }
}

@final
@unmanaged
export class Huber extends Formula {
  /** d²/2 inside ±δ, δ(|d| − δ/2) outside: q(|d| − q/2) with q = min(|d|, δ). */
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const a = lane.abs(lane.sub(x, t)),
      q = lane.pmin(a, constant.lanes(0));
    return lane.mul(q, lane.fnma(lane.half(), q, a));
  }
  /** d clipped to ±δ. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const delta = constant.lanes(0);
    return lane.pmax(lane.pmin(lane.sub(x, t), delta), lane.neg(delta));
  }
}

/** Huber with δ = β, divided by β (β > 0: the caller takes L1 for 0). */
@final
@unmanaged
export class SmoothL1 extends Formula {
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const beta = constant.lanes(0),
      a = lane.abs(lane.sub(x, t)),
      q = lane.pmin(a, beta);
    return lane.mul(lane.div(q, beta), lane.fnma(lane.half(), q, a));
  }
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const one = lane.one();
    return lane.pmax(lane.pmin(lane.div(lane.sub(x, t), constant.lanes(0)), one), lane.neg(one));
  }
}

/** Pinball loss: q·e where e = target − input is positive, (q − 1)·e where it is not. Lanes: q, 1 − q. */
@final
@unmanaged
export class Quantile extends StagedFormula {
  @inline constants(scale: f64): void {
    const q = constant.value(0);
    constant.set(0, q);
    constant.set(1, 1 - q);
  }
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {}
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const e = lane.sub(t, x);
    return lane.pmax(lane.mul(constant.lanes(0), e), lane.neg(lane.mul(constant.lanes(1), e)));
  }
  /** −q or 1 − q; e itself, 0 or NaN, at the tie. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const e = lane.sub(t, x),
      above = lane.select(constant.lanes(1), e, lane.lt(e, lane.zero()));
    return lane.select(lane.neg(constant.lanes(0)), above, lane.gt(e, lane.zero()));
  }
}

/**
 * log cosh d. With a = |d| and E = e^−a − 1: log1p(E²/(2(1 + E))) where a <= 1, which is log1p(cosh a − 1) without cancellation, else
 * a − ln 2 + log1p((1 + E)²); its slope tanh d is −E(2 + E)/(2 + E(2 + E)) with the sign of d. Stages: A = slope, B = the logarithm, C = what is added to it.
 */
@final
@unmanaged
export class LogCosh extends StagedFormula {
  @inline constants(scale: f64): void {
    constant.set(0, 0.6931471805599453);
  }
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    LogCosh.gaps(x, t, vectors);
    LogCosh.parts(x, t, vectors);
    math.log1pUnitBlock(STAGE_B, STAGE_B, vectors);
  }
  /** E to stage A, two vectors at a time, which then share the constants' loads (1.2 x). */
  static gaps(x: usize, t: usize, vectors: i32): void {
    let i: usize = 0;
    for (const end = (<usize>(vectors & ~1)) << 4; i < end; i += 32) {
      const a = LogCosh.gap(v128.load(x + i), v128.load(t + i)),
        b = LogCosh.gap(v128.load(x + i, 16), v128.load(t + i, 16));
      v128.store(STAGE_A + i, a);
      v128.store(STAGE_A + i, b, 16);
    }
    if (vectors & 1) v128.store(STAGE_A + i, LogCosh.gap(v128.load(x + i), v128.load(t + i)));
  }
  /** E of d = x − t */
  @inline static gap(x: v128, t: v128): v128 {
    return math.expm1(lane.or(lane.sub(x, t), lane.signBit()));
  }
  static parts(x: usize, t: usize, vectors: i32): void {
    const one = lane.one(),
      two = lane.add(one, one);
    for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16) {
      const e = v128.load(STAGE_A + i),
        d = lane.sub(v128.load(x + i), v128.load(t + i)),
        h = lane.add(one, e),
        double = lane.fma(e, e, lane.add(e, e)),
        a = lane.abs(d),
        far = lane.gt(a, one);
      v128.store(STAGE_A + i, lane.copysign(lane.div(double, lane.add(two, double)), d));
      v128.store(STAGE_B + i, lane.select(lane.mul(h, h), lane.div(lane.mul(e, e), lane.add(h, h)), far));
      v128.store(STAGE_C + i, lane.and(lane.sub(a, constant.lanes(0)), far));
    }
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.add(v128.load(STAGE_B + s), v128.load(STAGE_C + s));
  }
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    return v128.load(STAGE_A + s);
  }
}
