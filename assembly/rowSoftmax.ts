/** The softmax family with lanes as classes: the four phases that rows.ts asks for. */
import { lane, LANES, REAL } from './lane';
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
    if (changetype<LOSS>(0).smooths() && softmax.smooth()) sums.sum(x, w, g, n, keep, true);
    else sums.sum(x, w, g, n, keep, false);
  }

  @inline finish(grad: bool): void {
    const m = lane.of(row.get(MAX)), xy = lane.of(row.get(TARGET_X)), w = lane.of(row.weight());
    const s = softmax.others(lane.of(row.get(BELOW)), lane.of(row.get(MAXIMA)), m), ey = softmax.exp(xy, m);
    const loss = softmax.loss<LOSS>(s, m, xy, ey, w, lane.of(row.get(GAPS)));
    row.setLoss(<f64>lane.first(loss), <f64>lane.first(softmax.z(s, m)));
    if (grad) {
      const slope = softmax.slope<LOSS>(s, m, xy, ey, w), scale = lane.mul(lane.of(row.scale()), softmax.inverseT());
      row.set(FACTOR, <f64>lane.first(lane.div(lane.mul(slope, scale), lane.add(lane.one(), s))));
      row.set(TARGET_GRAD, <f64>lane.first(lane.mul(softmax.atTarget(s, m, ey, w, slope), scale)));
    }
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
   * Adds a stretch that begins at a block to BELOW, MAXIMA and GAPS; the exponentials go to g if `keep`.
   * The padding is −inf with weight 0: it adds 0, and where the maximum itself is −inf the row is NaN anyway.
   */
  @inline static sum(x: usize, w: usize, g: usize, n: i32, keep: bool, smooth: bool): void {
    const m = lane.of(row.get(MAX));
    let below = row.get(BELOW), maxima = row.get(MAXIMA), gaps = row.get(GAPS);
    for (let left = n; left > 0; left -= BLOCK) {
      const size = min(left, BLOCK);
      let rest = size & (LANES - 1), bytes: usize = (size - rest) * REAL, px = x, pw = w, pg = g;
      let even = lane.zero(), odd = lane.zero(), gap = lane.zero(), ones = index.splat(0);
      while (true) {
        for (let i: usize = 0; i < bytes; i += 16) {
          const a = v128.load(px + i), e = softmax.exp(a, m), top = lane.eq(a, m);
          const sum = lane.add(even, lane.andnot(e, top));
          even = odd;
          odd = sum;
          ones = index.count(ones, top);
          if (smooth) gap = lane.add(gap, softmax.gap(a, m, v128.load(pw + i)));
          if (keep) v128.store(pg + i, e);
        }
        if (!rest) break;
        if (px == PAD) {
          if (keep) tail.store(g + (size - rest) * REAL, v128.load(PAD), rest);
          break;
        }
        v128.store(PAD, tail.load(x + bytes, rest, lane.splat(-Infinity)));
        if (smooth) v128.store(PAD + 16, tail.load(w + bytes, rest, lane.zero()));
        px = PAD;
        pw = PAD + 16;
        pg = PAD;
        bytes = 16;
      }
      below += lane.sum(lane.add(even, odd));
      maxima += index.sum(ones);
      if (smooth) gaps += lane.sum(gap);
      x += size * REAL;
      g += size * REAL;
      w += size * REAL;
    }
    row.set(BELOW, below);
    row.set(MAXIMA, maxima);
    row.set(GAPS, gaps);
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
