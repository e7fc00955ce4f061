/** What pointwise formulas share. A loss adds what is its own; nothing here is overridden, which would make calls of it virtual. */
import { lane } from '../lane';
import { constant } from '../layout';

/** A loss of one differentiable input. */
@unmanaged
export class Binary {
  @inline ternary(): bool {
    return false;
  }
  @inline second(x: v128, t: v128, u: v128, s: usize): v128 {
    return lane.zero();
  }
}

/** The caller's numbers as they are, targets as they are, no stages: a loss adds `loss` and `grad`. */
@unmanaged
export class Formula extends Binary {
  @inline constants(scale: f64): void {
    constant.splat();
  }
  @inline long(): bool {
    return false;
  }
  @inline target(t: v128, general: bool): v128 {
    return t;
  }
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {}
}

/** A formula whose long part is in its stages: a loss adds `constants`, `prepare`, `loss` and `grad`. */
@unmanaged
export class StagedFormula extends Binary {
  @inline long(): bool {
    return false;
  }
  @inline target(t: v128, general: bool): v128 {
    return t;
  }
}

/** A formula that is long even so. */
@unmanaged
export class LongFormula extends Binary {
  @inline long(): bool {
    return true;
  }
  @inline target(t: v128, general: bool): v128 {
    return t;
  }
}

/** A loss of two differentiable inputs x and u: a loss adds `constants`, `prepare`, `loss`, `grad` and `second`. */
@unmanaged
export class TernaryFormula {
  @inline ternary(): bool {
    return true;
  }
  @inline long(): bool {
    return false;
  }
  @inline target(t: v128, general: bool): v128 {
    return t;
  }
}
