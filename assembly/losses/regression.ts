/** Losses of the difference d = input − target. */
import { lane } from '../lane';
import { constant } from '../layout';
import { Formula } from './formula';

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
