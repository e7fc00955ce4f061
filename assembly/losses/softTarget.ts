/**
 * Cross-entropy against a distribution q: Σ u_c · (−log p_c) with u_c = w_c · ((1 − ε)·q_c + ε/C). Table constants: [labelSmoothing].
 * With M = Σ u the gradient is M·p_c − u_c. At a dominant maximum it is Σ_{c≠top} u_c − M·S/(1 + S): neither p nor u is subtracted from a near equal,
 * so a one-hot q gives what an index would. S, m and the exponentials are those of softmax.ts. Class weights are at W.
 */
import { lane, LANES, REAL } from '../lane';
import { constant, PAD, W } from '../layout';
import { math } from '../math';
import { row } from '../rows';
import { softmax } from '../softmax';
import { sweep } from '../sweep';
import { group } from '../columns';
import { index, tail } from '../tail';

const KEPT = 0,
  SPREAD = 1,
  INVERSE_T = 4;
const MAX = 8,
  BELOW = 9,
  MAXIMA = 10,
  MASS_BELOW = 11,
  MASS_TOP = 12,
  CROSS = 13,
  TOP = 14,
  TOP_MASS = 15,
  FACTOR = 16,
  TOP_GRAD = 17;

@final
@unmanaged
class mass {
  static constants(classes: i32): void {
    const smoothing = constant.value(0);
    constant.set(KEPT, 1 - smoothing);
    constant.set(SPREAD, smoothing / <f64>classes);
    constant.set(INVERSE_T, 1);
  }
  /** u */
  @inline static of(q: v128, w: v128): v128 {
    return lane.weigh(w, lane.fma(q, constant.lanes(KEPT), constant.lanes(SPREAD)));
  }
  /** M·log1p(S) + Σ u·(m − x) */
  @inline static loss(m: v128, s: v128, cross: v128): v128 {
    return lane.add(lane.weigh(m, math.log1p(s)), cross);
  }
  /** `rest`: Σ u over all classes but the first maximum, `own` u there. A maximum that has less than half takes the plain form. */
  @inline static atTop(m: v128, s: v128, rest: v128, own: v128): v128 {
    const total = lane.add(lane.one(), s);
    return lane.select(
      lane.sub(lane.div(m, total), own),
      lane.fnma(m, lane.div(s, total), rest),
      lane.gt(s, lane.one()),
    );
  }
}

@final
@unmanaged
export class RowSoftTarget {
  @inline constants(classes: i32): void {
    mass.constants(classes);
  }
  @inline begin(): void {
    row.set(MAX, -Infinity);
    row.set(TOP, 0);
    row.set(TOP_MASS, 0);
    for (let slot = BELOW; slot <= CROSS; slot++) row.set(slot, 0);
  }
  @inline look(x: usize, q: usize, from: i32, n: i32): void {
    if (sweep.top(x, n, row.get(MAX), 0)) {
      const at = sweep.topIndex();
      row.set(MAX, sweep.topValue());
      row.set(TOP, <f64>(from + at));
      row.set(
        TOP_MASS,
        <f64>(
          lane.first(mass.of(lane.splat(load<real>(q + at * REAL)), lane.splat(load<real>(W + at * REAL))))
        ),
      );
    }
  }
  @inline sum(x: usize, q: usize, g: usize, from: i32, n: i32, keep: bool): void {
    if (keep) this.sweep(x, q, g, n, true);
    else this.sweep(x, q, g, n, false);
  }

  /** As sweep.sum; the padding is −inf with u = 0. */
  @inline sweep(x: usize, q: usize, g: usize, n: i32, keep: bool): void {
    const m = lane.of(row.get(MAX));
    let below = row.get(BELOW),
      maxima = row.get(MAXIMA),
      massBelow = row.get(MASS_BELOW),
      massTop = row.get(MASS_TOP),
      cross = row.get(CROSS);
    let w = W;
    for (let left = n; left > 0; left -= 1024) {
      const size = min(left, 1024),
        rest = size & (LANES - 1);
      let bytes: usize = (size - rest) * REAL,
        px = x,
        pq = q,
        pw = w,
        pg = g;
      let sum = lane.zero(),
        ones = index.splat(0),
        low = lane.zero(),
        high = lane.zero(),
        gaps = lane.zero();
      while (true) {
        for (let i: usize = 0; i < bytes; i += 16) {
          const a = v128.load(px + i),
            d = lane.sub(a, m),
            e = math.expNonPositive(d),
            top = lane.eq(a, m),
            u = mass.of(v128.load(pq + i), v128.load(pw + i));
          sum = lane.add(sum, lane.andnot(e, top));
          ones = index.count(ones, top);
          low = lane.add(low, lane.andnot(u, top));
          high = lane.add(high, lane.and(u, top));
          gaps = lane.sub(gaps, lane.weighNumber(u, d));
          if (keep) v128.store(pg + i, e);
        }
        if (!rest) break;
        if (px == PAD) {
          if (keep) tail.store(g + (size - rest) * REAL, v128.load(PAD), rest);
          break;
        }
        v128.store(PAD, tail.load(x + bytes, rest, lane.splat(-Infinity)));
        v128.store(PAD + 16, tail.load(q + bytes, rest, lane.zero()));
        v128.store(PAD + 32, tail.load(w + bytes, rest, lane.zero()));
        px = PAD;
        pq = PAD + 16;
        pw = PAD + 32;
        pg = PAD;
        bytes = 16;
      }
      below += lane.sum(sum);
      maxima += index.sum(ones);
      massBelow += lane.sum(low);
      massTop += lane.sum(high);
      cross += lane.sum(gaps);
      x += size * REAL;
      q += size * REAL;
      w += size * REAL;
      g += size * REAL;
    }
    row.set(BELOW, below);
    row.set(MAXIMA, maxima);
    row.set(MASS_BELOW, massBelow);
    row.set(MASS_TOP, massTop);
    row.set(CROSS, cross);
  }

