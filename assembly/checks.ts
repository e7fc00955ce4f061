/** Domain checks that must look at every element before anything is written. Each gives the index of the first offender, or -1. */
import { lane, LANES, REAL } from './lane';
import { tail } from './tail';

@final
@unmanaged
export class SignLabel {
  /** Neither 1 nor −1 (NaN included: a label has no NaN). */
  @inline bad(v: v128): v128 {
    return lane.ne(lane.abs(v), lane.one());
  }
}

@final
@unmanaged
export class Probability {
  /** Below 0 or above 1; a NaN passes and gives NaN. */
  @inline bad(v: v128): v128 {
    return lane.or(lane.lt(v, lane.zero()), lane.gt(v, lane.one()));
  }
}

@final
@unmanaged
export class Variance {
  /** Below 0; a NaN passes and gives NaN. */
  @inline bad(v: v128): v128 {
    return lane.lt(v, lane.zero());
  }
}

@final
@unmanaged
export class checks {
  @inline static first<CHECK>(x: usize, n: i32): i32 {
    const check = changetype<CHECK>(0),
      whole = n & ~(LANES - 1);
    let i = 0;
    // Four vectors to a branch; the one that stops the loop is then looked through.
    for (const fours = n & ~(4 * LANES - 1); i < fours; i += 4 * LANES) {
      const p = x + i * REAL;
      const a = lane.or(check.bad(v128.load(p)), check.bad(v128.load(p, 16)));
      if (v128.any_true(lane.or(a, lane.or(check.bad(v128.load(p, 32)), check.bad(v128.load(p, 48)))))) break;
    }
    for (; i < whole; i += LANES) {
      const bad = check.bad(v128.load(x + i * REAL));
      if (v128.any_true(bad)) return i + lane.firstSet(bad);
    }
    const bad = check.bad(tail.load(x + i * REAL, n - whole, lane.one()));
    return v128.any_true(bad) ? i + lane.firstSet(bad) : -1;
  }
}
