/** The softmax family with lanes as classes: the four phases that rows.ts asks for. */
import { flag, lane, LANES, No, REAL, Yes } from './lane';
import { PAD } from './layout';
import { row } from './rows';
import { softmax } from './softmax';
import { sweep } from './sweep';
import { index, tail } from './tail';

/** The block of the order of summation. */
const BLOCK: i32 = 1024;

/** Slots of the row's state. */
const MAX = 8, TARGET_X = 9, BELOW = 10, MAXIMA = 11, GAPS = 12, FACTOR = 13, TARGET_GRAD = 14;

@final @unmanaged
export class RowSoftmax<LOSS> {
  @inline constants(classes: i32): void { changetype<LOSS>(0).constants(classes); }

  @inline begin(): void {
    row.set(MAX, -Infinity);
    row.set(TARGET_X, 0);
    row.set(BELOW, 0);
    row.set(MAXIMA, 0);
    row.set(GAPS, 0);
  }

  /** The maximum (a NaN is passed over here: the sum that follows finds it) and the target's own value. */
  @inline look(x: usize, q: usize, from: i32, n: i32): void {
    const y = row.target() - from;
    if (<u32>y < <u32>n) row.set(TARGET_X, <f64>load<real>(x + y * REAL));
    row.set(MAX, Math.max(row.get(MAX), sweep.max(x, n)));
  }

  @inline sum(x: usize, w: usize, g: usize, from: i32, n: i32, keep: bool): void {
    if (changetype<LOSS>(0).smooths() && softmax.smooth()) {
      if (keep) sums.all<Yes, Yes>(x, w, g, n);
      else sums.all<No, Yes>(x, w, g, n);
    } else if (keep) sums.all<Yes, No>(x, w, g, n);
    else sums.all<No, No>(x, w, g, n);
  }

  @inline finish(grad: bool): void {
    const m = lane.of(row.get(MAX)), s = softmax.others(lane.of(row.get(BELOW)), lane.of(row.get(MAXIMA)), m);
    const xy = lane.of(row.get(TARGET_X)), w = lane.of(row.weight()), gaps = lane.of(row.get(GAPS)), scale = lane.of(row.scale());
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
@final @unmanaged
class sums {
  /**
   * Adds a stretch that begins at a block to BELOW, MAXIMA and GAPS; the exponentials go to g if KEEP.
   * The padding is −inf with weight 0: it adds 0, and where the maximum itself is −inf the row is NaN anyway.
   */
  @inline static all<KEEP, SMOOTH>(x: usize, w: usize, g: usize, n: i32): void {
    const m = lane.of(row.get(MAX));
    for (let left = n; left > 0; left -= BLOCK) {
      const size = min(left, BLOCK), rest = size & (LANES - 1), bytes: usize = (size - rest) * REAL;
      sums.block<KEEP, SMOOTH>(x, w, g, bytes, m);
      if (rest) {
        v128.store(PAD, tail.load(x + bytes, rest, lane.splat(-Infinity)));
        if (flag.on<SMOOTH>()) v128.store(PAD + 16, tail.load(w + bytes, rest, lane.zero()));
        sums.block<KEEP, SMOOTH>(PAD, PAD + 16, PAD, 16, m);
        if (flag.on<KEEP>()) tail.store(g + bytes, v128.load(PAD), rest);
      }
      x += size * REAL;
      g += size * REAL;
      w += size * REAL;
    }
  }

  /** A function of its own so that V8 has registers for the loop: inlined, its sums are spilled in every iteration (1.6 x). */
  static block<KEEP, SMOOTH>(x: usize, w: usize, g: usize, bytes: usize, m: v128): void {
    let even = lane.zero(), odd = lane.zero(), gap = lane.zero(), ones = index.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const a = v128.load(x + i), e = softmax.exp(a, m), top = lane.eq(a, m);
      const sum = lane.add(even, lane.andnot(e, top));
      even = odd;
      odd = sum;
      ones = index.count(ones, top);
      if (flag.on<SMOOTH>()) gap = lane.add(gap, softmax.gap(a, m, v128.load(w + i)));
      if (flag.on<KEEP>()) v128.store(g + i, e);
    }
    row.set(BELOW, row.get(BELOW) + lane.sum(lane.add(even, odd)));
    row.set(MAXIMA, row.get(MAXIMA) + index.sum(ones));
    if (flag.on<SMOOTH>()) row.set(GAPS, row.get(GAPS) + lane.sum(gap));
  }

  @inline static scale(w: usize, g: usize, n: i32, smooth: bool): void {
    const factor = lane.of(row.get(FACTOR)), floor = softmax.floor(factor), background = softmax.background(lane.of(row.scale()));
    const rest = n & (LANES - 1), bytes: usize = (n - rest) * REAL;
    for (let i: usize = 0; i < bytes; i += 16) {
      const p = softmax.scaled(v128.load(g + i), factor, floor);
      v128.store(g + i, smooth ? lane.fnma(background, v128.load(w + i), p) : p);
    }
    if (rest) {
      const p = softmax.scaled(tail.load(g + bytes, rest, lane.zero()), factor, floor);
      tail.store(g + bytes, smooth ? lane.fnma(background, tail.load(w + bytes, rest, lane.zero()), p) : p, rest);
    }
  }
}
