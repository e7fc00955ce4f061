/** Margin losses of one score x against a label t of ±1: z = max(0, margin − t·x), times posWeight where t is +1. */
import { lane } from '../lane';
import { constant } from '../layout';
import { Formula } from './formula';

@final
@unmanaged
class margin {
  /** z, what is left of the margin; a NaN stays one. */
  @inline static shortfall(x: v128, t: v128): v128 {
    return lane.pmax(lane.fnma(t, x, constant.lanes(0)), lane.zero());
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
  /** −t where z > 0; at the tie, and for a NaN, z itself. */
  @inline grad(x: v128, t: v128, p: v128, s: usize, floor: v128, general: bool): v128 {
    const z = margin.shortfall(x, t),
      g = lane.select(lane.neg(t), z, lane.gt(z, lane.zero()));
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
