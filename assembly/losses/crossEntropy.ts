/** Losses of −log p_y and q = 1 − p_y, for the softmax family (softmax.ts): w the class weight. */
import { lane } from '../lane';
import { constant } from '../layout';
import { math } from '../math';
import { softmax } from '../softmax';

/** w · nll */
@final
@unmanaged
export class CrossEntropy {
  /** src/kernels/modules: [labelSmoothing, zLoss, softcap (done by the caller), temperature, zRatio, Σ classWeight]. */
  @inline constants(classes: i32): void {
    softmax.constants(
      classes,
      constant.value(0),
      constant.value(1),
      constant.value(4),
      constant.value(3),
      constant.value(5),
      0,
    );
  }
  @inline indexed(): bool {
    return true;
  }
  @inline smooths(): bool {
    return true;
  }
  @inline needsQ(): bool {
    return false;
  }
  @inline loss(nll: v128, q: v128, w: v128): v128 {
    return lane.weigh(w, nll);
  }
  @inline slope(nll: v128, p: v128, q: v128, w: v128): v128 {
    return w;
  }
}

/** w · q^γ · nll */
@final
@unmanaged
export class SoftmaxFocal {
  /** src/kernels/modules: [gamma]. */
  @inline constants(classes: i32): void {
    softmax.constants(classes, 0, 0, 0, 1, 0, constant.value(0));
  }
  @inline indexed(): bool {
    return true;
  }
  @inline smooths(): bool {
    return false;
  }
  @inline needsQ(): bool {
    return true;
  }
  @inline loss(nll: v128, q: v128, w: v128): v128 {
    return lane.weigh(w, lane.weigh(math.pow(q, softmax.own()), nll));
  }
  /** w·(q^γ + γ·q^(γ − 1)·p·nll) = w·q^γ·(1 + γ·p·nll/q): nll/q tends to 1 as q does to 0. */
  @inline slope(nll: v128, p: v128, q: v128, w: v128): v128 {
    const ratio = lane.select(lane.div(nll, q), lane.one(), lane.ne(q, lane.zero()));
    const bend = lane.weighNumber(p, lane.mul(softmax.own(), ratio));
    return lane.mul(w, lane.mul(math.pow(q, softmax.own()), lane.add(lane.one(), bend)));
  }
}

/**
 * w · (nll + ε·q). With a negative ε both terms nearly cancel in a confident row, where nll is q + q²/2 + q³/3 + …: it is then
 * w · ((1 + ε)·q + (nll − q)), and its slope w · ((1 + ε) − ε·q).
 */
@final
@unmanaged
export class Poly1 {
  /** src/kernels/modules: [epsilon]. Lane 7: 1 + ε. */
  @inline constants(classes: i32): void {
    softmax.constants(classes, 0, 0, 0, 1, 0, constant.value(0));
    constant.set(7, 1 + constant.value(0));
  }
  @inline indexed(): bool {
    return true;
  }
  @inline smooths(): bool {
    return false;
  }
  @inline needsQ(): bool {
    return true;
  }
  @inline negative(): bool {
    return constant.value(0) < 0;
  }
  @inline loss(nll: v128, q: v128, w: v128): v128 {
    return this.negative()
      ? lane.weigh(w, lane.fma(constant.lanes(7), q, Poly1.beyond(nll, q)))
      : lane.weigh(w, lane.fma(softmax.own(), q, nll));
  }
  /** nll − q, to ¼ by its series: q²·(½ + q/3 + …). */
  static beyond(nll: v128, q: v128): v128 {
    let sum = lane.zero();
    for (let k = sizeof<real>() == 4 ? 14 : 28; k >= 2; k--) sum = lane.fma(sum, q, lane.of(1 / <f64>k));
    return lane.select(lane.mul(lane.mul(q, q), sum), lane.sub(nll, q), lane.lt(q, lane.of(0.25)));
  }
  /** w·(1 + ε·p) */
  @inline slope(nll: v128, p: v128, q: v128, w: v128): v128 {
    const bend = this.negative()
      ? lane.fnma(softmax.own(), q, constant.lanes(7))
      : lane.fma(softmax.own(), p, lane.one());
    return lane.mul(w, bend);
  }
}

/** log Σ e^x, no target: the family's nll against an imaginary logit 0. Its gradient is softmax. */
@final
@unmanaged
export class LogSumExp {
  @inline constants(classes: i32): void {
    softmax.constants(classes, 0, 0, 0, 1, 0, 0);
  }
  @inline indexed(): bool {
    return false;
  }
  @inline smooths(): bool {
    return false;
  }
  @inline needsQ(): bool {
    return false;
  }
  @inline loss(nll: v128, q: v128, w: v128): v128 {
    return nll;
  }
  @inline slope(nll: v128, p: v128, q: v128, w: v128): v128 {
    return lane.one();
  }
}
