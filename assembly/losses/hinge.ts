/** Margin losses of a score x (or of two, their difference) against a label t of ±1: z = max(0, margin − t·x), times posWeight where t is +1. */
import { lane } from '../lane';
import { constant } from '../layout';
import { Formula, TernaryFormula } from './formula';

@final
@unmanaged
class margin {
  /** z, what is left of the margin; a NaN stays one. */
  @inline static shortfall(x: v128, t: v128): v128 {
    return lane.pmax(lane.fnma(t, x, constant.lanes(0)), lane.zero());
  }
  /** `slope` where z > 0; at the tie, and for a NaN, z itself. */
  @inline static slope(z: v128, slope: v128): v128 {
    return lane.select(slope, z, lane.gt(z, lane.zero()));
  }
  /** posWeight where the label is positive, else 1. */
  @inline static labelWeight(t: v128, p: v128): v128 {
    return lane.select(p, lane.one(), lane.gt(t, lane.zero()));
  }
}

@final
@unmanaged
export class Hinge extends Formula {
  /** z */
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const z = margin.shortfall(x, t);
    return general ? lane.weigh(margin.labelWeight(t, p), z) : z;
  }
  /** −t where z > 0 */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const z = margin.shortfall(x, t),
      g = margin.slope(z, lane.neg(t));
    return general ? lane.weigh(margin.labelWeight(t, p), g) : g;
  }
}

@final
@unmanaged
export class SquaredHinge extends Formula {
  /** z² */
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    const z = margin.shortfall(x, t),
      square = lane.mul(z, z);
    return general ? lane.weigh(margin.labelWeight(t, p), square) : square;
  }
  /** −2tz */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const z = margin.shortfall(x, t),
      g = lane.mul(lane.neg(t), lane.add(z, z));
    return general ? lane.weigh(margin.labelWeight(t, p), g) : g;
  }
}

/** The score of u is to be below that of x where t is 1, above where it is −1: hinge of x − u. */
@final
@unmanaged
export class MarginRanking extends TernaryFormula {
  @inline constants(scale: f64): void {
    constant.splat();
  }
  @inline prepare(x: usize, t: usize, u: usize, vectors: i32): void {}
  /** z */
  @inline loss(x: v128, t: v128, u: v128, s: usize, general: bool): v128 {
    return margin.shortfall(lane.sub(x, u), t);
  }
  /** −t where z > 0 */
  @inline grad(x: v128, t: v128, u: v128, s: usize, floor: v128, general: bool): v128 {
    return margin.slope(margin.shortfall(lane.sub(x, u), t), lane.neg(t));
  }
  /** t where z > 0 */
  @inline second(x: v128, t: v128, u: v128, s: usize): v128 {
    return margin.slope(margin.shortfall(lane.sub(x, u), t), t);
  }
}

/** x where t is 1; where it is −1 what x lacks of the margin, z = max(0, margin − x). */
@final
@unmanaged
export class HingeEmbedding extends Formula {
  @inline loss(x: v128, t: v128, p: v128, s: usize, general: bool): v128 {
    return lane.select(x, margin.shortfall(x, lane.one()), lane.gt(t, lane.zero()));
  }
  /** 1; −1 where z > 0. A NaN stays. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const apart = margin.slope(margin.shortfall(x, lane.one()), lane.neg(lane.one()));
    return lane.select(lane.select(lane.one(), x, lane.eq(x, x)), apart, lane.gt(t, lane.zero()));
  }
}
