/** The softmax family with lanes as classes: the four phases that rows.ts asks for. */
import { flag, lane, LANES, No, Own, REAL, Yes } from './lane';
import { PAD } from './layout';
import { math } from './math';
import { row } from './rows';
import { softmax } from './softmax';
import { sweep } from './sweep';
import { index, tail } from './tail';

/** The block of the order of summation. */
const BLOCK: i32 = 1024;

/** Slots of the row's state. */
const MAX = 8,
  TARGET_X = 9,
  BELOW = 10,
  MAXIMA = 11,
  GAPS = 12,
  FACTOR = 13,
  TARGET_GRAD = 14,
  TOP = 15,
  LOW = 16;

@final
@unmanaged
export class RowSoftmax<LOSS> {
  @inline constants(classes: i32): void {
    changetype<LOSS>(0).constants(classes);
  }

  @inline begin(): void {
    row.set(MAX, -Infinity);
    row.set(LOW, Infinity);
    row.set(TARGET_X, 0);
    row.set(TOP, 0);
    row.set(BELOW, 0);
    row.set(MAXIMA, 0);
    row.set(GAPS, 0);
  }

  /** The maximum (a NaN is passed over here: the sum that follows finds it) and the target's own value. */
  @inline look(x: usize, q: usize, from: i32, n: i32): void {
    const y = row.target() - from;
    if (<u32>y < <u32>n) row.set(TARGET_X, <f64>load<real>(x + y * REAL));
    if (sweep.top(x, n, row.get(MAX), row.get(LOW))) {
      row.set(MAX, sweep.topValue());
      row.set(TOP, <f64>(from + sweep.topIndex()));
    }
    row.set(LOW, sweep.low());
  }

  @inline sum(x: usize, w: usize, g: usize, from: i32, n: i32, keep: bool): void {
    sums.run(x, w, g, from, n, keep, changetype<LOSS>(0).smooths() && softmax.smooth());
  }

  /** The same with Σ e·(m − x)/T as the gaps, for the entropy. */
  @inline sumOwn(x: usize, g: usize, from: i32, n: i32, keep: bool): void {
    sums.clamping<Own>(x, 0, g, from, n, keep);
  }

  @inline maximum(): v128 {
    return lane.of(row.get(MAX));
  }
  /** S */
  @inline others(): v128 {
    return softmax.others(lane.of(row.get(BELOW)), lane.of(row.get(MAXIMA)), this.maximum());
  }
  /** Where the first maximum stands. */
  @inline top(): i32 {
    return <i32>row.get(TOP);
  }
  @inline gaps(): v128 {
    return lane.of(row.get(GAPS));
  }
  @inline finish(grad: bool): void {
    const m = this.maximum(),
      s = this.others();
    const xy = lane.of(row.get(TARGET_X)),
      w = lane.of(row.weight()),
      gaps = lane.of(row.get(GAPS)),
      scale = lane.of(row.scale());
    const smooth = changetype<LOSS>(0).smooths() && softmax.smooth();
    if (grad) {
      if (smooth) softmax.finish<LOSS, Yes, Yes>(s, m, xy, w, gaps, scale);
      else softmax.finish<LOSS, Yes, No>(s, m, xy, w, gaps, scale);
      row.set(FACTOR, <f64>lane.first(softmax.factor()));
      row.set(TARGET_GRAD, <f64>lane.first(softmax.atTarget()));
    } else if (smooth) softmax.finish<LOSS, No, Yes>(s, m, xy, w, gaps, scale);
    else softmax.finish<LOSS, No, No>(s, m, xy, w, gaps, scale);
    row.setLoss(<f64>lane.first(softmax.loss()), <f64>lane.first(softmax.z()));
  }

  /** factor·e − background; the e are at g already unless `fresh`. */
  @inline write(x: usize, w: usize, g: usize, from: i32, n: i32, fresh: bool): void {
    if (fresh) sweep.exp(x, g, n, row.get(MAX));
    if (changetype<LOSS>(0).smooths() && softmax.smooth()) sums.scale(w, g, n, true);
    else sums.scale(w, g, n, false);
    const y = row.target() - from;
    if (<u32>y < <u32>n) store<real>(g + y * REAL, <real>row.get(TARGET_GRAD));
  }
}

