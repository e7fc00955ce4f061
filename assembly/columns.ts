/**
 * The row-wise driver for at most 64 classes: a row a lane. The operands are panels in scratch, classes x stride: class c of row j is at
 * (c * stride + j), stride a multiple of LANES, so a vector holds one class of LANES rows and the last group of rows is a padded one.
 * It knows no formula. A loss is a class of group(…), which does a group of rows in one step, or of chunk(…), which does many groups in several.
 * A row's bits do not depend on the rows beside it.
 */
import { lane, LANES, REAL } from './lane';
import { PAD, ROW_LOSS, ROW_SCALE, ROW_WEIGHT, TARGETS, TERMS, TOTALS } from './layout';
import { index } from './tail';

const LOSSES: usize = PAD,
  EXTRAS: usize = PAD + 16;

/** The rows of one group, a row a lane; where a row does not count its lane of `counted` is 0. */
@final
@unmanaged
export class group {
  /** Class indices in lanes as wide as `real`. */
  @inline static targets(j: i32): v128 {
    return sizeof<real>() == 4
      ? v128.load(TARGETS + 4 * j)
      : i64x2.extend_low_i32x4_s(v128.load64_zero(TARGETS + 4 * j));
  }
  /** 0 <= target < classes and not the ignored class. */
  @inline static counted(targets: v128, classes: i32, ignore: i32): v128 {
    const below =
      sizeof<real>() == 4
        ? v128.and(i32x4.lt_s(targets, i32x4.splat(classes)), i32x4.ge_s(targets, i32x4.splat(0)))
        : v128.and(i64x2.lt_s(targets, i64x2.splat(<i64>classes)), i64x2.ge_s(targets, i64x2.splat(0)));
    return v128.andnot(below, index.eq(targets, index.splat(ignore)));
  }
  /** All bits set in the lanes of rows that count. */
  @inline static counts(j: i32, classes: i32, ignore: i32, indexed: bool): v128 {
    return indexed ? group.counted(group.targets(j), classes, ignore) : i32x4.splat(-1);
  }
  @inline static weight(j: i32, flags: i32): v128 {
    return flags & 1 ? v128.load(ROW_WEIGHT + j * REAL) : lane.one();
  }
  @inline static scale(j: i32, flags: i32, scale: f64): v128 {
    const all = lane.of(scale);
    return flags & 2 ? lane.mul(all, v128.load(ROW_SCALE + j * REAL)) : all;
  }
  /** Each lane's own target's value. */
  @inline static gather(x: usize, targets: v128, step: usize): v128 {
    if (sizeof<real>() == 4) {
      let v = v128.load32_zero(x + <usize>i32x4.extract_lane(targets, 0) * step);
      v = v128.load32_lane(x + <usize>i32x4.extract_lane(targets, 1) * step, v, 1, 4);
      v = v128.load32_lane(x + <usize>i32x4.extract_lane(targets, 2) * step, v, 2, 8);
      return v128.load32_lane(x + <usize>i32x4.extract_lane(targets, 3) * step, v, 3, 12);
    }
    const v = v128.load64_zero(x + <usize>i64x2.extract_lane(targets, 0) * step);
    return v128.load64_lane(x + <usize>i64x2.extract_lane(targets, 1) * step, v, 1, 8);
  }
  /** Stores each lane at its own target. */
  @inline static scatter(g: usize, targets: v128, step: usize, v: v128): void {
    if (sizeof<real>() == 4) {
      v128.store32_lane(g + <usize>i32x4.extract_lane(targets, 0) * step, v, 0);
      v128.store32_lane(g + <usize>i32x4.extract_lane(targets, 1) * step, v, 1, 4);
      v128.store32_lane(g + <usize>i32x4.extract_lane(targets, 2) * step, v, 2, 8);
      v128.store32_lane(g + <usize>i32x4.extract_lane(targets, 3) * step, v, 3, 12);
    } else {
      v128.store64_lane(g + <usize>i64x2.extract_lane(targets, 0) * step, v, 0);
      v128.store64_lane(g + <usize>i64x2.extract_lane(targets, 1) * step, v, 1, 8);
    }
  }
  /** Leaves the group's losses and second terms for `end`; 0 where a row does not count, whatever was computed there. */
  @inline static result(loss: v128, extra: v128, counted: v128): void {
    v128.store(LOSSES, v128.and(loss, counted));
    v128.store(EXTRAS, v128.and(extra, counted));
  }
  /**
   * Leaves the losses of rows j, j + 1, … in the list, their terms in another, and gives the two totals (float64, side by side) with those lanes that are rows added, in
   * order. A driver keeps the totals in a register: through memory they would be a chain of loads and stores.
   */
  @inline static end(totals: v128, j: i32, count: i32): v128 {
    const loss = v128.load(LOSSES),
      extra = v128.load(EXTRAS),
      rows = count - j;
    v128.store(ROW_LOSS + j * REAL, lane.add(loss, extra));
    if (sizeof<real>() == 4) {
      const low = v128.shuffle<i32>(loss, extra, 0, 4, 1, 5),
        high = v128.shuffle<i32>(loss, extra, 2, 6, 3, 7);
      totals = group.add(totals, f64x2.promote_low_f32x4(low), j, true);
      totals = group.add(totals, f64x2.promote_low_f32x4(v128.shuffle<i64>(low, low, 1, 0)), j + 1, rows > 1);
      totals = group.add(totals, f64x2.promote_low_f32x4(high), j + 2, rows > 2);
      return group.add(totals, f64x2.promote_low_f32x4(v128.shuffle<i64>(high, high, 1, 0)), j + 3, rows > 3);
    }
    totals = group.add(totals, v128.shuffle<i64>(loss, extra, 0, 2), j, true);
    return group.add(totals, v128.shuffle<i64>(loss, extra, 1, 3), j + 1, rows > 1);
  }
  /** Adds the pair of row j, if it is one, and leaves it in the list of terms. */
  @inline static add(totals: v128, pair: v128, j: i32, is: bool): v128 {
    v128.store(TERMS + 16 * j, pair);
    return is ? f64x2.add(totals, pair) : totals;
  }
}

