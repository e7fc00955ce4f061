/**
 * Losses of a probability or a logit x against a target t in [0, 1]: binary cross-entropy, with logits, and focal.
 * Long formulas: e = exp(−|x|) and log1p(e) come from stages.
 */
import { K } from '../coefficients';
import { lane, SMALLEST_NORMAL } from '../lane';
import { constant, STAGE_A, STAGE_B, STAGE_C } from '../layout';
import { math } from '../math';
import { Binary, LongFormula } from './formula';

@final
@unmanaged
export class BinaryCrossEntropy extends LongFormula {
  /** PyTorch's clamp of the logarithms, and of x(1 − x), where its 1e-12 is a float32 in both dtypes. */
  @inline constants(scale: f64): void {
    constant.set(0, -100);
    constant.set(1, <f64>(<f32>1e-12));
  }
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    math.logBlock(x, STAGE_A, vectors);
    math.log1pNegBlock(x, STAGE_B, vectors);
  }
  /** −(t·log x + (1 − t)·log(1 − x)), both logarithms clamped at −100. */
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const floor = constant.lanes(0);
    const on = lane.pmax(v128.load(STAGE_A + s), floor),
      off = lane.pmax(v128.load(STAGE_B + s), floor);
    return lane.neg(lane.fma(t, on, lane.mul(lane.sub(lane.one(), t), off)));
  }
  /** (x − t) / max(x(1 − x), 1e-12) */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    return lane.div(lane.sub(x, t), lane.pmax(lane.mul(x, lane.sub(lane.one(), x)), constant.lanes(1)));
  }
}

/**
 * What the logit losses share. With n = [x < 0], h = σ(−|x|) and σ(x) = [x >= 0] ∓ h,
 *   lean = [x >= 0] − t           (posWeight times that where x < 0)
 *   mass = 1                      ((posWeight − 1)·t + 1)
 *   loss = lean·x + mass·log1p(e^−|x|),  grad = lean − mass·(±h):
 * the sign of x is in lean, and nothing cancels in a confident right answer, where lean is 0.
 */
@final
@unmanaged
export class logits {
  /** Stages A = e = exp(−|x|), B = log1p(e). */
  @inline static prepare(x: usize, vectors: i32): void {
    math.expNegAbsBlock(x, STAGE_A, vectors);
    math.log1pUnitBlock(STAGE_A, STAGE_B, vectors);
  }
  @inline static negative(x: v128): v128 {
    return lane.lt(x, lane.zero());
  }
  /** e/(1 + e): σ(−|x|). */
  @inline static h(e: v128): v128 {
    return lane.div(e, lane.add(lane.one(), e));
  }
  @inline static lean(x: v128, t: v128, p: v128, general: bool): v128 {
    const negative = logits.negative(x),
      lean = lane.sub(lane.andnot(lane.one(), negative), t);
    return general ? lane.mul(lean, lane.select(p, lane.one(), negative)) : lean;
  }
  @inline static mass(a: v128, t: v128, p: v128, general: bool): v128 {
    return general ? lane.mul(lane.fma(lane.sub(p, lane.one()), t, lane.one()), a) : a;
  }
  /** 0·inf is 0; a NaN comes back with log1p(e), at stage B. */
  @inline static loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const lean = logits.lean(x, t, p, general),
      bounded = lane.andnot(x, lane.eq(lean, lane.zero()));
    return lane.fma(lean, bounded, logits.mass(v128.load(STAGE_B + s), t, p, general));
  }
  @inline static grad(x: v128, t: v128, p: v128, h: v128, general: bool): v128 {
    const signed = lane.or(logits.mass(h, t, p, general), lane.and(logits.negative(x), lane.signBit()));
    return lane.sub(logits.lean(x, t, p, general), signed);
  }
}

@final
@unmanaged
export class BinaryCrossEntropyWithLogits extends Binary {
  /** Label smoothing ε moves targets towards 1/2. */
  @inline constants(scale: f64): void {
    const e = constant.value(0);
    constant.set(0, 1 - e);
    constant.set(1, e / 2);
  }
  @inline long(): bool {
    return true;
  }
  @inline target(t: v128, general: bool): v128 {
    return general ? lane.fma(t, constant.lanes(0), constant.lanes(1)) : t;
  }
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    logits.prepare(x, vectors);
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return logits.loss(x, t, p, s, general);
  }
  /** A tail h that would be subnormal once scaled costs 26 x in microcode: it is 0 (a NaN stays). */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const h = logits.h(v128.load(STAGE_A + s));
    return logits.grad(x, t, p, lane.andnot(h, lane.lt(h, floor)), general);
  }
}

/** σ(x) as the gradient of the loss against 0; no loss. */
@final
@unmanaged
export class Sigmoid extends Binary {
  @inline constants(scale: f64): void {}
  @inline long(): bool {
    return true;
  }
  @inline target(t: v128, general: bool): v128 {
    return lane.zero();
  }
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    math.expNegAbsBlock(x, STAGE_A, vectors);
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.zero();
  }
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    return logits.grad(x, t, p, logits.h(v128.load(STAGE_A + s)), false);
  }
}

