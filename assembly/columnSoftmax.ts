/** The softmax family with lanes as rows: the three steps of columns.ts for a chunk of groups. */
import { group } from './columns';
import { flag, lane, LANES, No, Own, REAL, Yes } from './lane';
import { ROW_WEIGHT, STAGE_A, TARGETS, TOTALS } from './layout';
import { softmax } from './softmax';
import { index } from './tail';

/** What a group's steps leave for one another: one vector each, at STAGE_A. */
const SIZE: usize = 112;
const MAX: usize = 0,
  BELOW: usize = 16,
  GAPS: usize = 32,
  TARGET_X: usize = 48,
  FACTOR: usize = 64,
  TARGET_GRAD: usize = 80,
  TOP: usize = 96;

@final
@unmanaged
export class ColumnSoftmax<LOSS> {
  @inline constants(classes: i32): void {
    changetype<LOSS>(0).constants(classes);
  }

  @inline chunk(
    x: usize,
    weights: usize,
    g: usize,
    step: usize,
    classes: i32,
    from: i32,
    rows: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
    grad: bool,
  ): void {
    if (changetype<LOSS>(0).smooths() && softmax.smooth()) {
      if (grad) steps.all<LOSS, Yes, Yes>(x, weights, g, step, classes, from, rows, flags, ignore, scale);
      else steps.all<LOSS, No, Yes>(x, weights, g, step, classes, from, rows, flags, ignore, scale);
    } else if (grad) steps.all<LOSS, Yes, No>(x, weights, g, step, classes, from, rows, flags, ignore, scale);
    else steps.all<LOSS, No, No>(x, weights, g, step, classes, from, rows, flags, ignore, scale);
  }
}

/** The same, and of each row its entropy in the list of weights (there are none) and its first maximum in the place of its target. */
@final
@unmanaged
export class ColumnStats<LOSS> {
  @inline constants(classes: i32): void {
    changetype<LOSS>(0).constants(classes);
  }

  @inline chunk(
    x: usize,
    weights: usize,
    g: usize,
    step: usize,
    classes: i32,
    from: i32,
    rows: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
    grad: bool,
  ): void {
    steps.top(x, step, classes, from, rows);
    if (grad) steps.all<LOSS, Yes, Own>(x, weights, g, step, classes, from, rows, flags, ignore, scale);
    else steps.all<LOSS, No, Own>(x, weights, g, step, classes, from, rows, flags, ignore, scale);
    steps.stats(classes, from, rows, ignore);
  }
}

@final
@unmanaged
class steps {
  @inline static all<LOSS, GRAD, SMOOTH>(
    x: usize,
    weights: usize,
    g: usize,
    step: usize,
    classes: i32,
    from: i32,
    rows: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
  ): void {
    if (changetype<LOSS>(0).indexed()) steps.look(x, step, classes, from, rows, ignore);
    steps.sum<GRAD, SMOOTH>(x, weights, g, step, classes, from, rows);
    steps.finish<LOSS, GRAD, SMOOTH>(from, rows, classes, flags, ignore, scale);
    if (flag.on<GRAD>())
      steps.write<LOSS, SMOOTH>(weights, g, step, classes, from, rows, flags, ignore, scale);
  }

  /** The targets' own values, before the exponentials take their place. */
  static look(x: usize, step: usize, classes: i32, from: i32, rows: i32, ignore: i32): void {
    let at = STAGE_A;
    for (let j = from; j < from + rows; j += LANES, at += SIZE) {
      const targets = v128.and(group.targets(j), group.counts(j, classes, ignore, true));
      v128.store(at + TARGET_X, group.gather(x + j * REAL, targets, step));
    }
  }

  /** Where each row's first maximum stands, before the exponentials take its place. */
  static top(x: usize, step: usize, classes: i32, from: i32, rows: i32): void {
    let at = STAGE_A;
    for (let p = x + from * REAL, last = p + rows * REAL; p < last; p += 16, at += SIZE) {
      let m = v128.load(p),
        best = index.splat(0);
      for (let c = 1, q = p + step; c < classes; c++, q += step) {
        const a = v128.load(q),
          above = lane.gt(a, m);
        m = lane.select(a, m, above);
        best = lane.select(index.splat(c), best, above);
      }
      v128.store(at + TOP, best);
    }
  }

  /** Each counted row's statistics to the lists. */
  static stats(classes: i32, from: i32, rows: i32, ignore: i32): void {
    let at = STAGE_A;
    for (let j = from; j < from + rows; j += LANES, at += SIZE) {
      const counted = group.counts(j, classes, ignore, true),
        entropy = softmax.entropy(v128.load(at + BELOW), v128.load(at + GAPS));
      v128.store(ROW_WEIGHT + j * REAL, lane.and(entropy, counted));
      const list = lane.select(v128.load(at + TOP), group.targets(j), counted);
      if (sizeof<real>() == 4) v128.store(TARGETS + 4 * j, list);
      else v128.store64_lane(TARGETS + 4 * j, v128.shuffle<i32>(list, list, 0, 2, 0, 2), 0);
    }
  }

