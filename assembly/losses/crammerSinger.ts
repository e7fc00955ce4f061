/** Multi-class hinge, max form: w_y · max(0, margin + max_{c≠y} x_c − x_y), the lowest class of equal rivals. Table constants: [margin]. */
import { group } from '../columns';
import { lane, LANES, REAL } from '../lane';
import { constant, PAD } from '../layout';
import { row } from '../rows';
import { index, tail } from '../tail';

const TARGET_X = 8,
  RIVAL_X = 9,
  RIVAL = 10,
  BAD = 11,
  STEP = 12;

@final
@unmanaged
class lead {
  /** max(0, rival − x_y + margin); NaN where `bad`. */
  @inline static shortfall(rival: v128, xy: v128, bad: v128): v128 {
    return lane.or(lane.pmax(lane.add(lane.sub(rival, xy), constant.lanes(0)), lane.zero()), bad);
  }
  /** w · scale where z > 0, 0 at the tie and below, NaN where z is. */
  @inline static step(z: v128, w: v128, scale: v128): v128 {
    return lane.select(lane.mul(w, scale), z, lane.gt(z, lane.zero()));
  }
}

@final
@unmanaged
export class RowCrammerSinger {
  @inline constants(classes: i32): void {
    constant.splat();
  }
  @inline begin(): void {
    row.set(RIVAL_X, -Infinity);
    row.set(RIVAL, -1);
    row.set(BAD, 0);
  }
  /** The rival: in each lane the first largest, then over the lanes the largest and of equal ones the first. */
  @inline look(x: usize, q: usize, from: i32, n: i32): void {
    const own = row.target() - from;
    if (<u32>own < <u32>n) row.set(TARGET_X, <f64>load<real>(x + own * REAL));
    const y = index.splat(own),
      step = index.splat(LANES),
      least = lane.splat(-Infinity);
    const rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    let best = least,
      where = index.splat(-1),
      at = index.iota(),
      bad = lane.zero();
    for (let p = x; p <= end; p += 16) {
      const v = p < end ? v128.load(p) : tail.load(p, rest, least);
      const better = lane.andnot(lane.gt(v, best), index.eq(at, y));
      best = lane.select(v, best, better);
      where = lane.select(at, where, better);
      bad = lane.or(bad, lane.ne(v, v));
      at = index.add(at, step);
    }
    if (v128.any_true(bad)) row.set(BAD, NaN);
    v128.store(PAD, best);
    v128.store(PAD + 16, where);
    let value = row.get(RIVAL_X),
      rival = -1;
    for (let k = 0; k < LANES; k++) {
      const other = <f64>load<real>(PAD + k * REAL),
        place = load<i32>(PAD + 16 + k * REAL);
      if (place >= 0 && (other > value || (other == value && rival >= 0 && place < rival))) {
        value = other;
        rival = place;
      }
    }
    if (rival >= 0) {
      row.set(RIVAL_X, value);
      row.set(RIVAL, <f64>(rival + from));
    }
  }
  @inline sum(x: usize, q: usize, g: usize, from: i32, n: i32, keep: bool): void {}
  @inline finish(grad: bool): void {
    const w = lane.of(row.weight()),
      bad = lane.of(row.get(BAD));
    const z = lead.shortfall(lane.of(row.get(RIVAL_X)), lane.of(row.get(TARGET_X)), lane.ne(bad, bad));
    row.setLoss(<f64>lane.first(lane.weigh(w, z)), 0);
    row.set(STEP, <f64>lane.first(lead.step(z, w, lane.of(row.scale()))));
  }
  @inline write(x: usize, q: usize, g: usize, from: i32, n: i32, fresh: bool): void {
    const step = row.get(STEP),
      y = row.target() - from,
      rival = <i32>row.get(RIVAL) - from;
    if (isNaN(step)) {
      for (let i = 0; i < n; i++) store<real>(g + i * REAL, <real>NaN);
      return;
    }
    memory.fill(g, 0, <usize>n * REAL);
    if (step == 0) return;
    if (<u32>rival < <u32>n) store<real>(g + rival * REAL, <real>step);
    if (<u32>y < <u32>n) store<real>(g + y * REAL, <real>-step);
  }
}

@final
@unmanaged
export class ColumnCrammerSinger {
  @inline constants(classes: i32): void {
    constant.splat();
  }
  @inline group(
    x: usize,
    q: usize,
    g: usize,
    step: usize,
    classes: i32,
    targets: v128,
    counted: v128,
    w: v128,
    scale: v128,
    grad: bool,
  ): void {
    const end = x + <usize>classes * step,
      xy = group.gather(x, targets, step),
      one = index.splat(1);
    let best = lane.splat(-Infinity),
      where = index.splat(-1),
      at = index.splat(0),
      bad = lane.zero();
    for (let p = x; p < end; p += step) {
      const v = v128.load(p),
        better = lane.andnot(lane.gt(v, best), index.eq(at, targets));
      best = lane.select(v, best, better);
      where = lane.select(at, where, better);
      bad = lane.or(bad, lane.ne(v, v));
      at = index.add(at, one);
    }
    const z = lead.shortfall(best, xy, bad);
    group.result(lane.weigh(w, z), lane.zero(), counted);
    if (grad) {
      const change = lead.step(z, w, scale),
        broken = lane.ne(z, z);
      at = index.splat(0);
      for (let p = g, last = g + <usize>classes * step; p < last; p += step) {
        const up = lane.and(change, index.eq(at, where)),
          down = lane.and(change, index.eq(at, targets));
        v128.store(p, lane.and(lane.or(lane.sub(up, down), broken), counted));
        at = index.add(at, one);
      }
    }
  }
}
