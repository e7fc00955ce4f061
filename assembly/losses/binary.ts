/**
 * Losses of a probability or a logit x against a target t in [0, 1]: binary cross-entropy, with logits, and focal.
 * Long formulas: e = exp(−|x|) and log1p(e) come from stages.
 */
import { lane, SMALLEST_NORMAL } from '../lane';
import { constant, STAGE_A, STAGE_B, STAGE_C } from '../layout';
import { math } from '../math';

@final @unmanaged
export class BinaryCrossEntropy {
  /** PyTorch's clamp of the logarithms, and of x(1 − x), where its 1e-12 is a float32 in both dtypes. */
  @inline constants(scale: f64): void { constant.set(0, -100); constant.set(1, <f64>(<f32>1e-12)); }
  @inline long(): bool { return true; }
  @inline target(t: v128, general: bool): v128 { return t; }
  @inline prepare(x: usize, t: usize, vectors: i32): void {
    math.logBlock(x, STAGE_A, vectors);
    math.log1pNegBlock(x, STAGE_B, vectors);
  }
  /** −(t·log x + (1 − t)·log(1 − x)), both logarithms clamped at −100. */
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const floor = constant.lanes(0);
    const on = lane.pmax(v128.load(STAGE_A + s), floor), off = lane.pmax(v128.load(STAGE_B + s), floor);
    return lane.neg(lane.fma(t, on, lane.mul(lane.sub(lane.one(), t), off)));
  }
  /** (x − t) / max(x(1 − x), 1e-12) */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    return lane.div(lane.sub(x, t), lane.pmax(lane.mul(x, lane.sub(lane.one(), x)), constant.lanes(1)));
  }
}

/** What the logit losses share: the two sides of the label and the tail of softplus. posWeight multiplies the positive side. */
@final @unmanaged
class logits {
  /** Stages A = e = exp(−|x|), B = log1p(e). */
  @inline static prepare(x: usize, vectors: i32): void {
    math.expNegAbsBlock(x, STAGE_A, vectors);
    math.log1pUnitBlock(STAGE_A, STAGE_B, vectors);
  }
  /** posWeight·t */
  @inline static on(t: v128, p: v128, general: bool): v128 { return general ? lane.mul(p, t) : t; }
  /** 1 − t */
  @inline static off(t: v128): v128 { return lane.sub(lane.one(), t); }
  /** on·softplus(−x) + off·softplus(x) = wrong·|x| + (on + off)·log1p(e), wrong the side that x is not on; 0·inf is 0. */
  @inline static loss(x: v128, on: v128, off: v128, s: usize): v128 {
    const wrong = lane.select(on, off, lane.lt(x, lane.zero()));
    return lane.fma(lane.add(on, off), v128.load(STAGE_B + s), lane.weighNumber(wrong, lane.abs(x)));
  }
  /** e/(1 + e): σ(−|x|). */
  @inline static h(e: v128): v128 { return lane.div(e, lane.add(lane.one(), e)); }
  /** off·σ(x) − on·σ(−x) = ±(wrong − (on + off)·e/(1 + e)): nothing cancels in a confident right answer. */
  @inline static grad(x: v128, on: v128, off: v128, h: v128): v128 {
    const negative = lane.lt(x, lane.zero()), wrong = lane.select(on, off, negative);
    return lane.xor(lane.fnma(lane.add(on, off), h, wrong), lane.and(negative, lane.signBit()));
  }
}

@final @unmanaged
export class BinaryCrossEntropyWithLogits {
  /** Label smoothing ε moves targets towards 1/2. */
  @inline constants(scale: f64): void { const e = constant.value(0); constant.set(0, 1 - e); constant.set(1, e / 2); }
  @inline long(): bool { return true; }
  @inline target(t: v128, general: bool): v128 { return general ? lane.fma(t, constant.lanes(0), constant.lanes(1)) : t; }
  @inline prepare(x: usize, t: usize, vectors: i32): void { logits.prepare(x, vectors); }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return logits.loss(x, logits.on(t, p, general), logits.off(t), s);
  }
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const h = logits.h(v128.load(STAGE_A + s));
    // A tail that would be subnormal once scaled costs 26 x in microcode: it is 0 (a NaN stays).
    return logits.grad(x, logits.on(t, p, general), logits.off(t), lane.andnot(h, lane.lt(h, floor)));
  }
}

/** σ(x) as the gradient of the loss against 0; no loss. */
@final @unmanaged
export class Sigmoid {
  @inline constants(scale: f64): void {}
  @inline long(): bool { return true; }
  @inline target(t: v128, general: bool): v128 { return lane.zero(); }
  @inline prepare(x: usize, t: usize, vectors: i32): void { math.expNegAbsBlock(x, STAGE_A, vectors); }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 { return lane.zero(); }
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    // + 0 makes +0 of the −0 that a large negative x would give.
    return lane.add(logits.grad(x, t, lane.one(), logits.h(v128.load(STAGE_A + s))), lane.zero());
  }
}

