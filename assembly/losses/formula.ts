/** What most pointwise formulas share: the caller's numbers as they are, targets as they are, no stages. A loss adds `loss` and `grad`. */
import { constant } from '../layout';

@unmanaged
export class Formula {
  @inline constants(scale: f64): void {
    constant.splat();
  }
  @inline long(): bool {
    return false;
  }
  @inline target(t: v128, general: bool): v128 {
    return t;
  }
  @inline prepare(x: usize, t: usize, vectors: i32): void {}
}