  static sum<KEEP, SMOOTH>(
    x: usize,
    weights: usize,
    g: usize,
    step: usize,
    classes: i32,
    from: i32,
    rows: i32,
  ): void {
    const bytes = <usize>classes * step,
      toGrad = g - x;
    let at = STAGE_A;
    for (let p = x + from * REAL, last = p + rows * REAL; p < last; p += 16, at += SIZE) {
      const end = p + bytes;
      // Four of each: one chain of maxima would wait four cycles for each class.
      const first = v128.load(p);
      let m = first,
        m1 = first,
        m2 = first,
        m3 = first,
        low = first,
        low1 = first,
        low2 = first,
        low3 = first,
        c = p + step;
      for (const fours = end - 3 * step; c < fours; c += 4 * step) {
        const a = v128.load(c),
          b = v128.load(c + step),
          d = v128.load(c + 2 * step),
          e = v128.load(c + 3 * step);
        m = lane.pmax(m, a);
        m1 = lane.pmax(m1, b);
        m2 = lane.pmax(m2, d);
        m3 = lane.pmax(m3, e);
        low = lane.pmin(low, a);
        low1 = lane.pmin(low1, b);
        low2 = lane.pmin(low2, d);
        low3 = lane.pmin(low3, e);
      }
      for (; c < end; c += step) {
        const a = v128.load(c);
        m1 = lane.pmax(m1, a);
        low1 = lane.pmin(low1, a);
      }
      m = lane.pmax(lane.pmax(m, m1), lane.pmax(m2, m3));
      low = lane.pmin(lane.pmin(low, low1), lane.pmin(low2, low3));
      if (softmax.bounded(low, m)) steps.group<KEEP, SMOOTH, Yes>(p, end, step, weights, toGrad, m, at);
      else steps.group<KEEP, SMOOTH, No>(p, end, step, weights, toGrad, m, at);
    }
  }

  @inline static group<KEEP, SMOOTH, BOUNDED>(
    x: usize,
    end: usize,
    step: usize,
    weights: usize,
    toGrad: usize,
    m: v128,
    at: usize,
  ): void {
    let even = lane.zero(),
      odd = lane.zero(),
      gaps = lane.zero(),
      ones = index.splat(0);
    for (const pairs = end - step; x < pairs; x += 2 * step) {
      const a = v128.load(x),
        da = softmax.depth<SMOOTH>(a, m),
        ea = softmax.exp<BOUNDED>(da),
        ta = lane.eq(a, m);
      const b = v128.load(x + step),
        db = softmax.depth<SMOOTH>(b, m),
        eb = softmax.exp<BOUNDED>(db),
        tb = lane.eq(b, m);
      even = lane.add(even, lane.andnot(ea, ta));
      odd = lane.add(odd, lane.andnot(eb, tb));
      ones = index.count(index.count(ones, ta), tb);
      if (flag.on<SMOOTH>()) {
        gaps = softmax.gap<BOUNDED>(gaps, da, flag.own<SMOOTH>() ? ea : lane.splat(load<real>(weights)));
        gaps = softmax.gap<BOUNDED>(
          gaps,
          db,
          flag.own<SMOOTH>() ? eb : lane.splat(load<real>(weights + REAL)),
        );
        weights += 2 * REAL;
      }
      if (flag.on<KEEP>()) {
        v128.store(x + toGrad, ea);
        v128.store(x + step + toGrad, eb);
      }
    }
    if (x < end) {
      const a = v128.load(x),
        d = softmax.depth<SMOOTH>(a, m),
        e = softmax.exp<BOUNDED>(d),
        top = lane.eq(a, m);
      even = lane.add(even, lane.andnot(e, top));
      ones = index.count(ones, top);
      if (flag.on<SMOOTH>())
        gaps = softmax.gap<BOUNDED>(gaps, d, flag.own<SMOOTH>() ? e : lane.splat(load<real>(weights)));
      if (flag.on<KEEP>()) v128.store(x + toGrad, e);
    }
    const below = lane.add(even, odd);
    v128.store(at + MAX, m);
    v128.store(at + BELOW, softmax.others(below, index.real(ones), m));
    v128.store(at + GAPS, gaps);
  }

  static finish<LOSS, GRAD, SMOOTH>(
    from: i32,
    rows: i32,
    classes: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
  ): void {
    const indexed = changetype<LOSS>(0).indexed();
    let at = STAGE_A,
      totals = v128.load(TOTALS);
    for (let j = from, last = from + rows; j < last; j += LANES, at += SIZE) {
      const counted = group.counts(j, classes, ignore, indexed),
        xy = indexed ? v128.load(at + TARGET_X) : lane.zero();
      const s = v128.load(at + BELOW),
        m = v128.load(at + MAX);
      softmax.finish<LOSS, GRAD, SMOOTH>(
        s,
        m,
        xy,
        group.weight(j, flags),
        v128.load(at + GAPS),
        group.scale(j, flags, scale),
      );
      if (flag.on<GRAD>()) {
        v128.store(at + FACTOR, softmax.factor());
        v128.store(at + TARGET_GRAD, lane.and(softmax.atTarget(), counted));
      }
      group.result(softmax.loss(), softmax.z(), counted);
      totals = group.end(totals, j, last);
    }
    v128.store(TOTALS, totals);
  }

  static write<LOSS, SMOOTH>(
    weights: usize,
    g: usize,
    step: usize,
    classes: i32,
    from: i32,
    rows: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
  ): void {
    const bytes = <usize>classes * step,
      indexed = changetype<LOSS>(0).indexed();
    let at = STAGE_A;
    for (let j = from; j < from + rows; j += LANES, at += SIZE) {
      const counted = group.counts(j, classes, ignore, indexed),
        factor = v128.load(at + FACTOR),
        floor = softmax.floor(factor);
      const first = g + j * REAL,
        background = softmax.background(group.scale(j, flags, scale));
      let wc = weights;
      for (let p = first, end = first + bytes; p < end; p += step) {
        let v = softmax.scaled(v128.load(p), factor, floor);
        if (flag.on<SMOOTH>() && !flag.own<SMOOTH>()) {
          v = lane.fnma(background, lane.splat(load<real>(wc)), v);
          wc += REAL;
        }
        v128.store(p, lane.and(v, counted));
      }
      if (indexed)
        group.scatter(first, v128.and(group.targets(j), counted), step, v128.load(at + TARGET_GRAD));
    }
  }
}