  @inline finish(grad: bool): void {
    const m = lane.of(row.get(MAX)),
      s = softmax.others(lane.of(row.get(BELOW)), lane.of(row.get(MAXIMA)), m);
    const total = lane.of(row.get(MASS_BELOW) + row.get(MASS_TOP)),
      scale = lane.of(row.scale());
    row.setLoss(<f64>lane.first(mass.loss(total, s, lane.of(row.get(CROSS)))), 0);
    if (grad) {
      const rest = lane.of(row.get(MASS_BELOW) + (row.get(MASS_TOP) - row.get(TOP_MASS)));
      row.set(FACTOR, <f64>lane.first(lane.div(lane.mul(total, scale), lane.add(lane.one(), s))));
      row.set(
        TOP_GRAD,
        <f64>lane.first(lane.mul(mass.atTop(total, s, rest, lane.of(row.get(TOP_MASS))), scale)),
      );
    }
  }

  @inline write(x: usize, q: usize, g: usize, from: i32, n: i32, fresh: bool): void {
    if (fresh) sweep.exp(x, g, n, row.get(MAX));
    const factor = lane.of(row.get(FACTOR)),
      floor = softmax.floor(factor),
      scale = lane.of(row.scale());
    const rest = n & (LANES - 1),
      bytes: usize = (n - rest) * REAL;
    for (let i: usize = 0; i < bytes; i += 16) {
      const u = mass.of(v128.load(q + i), v128.load(W + i));
      v128.store(g + i, lane.fnma(u, scale, softmax.scaled(v128.load(g + i), factor, floor)));
    }
    if (rest) {
      const u = mass.of(tail.load(q + bytes, rest, lane.zero()), tail.load(W + bytes, rest, lane.zero()));
      tail.store(
        g + bytes,
        lane.fnma(u, scale, softmax.scaled(tail.load(g + bytes, rest, lane.zero()), factor, floor)),
        rest,
      );
    }
    const top = <i32>row.get(TOP) - from;
    if (<u32>top < <u32>n) store<real>(g + top * REAL, <real>row.get(TOP_GRAD));
  }
}

@final
@unmanaged
export class ColumnSoftTarget {
  @inline constants(classes: i32): void {
    mass.constants(classes);
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
      toQ = q - x,
      toGrad = g - x,
      one = index.splat(1);
    let m = v128.load(x),
      where = index.splat(0),
      at = index.splat(0),
      topMass = mass.of(v128.load(q), lane.splat(load<real>(W)));
    let wc = W;
    for (let p = x; p < end; p += step) {
      const v = v128.load(p),
        better = lane.gt(v, m);
      m = lane.select(v, m, better);
      where = lane.select(at, where, better);
      topMass = lane.select(mass.of(v128.load(p + toQ), lane.splat(load<real>(wc))), topMass, better);
      at = index.add(at, one);
      wc += REAL;
    }
    let below = lane.zero(),
      ones = index.splat(0),
      low = lane.zero(),
      high = lane.zero(),
      cross = lane.zero();
    wc = W;
    for (let p = x; p < end; p += step) {
      const a = v128.load(p),
        d = lane.sub(a, m),
        e = math.expNonPositive(d),
        top = lane.eq(a, m),
        u = mass.of(v128.load(p + toQ), lane.splat(load<real>(wc)));
      below = lane.add(below, lane.andnot(e, top));
      ones = index.count(ones, top);
      low = lane.add(low, lane.andnot(u, top));
      high = lane.add(high, lane.and(u, top));
      cross = lane.sub(cross, lane.weighNumber(u, d));
      if (grad) v128.store(p + toGrad, e);
      wc += REAL;
    }
    const s = softmax.others(below, index.real(ones), m),
      total = lane.add(low, high);
    group.result(mass.loss(total, s, cross), lane.zero(), counted);
    if (grad) {
      const factor = lane.div(lane.mul(total, scale), lane.add(lane.one(), s)),
        floor = softmax.floor(factor);
      const atTop = lane.mul(mass.atTop(total, s, lane.add(low, lane.sub(high, topMass)), topMass), scale);
      at = index.splat(0);
      wc = W;
      for (let p = x; p < end; p += step) {
        const u = mass.of(v128.load(p + toQ), lane.splat(load<real>(wc)));
        const v = lane.fnma(u, scale, softmax.scaled(v128.load(p + toGrad), factor, floor));
        v128.store(p + toGrad, lane.select(atTop, v, index.eq(at, where)));
        at = index.add(at, one);
        wc += REAL;
      }
    }
  }
}