/**
 * α_t · (1 − p_t)^γ · BCE. Lanes: α, 1 − α (1 and 1 when off), γ, and two floors below which q = 1 − p_t counts as 0, since then the loss
 * and the scaled gradient, both about q^(γ+1), would be subnormal (26 x slower); last, what keeps q off 0 in a quotient.
 * Stages: A = h, B = log1p(e), C = q or q^γ.
 */
@final
@unmanaged
class focal {
  @inline static constants(scale: f64): void {
    const alpha = constant.value(0),
      gamma = constant.value(1),
      on = alpha >= 0;
    constant.set(0, on ? alpha : 1);
    constant.set(1, on ? 1 - alpha : 1);
    constant.set(2, gamma);
    constant.set(3, focal.root(SMALLEST_NORMAL, gamma + 1));
    constant.set(
      4,
      focal.root(SMALLEST_NORMAL / Math.min(Math.max(Math.abs(scale), SMALLEST_NORMAL), 1), gamma + 1),
    );
    constant.set(5, SMALLEST_NORMAL);
  }
  /** x^(1/n), nearly: these are thresholds. */
  static root(x: f64, n: f64): f64 {
    return <f64>lane.first(math.exp(lane.of(<f64>lane.first(math.log(lane.of(x))) / n)));
  }
  /** q = p(1 − t) + (1 − p)t = wrong·(1 − 2h) + h, wrong = |lean| the part of the label that x is not on. */
  @inline static q(x: v128, t: v128, h: v128): v128 {
    const wrong = lane.xor(logits.lean(x, t, t, false), lane.and(logits.negative(x), lane.signBit()));
    return lane.fma(wrong, lane.fnma(math.k(K.TWO), h, lane.one()), h);
  }
  @inline static alpha(t: v128): v128 {
    return lane.fma(constant.lanes(0), t, lane.mul(constant.lanes(1), lane.sub(lane.one(), t)));
  }
  static prepare(x: usize, t: usize, vectors: i32): void {
    logits.prepare(x, vectors);
    const floor = constant.lanes(3);
    for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16) {
      const h = logits.h(v128.load(STAGE_A + i)),
        q = focal.q(v128.load(x + i), v128.load(t + i), h);
      v128.store(STAGE_A + i, h);
      v128.store(STAGE_C + i, lane.andnot(q, lane.lt(q, floor)));
    }
  }
  /** m = q^γ is 0 only where BCE is finite. */
  @inline static loss(x: v128, t: v128, p: v128, s: usize, m: v128, general: bool): v128 {
    return lane.mul(m, lane.weighNumber(focal.alpha(t), logits.loss(x, t, p, s, general)));
  }
  /** α_t · (m·(BCE)′ + γ·BCE·m′·p(1 − p)(1 − 2t)) with m = q^γ and m′ = q^(γ − 1). */
  @inline static grad(x: v128, t: v128, p: v128, s: usize, m: v128, m1: v128, general: bool): v128 {
    const h = v128.load(STAGE_A + s),
      bend = lane.mul(lane.mul(h, lane.sub(lane.one(), h)), lane.fnma(math.k(K.TWO), t, lane.one()));
    const ce = lane.mul(
      constant.lanes(2),
      lane.mul(m1, lane.weighNumber(bend, logits.loss(x, t, p, s, general))),
    );
    return lane.mul(focal.alpha(t), lane.fma(m, logits.grad(x, t, p, h, general), ce));
  }
}

@unmanaged
class FocalFormula extends LongFormula {
  @inline constants(scale: f64): void {
    focal.constants(scale);
  }
}

/** γ = 2: the powers are products. */
@final
@unmanaged
export class SigmoidFocalSquare extends FocalFormula {
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    focal.prepare(x, t, vectors);
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const q = v128.load(STAGE_C + s);
    return focal.loss(x, t, p, s, lane.mul(q, q), general);
  }
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const q0 = v128.load(STAGE_C + s),
      q = lane.andnot(q0, lane.lt(q0, constant.lanes(4)));
    return focal.grad(x, t, p, s, lane.mul(q, q), q, general);
  }
}

@final
@unmanaged
export class SigmoidFocal extends FocalFormula {
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {
    focal.prepare(x, t, vectors);
    math.powBlock(STAGE_C, STAGE_C, vectors, lane.first(constant.lanes(2)));
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return focal.loss(x, t, p, s, v128.load(STAGE_C + s), general);
  }
  /** γ < 1: m/q grows as q shrinks, but p(1 − p) shrinks with q; q itself is kept off 0. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const q = focal.q(x, t, v128.load(STAGE_A + s)),
      m = lane.andnot(v128.load(STAGE_C + s), lane.lt(q, constant.lanes(4)));
    return focal.grad(x, t, p, s, m, lane.div(m, lane.pmax(q, constant.lanes(5))), general);
  }
}