/** Groups whose steps are done together: enough to overlap their latencies, and all they need stays in L1. */
const CHUNK: i32 = 64;

@final
@unmanaged
export class columns {
  /** A loss in one step a group: op.group(…) does all of it. */
  @inline static all<OP>(
    x: usize,
    q: usize,
    g: usize,
    count: i32,
    stride: i32,
    classes: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
    indexed: bool,
  ): void {
    const op = changetype<OP>(0),
      step = <usize>stride * REAL;
    columns.seal(count, indexed);
    op.constants(classes);
    let totals = v128.load(TOTALS);
    for (let j = 0; j < count; j += LANES) {
      const at = <usize>j * REAL,
        second = indexed ? q : q + at;
      const counted = group.counts(j, classes, ignore, indexed),
        targets = v128.and(group.targets(j), counted);
      const w = group.weight(j, flags),
        s = group.scale(j, flags, scale);
      if (g) op.group(x + at, second, g + at, step, classes, targets, counted, w, s, true);
      else op.group(x + at, second, 0, step, classes, targets, counted, w, s, false);
      totals = group.end(totals, j, count);
    }
    v128.store(TOTALS, totals);
  }

  /**
   * A loss in three steps, each for all groups of a chunk before the next: groups do not depend on one another, so their latencies overlap
   * (a group at a time takes 1.1 to 1.3 x as long at 10 classes).
   */
  @inline static staged<OP>(
    x: usize,
    q: usize,
    g: usize,
    count: i32,
    stride: i32,
    classes: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
    indexed: bool,
  ): void {
    const op = changetype<OP>(0),
      step = <usize>stride * REAL;
    columns.seal(count, indexed);
    op.constants(classes);
    for (let from = 0; from < count; from += CHUNK * LANES) {
      const rows = min(CHUNK * LANES, count - from);
      if (g) op.chunk(x, q, g, step, classes, from, rows, flags, ignore, scale, true);
      else op.chunk(x, q, x, step, classes, from, rows, flags, ignore, scale, false);
    }
  }

  /** The lanes behind the last row are rows that do not count. */
  @inline static seal(count: i32, indexed: bool): void {
    if (indexed) v128.store(TARGETS + 4 * count, i32x4.splat(-1));
  }
}