/** The loops that need the state of the row: whole vectors, then the tail as one padded vector that takes the same body again. */
@final
@unmanaged
class sums {
  /** Chooses the body: whether exponentials are kept, whether there is smoothing or a temperature, whether no clamp is needed. */
  static run(x: usize, w: usize, g: usize, from: i32, n: i32, keep: bool, smooth: bool): void {
    if (smooth) sums.clamping<Yes>(x, w, g, from, n, keep);
    else sums.clamping<No>(x, w, g, from, n, keep);
  }
  @inline static clamping<SMOOTH>(x: usize, w: usize, g: usize, from: i32, n: i32, keep: bool): void {
    if (softmax.bounded(lane.of(row.get(LOW)), lane.of(row.get(MAX))))
      sums.keeping<SMOOTH, Yes>(x, w, g, from, n, keep);
    else sums.keeping<SMOOTH, No>(x, w, g, from, n, keep);
  }
  @inline static keeping<SMOOTH, BOUNDED>(x: usize, w: usize, g: usize, from: i32, n: i32, keep: bool): void {
    if (keep) sums.all<Yes, SMOOTH, BOUNDED>(x, w, g, from, n);
    else sums.all<No, SMOOTH, BOUNDED>(x, w, g, from, n);
  }

  /**
   * Adds a stretch that begins at a block to BELOW, MAXIMA and GAPS; the exponentials go to g if KEEP. The vector of the first maximum is
   * added by itself, its maxima counted instead (equal ones elsewhere are 1 like any other), so that the loops need no mask.
   */
  static all<KEEP, SMOOTH, BOUNDED>(x: usize, w: usize, g: usize, from: i32, n: i32): void {
    const m = lane.of(row.get(MAX)),
      top = (<i32>row.get(TOP)) & ~(LANES - 1);
    for (let at = 0; at < n; at += BLOCK) {
      const end = min(at + BLOCK, n),
        split = top - from;
      if (split >= at && split < end) {
        sums.range<KEEP, SMOOTH, BOUNDED>(x, w, g, at, split, m);
        sums.summit<KEEP, SMOOTH>(
          x + split * REAL,
          w + split * REAL,
          g + split * REAL,
          min(LANES, end - split),
          m,
        );
        if (split + LANES < end) sums.range<KEEP, SMOOTH, BOUNDED>(x, w, g, split + LANES, end, m);
      } else {
        sums.range<KEEP, SMOOTH, BOUNDED>(x, w, g, at, end, m);
      }
    }
  }

  /** Classes [at, end) of one block, in lanes; the padding of a tail is −inf with weight 0 and adds 0. */
  static range<KEEP, SMOOTH, BOUNDED>(x: usize, w: usize, g: usize, at: i32, end: i32, m: v128): void {
    const whole = (end - at) & ~(LANES - 1),
      rest = end - at - whole,
      last = (at + whole) * REAL;
    if (whole > 0)
      sums.block<KEEP, SMOOTH, BOUNDED>(x + at * REAL, w + at * REAL, g + at * REAL, whole * REAL, m);
    if (rest > 0) {
      v128.store(PAD, tail.load(x + last, rest, lane.splat(-Infinity)));
      if (flag.on<SMOOTH>() && !flag.own<SMOOTH>())
        v128.store(PAD + 16, tail.load(w + last, rest, lane.zero()));
      sums.block<KEEP, SMOOTH, No>(PAD, PAD + 16, PAD, 16, m);
      if (flag.on<KEEP>()) tail.store(g + last, v128.load(PAD), rest);
    }
  }

