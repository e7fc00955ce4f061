/**
 * Tversky loss of probabilities x against a mask t: with TP = Σxt, FP = Σx(1 − t), FN = Σ(1 − x)t and wrong = α·FP + β·FN,
 * 1 − (TP + s)/D = wrong/D, D = TP + s + wrong. Table constants: [alpha, beta, smooth].
 * By x: ((α(1 − t) − βt)·(TP + s) − t·wrong)/D², which is (1 − t)·miss − t·hit with two numbers a row.
 */
import { group } from '../columns';
import { lane, LANES, REAL } from '../lane';
import { constant } from '../layout';
import { row } from '../rows';
import { tail } from '../tail';

const ALPHA = 0,
  BETA = 1,
  SMOOTH = 2;
const TP = 8,
  FP = 9,
  FN = 10,
  MISS = 11,
  HIT = 12;

@final
@unmanaged
class overlap {
  /** α·FP + β·FN */
  @inline static wrong(fp: v128, fn: v128): v128 {
    return lane.fma(constant.lanes(ALPHA), fp, lane.mul(constant.lanes(BETA), fn));
  }
  @inline static right(tp: v128): v128 {
    return lane.add(tp, constant.lanes(SMOOTH));
  }
  @inline static loss(right: v128, wrong: v128): v128 {
    return lane.div(wrong, lane.add(right, wrong));
  }
  /** α·right·scale/D² */
  @inline static miss(right: v128, wrong: v128, scale: v128): v128 {
    const d = lane.add(right, wrong);
    return lane.mul(constant.lanes(ALPHA), lane.div(lane.div(lane.mul(right, scale), d), d));
  }
  /** (β·right + wrong)·scale/D² */
  @inline static hit(right: v128, wrong: v128, scale: v128): v128 {
    const d = lane.add(right, wrong);
    return lane.div(lane.div(lane.mul(lane.fma(constant.lanes(BETA), right, wrong), scale), d), d);
  }
  @inline static slope(t: v128, miss: v128, hit: v128): v128 {
    return lane.fnma(t, hit, lane.mul(lane.sub(lane.one(), t), miss));
  }
}

@final
@unmanaged
export class RowTversky {
  @inline constants(classes: i32): void {
    constant.splat();
  }
  @inline begin(): void {
    for (let slot = TP; slot <= FN; slot++) row.set(slot, 0);
  }
  @inline look(x: usize, q: usize, from: i32, n: i32): void {}
  @inline sum(x: usize, q: usize, g: usize, from: i32, n: i32, keep: bool): void {
    for (let left = n; left > 0; left -= 1024) {
      const size = min(left, 1024);
      RowTversky.block(x, q, size);
      x += size * REAL;
      q += size * REAL;
    }
  }
  /** Adds a block of the order of summation; the padding of its tail is 0 of 0 and adds nothing. */
  static block(x: usize, q: usize, n: i32): void {
    const rest = n & (LANES - 1),
      bytes: usize = (n - rest) * REAL,
      one = lane.one();
    let tp = lane.zero(),
      fp = lane.zero(),
      fn = lane.zero();
    for (let i: usize = 0; i < bytes; i += 16) {
      const a = v128.load(x + i),
        t = v128.load(q + i);
      tp = lane.fma(a, t, tp);
      fp = lane.fma(a, lane.sub(one, t), fp);
      fn = lane.fma(lane.sub(one, a), t, fn);
    }
    if (rest) {
      const a = tail.load(x + bytes, rest, lane.zero()),
        t = tail.load(q + bytes, rest, lane.zero());
      tp = lane.fma(a, t, tp);
      fp = lane.fma(a, lane.sub(one, t), fp);
      fn = lane.fma(lane.sub(one, a), t, fn);
    }
    row.set(TP, row.get(TP) + lane.sum(tp));
    row.set(FP, row.get(FP) + lane.sum(fp));
    row.set(FN, row.get(FN) + lane.sum(fn));
  }
  @inline finish(grad: bool): void {
    const right = overlap.right(lane.of(row.get(TP))),
      wrong = overlap.wrong(lane.of(row.get(FP)), lane.of(row.get(FN))),
      scale = lane.of(row.scale());
    row.setLoss(<f64>lane.first(overlap.loss(right, wrong)), 0);
    if (grad) {
      row.set(MISS, <f64>lane.first(overlap.miss(right, wrong, scale)));
      row.set(HIT, <f64>lane.first(overlap.hit(right, wrong, scale)));
    }
  }
  @inline write(x: usize, q: usize, g: usize, from: i32, n: i32, fresh: bool): void {
    const miss = lane.of(row.get(MISS)),
      hit = lane.of(row.get(HIT)),
      rest = n & (LANES - 1),
      bytes: usize = (n - rest) * REAL;
    let i: usize = 0;
    for (const fours = bytes & ~63; i < fours; i += 64) {
      const t0 = v128.load(q + i),
        t1 = v128.load(q + i, 16),
        t2 = v128.load(q + i, 32),
        t3 = v128.load(q + i, 48);
      v128.store(g + i, overlap.slope(t0, miss, hit));
      v128.store(g + i, overlap.slope(t1, miss, hit), 16);
      v128.store(g + i, overlap.slope(t2, miss, hit), 32);
      v128.store(g + i, overlap.slope(t3, miss, hit), 48);
    }
    for (; i < bytes; i += 16) v128.store(g + i, overlap.slope(v128.load(q + i), miss, hit));
    if (rest) tail.store(g + bytes, overlap.slope(tail.load(q + bytes, rest, lane.zero()), miss, hit), rest);
  }
}

@final
@unmanaged
export class ColumnTversky {
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
      toQ = q - x,
      toGrad = g - x,
      one = lane.one();
    let tp = lane.zero(),
      fp = lane.zero(),
      fn = lane.zero();
    for (let p = x; p < end; p += step) {
      const a = v128.load(p),
        t = v128.load(p + toQ);
      tp = lane.fma(a, t, tp);
      fp = lane.fma(a, lane.sub(one, t), fp);
      fn = lane.fma(lane.sub(one, a), t, fn);
    }
    const right = overlap.right(tp),
      wrong = overlap.wrong(fp, fn);
    group.result(overlap.loss(right, wrong), lane.zero(), counted);
    if (grad) {
      const miss = overlap.miss(right, wrong, scale),
        hit = overlap.hit(right, wrong, scale);
      for (let p = x; p < end; p += step)
        v128.store(p + toGrad, overlap.slope(v128.load(p + toQ), miss, hit));
    }
  }
}