/**
 * α_t · (1 − p_t)^γ · BCE. Lanes: α, 1 − α (1 and 1 when off), γ, and two floors below which q = 1 − p_t counts as 0, since then the loss
 * and the scaled gradient, both about q^(γ+1), would be subnormal (26 x slower); last, what keeps q off 0 in a quotient.
 */
@final @unmanaged
class focal {
  @inline static constants(scale: f64): void {
    const alpha = constant.value(0), gamma = constant.value(1), on = alpha >= 0;
    constant.set(0, on ? alpha : 1);
    constant.set(1, on ? 1 - alpha : 1);
    constant.set(2, gamma);
    constant.set(3, Math.pow(SMALLEST_NORMAL, 1 / (gamma + 1)));
    constant.set(4, Math.pow(SMALLEST_NORMAL / Math.max(Math.abs(scale), SMALLEST_NORMAL), 1 / (gamma + 1)));
    constant.set(5, SMALLEST_NORMAL);
  }
  /** q = 1 − p_t = p(1 − t) + (1 − p)t from e, without cancellation. */
  @inline static q(x: v128, t: v128, e: v128): v128 {
    const h = logits.h(e), off = logits.off(t), negative = lane.lt(x, lane.zero());
    return lane.fma(lane.select(t, off, negative), lane.sub(lane.one(), h), lane.mul(lane.select(off, t, negative), h));
  }
  @inline static alpha(t: v128): v128 { return lane.fma(constant.lanes(0), t, lane.mul(constant.lanes(1), logits.off(t))); }
  /** Stage C = q, 0 below the loss floor. */
  @inline static prepareQ(x: usize, t: usize, vectors: i32): void {
    const floor = constant.lanes(3);
    for (let i: usize = 0, end = <usize>vectors << 4; i < end; i += 16) {
      const q = focal.q(v128.load(x + i), v128.load(t + i), v128.load(STAGE_A + i));
      v128.store(STAGE_C + i, lane.andnot(q, lane.lt(q, floor)));
    }
  }
  /** α_t · (m·(p − t) + γ·BCE·m′·p(1 − p)(1 − 2t)) with m = q^γ and m′ = q^(γ − 1). */
  @inline static grad(x: v128, t: v128, p: v128, s: usize, m: v128, m1: v128, general: bool): v128 {
    const h = logits.h(v128.load(STAGE_A + s)), near = lane.sub(lane.one(), h);
    const on = logits.on(t, p, general), off = logits.off(t);
    const bend = lane.mul(lane.mul(near, h), lane.sub(off, t));
    const ce = lane.weigh(bend, logits.loss(x, on, off, s));
    return lane.mul(focal.alpha(t), lane.fma(m, logits.grad(x, on, off, h), lane.mul(constant.lanes(2), lane.mul(m1, ce))));
  }
}

/** γ = 2: the powers are products. */
@final @unmanaged
export class SigmoidFocalSquare {
  @inline constants(scale: f64): void { focal.constants(scale); }
  @inline long(): bool { return true; }
  @inline target(t: v128, general: bool): v128 { return t; }
  @inline prepare(x: usize, t: usize, vectors: i32): void {
    logits.prepare(x, vectors);
    focal.prepareQ(x, t, vectors);
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const q = v128.load(STAGE_C + s), ce = logits.loss(x, logits.on(t, p, general), logits.off(t), s);
    return lane.weigh(lane.mul(q, q), lane.weigh(focal.alpha(t), ce));
  }
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const q0 = v128.load(STAGE_C + s), q = lane.andnot(q0, lane.lt(q0, constant.lanes(4)));
    return focal.grad(x, t, p, s, lane.mul(q, q), q, general);
  }
}

@final @unmanaged
export class SigmoidFocal {
  @inline constants(scale: f64): void { focal.constants(scale); }
  @inline long(): bool { return true; }
  @inline target(t: v128, general: bool): v128 { return t; }
  /** Stage C = q^γ. */
  @inline prepare(x: usize, t: usize, vectors: i32): void {
    logits.prepare(x, vectors);
    focal.prepareQ(x, t, vectors);
    math.powBlock(STAGE_C, STAGE_C, vectors, lane.first(constant.lanes(2)));
  }
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const ce = logits.loss(x, logits.on(t, p, general), logits.off(t), s);
    return lane.weigh(v128.load(STAGE_C + s), lane.weigh(focal.alpha(t), ce));
  }
  /** γ < 1: m/q grows as q shrinks, but p(1 − p) shrinks with q; q itself is kept off 0. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const q = focal.q(x, t, v128.load(STAGE_A + s)), kept = lane.andnot(v128.load(STAGE_C + s), lane.lt(q, constant.lanes(4)));
    return focal.grad(x, t, p, s, kept, lane.div(kept, lane.pmax(q, constant.lanes(5))), general);
  }
}