  /** A function of its own so that V8 has registers for the loop: inlined, its sums are spilled in every iteration (2 x). */
  static block<KEEP, SMOOTH, BOUNDED>(x: usize, w: usize, g: usize, bytes: usize, m: v128): void {
    let even = lane.zero(),
      odd = lane.zero(),
      gaps = lane.zero();
    let i: usize = 0;
    for (const pairs = bytes & ~31; i < pairs; i += 32) {
      const a = softmax.depth<SMOOTH>(v128.load(x + i), m),
        b = softmax.depth<SMOOTH>(v128.load(x + i, 16), m);
      const ea = softmax.exp<BOUNDED>(a),
        eb = softmax.exp<BOUNDED>(b);
      even = lane.add(even, ea);
      odd = lane.add(odd, eb);
      if (flag.on<SMOOTH>()) {
        gaps = softmax.gap<BOUNDED>(gaps, a, flag.own<SMOOTH>() ? ea : v128.load(w + i));
        gaps = softmax.gap<BOUNDED>(gaps, b, flag.own<SMOOTH>() ? eb : v128.load(w + i, 16));
      }
      if (flag.on<KEEP>()) {
        v128.store(g + i, ea);
        v128.store(g + i, eb, 16);
      }
    }
    if (i < bytes) {
      const a = softmax.depth<SMOOTH>(v128.load(x + i), m),
        e = softmax.exp<BOUNDED>(a);
      even = lane.add(even, e);
      if (flag.on<SMOOTH>()) gaps = softmax.gap<BOUNDED>(gaps, a, flag.own<SMOOTH>() ? e : v128.load(w + i));
      if (flag.on<KEEP>()) v128.store(g + i, e);
    }
    row.set(BELOW, row.get(BELOW) + lane.sum(lane.add(even, odd)));
    if (flag.on<SMOOTH>()) row.set(GAPS, row.get(GAPS) + lane.sum(gaps));
  }

  /** The vector (n lanes of it) that holds the first maximum. */
  static summit<KEEP, SMOOTH>(x: usize, w: usize, g: usize, n: i32, m: v128): void {
    const a = n == LANES ? v128.load(x) : tail.load(x, n, lane.splat(-Infinity)),
      top = lane.eq(a, m);
    const d = softmax.depth<SMOOTH>(a, m),
      e = math.expNonPositive(d);
    row.set(BELOW, row.get(BELOW) + lane.sum(lane.andnot(e, top)));
    row.set(MAXIMA, index.sum(index.count(index.splat(0), top)));
    if (flag.on<SMOOTH>()) {
      const weights = flag.own<SMOOTH>() ? e : n == LANES ? v128.load(w) : tail.load(w, n, lane.zero());
      row.set(GAPS, row.get(GAPS) + lane.sum(softmax.gap<No>(lane.zero(), d, weights)));
    }
    if (flag.on<KEEP>()) {
      if (n == LANES) v128.store(g, e);
      else tail.store(g, e, n);
    }
  }

  @inline static scale(w: usize, g: usize, n: i32, smooth: bool): void {
    const factor = lane.of(row.get(FACTOR)),
      floor = softmax.floor(factor),
      background = softmax.background(lane.of(row.scale()));
    const rest = n & (LANES - 1),
      bytes: usize = (n - rest) * REAL;
    let i: usize = 0;
    if (!smooth) {
      const fours = bytes & ~63;
      if (softmax.faint(lane.of(row.get(LOW)), lane.of(row.get(MAX)), floor)) {
        for (; i < fours; i += 64) {
          v128.store(g + i, softmax.scaled(v128.load(g + i), factor, floor));
          v128.store(g + i, softmax.scaled(v128.load(g + i, 16), factor, floor), 16);
          v128.store(g + i, softmax.scaled(v128.load(g + i, 32), factor, floor), 32);
          v128.store(g + i, softmax.scaled(v128.load(g + i, 48), factor, floor), 48);
        }
      } else {
        for (; i < fours; i += 64) {
          v128.store(g + i, lane.mul(v128.load(g + i), factor));
          v128.store(g + i, lane.mul(v128.load(g + i, 16), factor), 16);
          v128.store(g + i, lane.mul(v128.load(g + i, 32), factor), 32);
          v128.store(g + i, lane.mul(v128.load(g + i, 48), factor), 48);
        }
      }
    }
    for (; i < bytes; i += 16) {
      const p = softmax.scaled(v128.load(g + i), factor, floor);
      v128.store(g + i, smooth ? lane.fnma(background, v128.load(w + i), p) : p);
    }
    if (rest) {
      const p = softmax.scaled(tail.load(g + bytes, rest, lane.zero()), factor, floor);
      tail.store(
        g + bytes,
        smooth ? lane.fnma(background, tail.load(w + bytes, rest, lane.zero()), p) : p,
        rest,
      );
    }
  }
}
