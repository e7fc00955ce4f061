/** Multi-class margin loss, sum form: w_y / C · Σ_{c≠y} max(0, margin − x_y + x_c)^p. Table constants: [p, margin]. */
import { group } from '../columns';
import { lane, LANES, REAL } from '../lane';
import { constant } from '../layout';
import { row } from '../rows';
import { index, tail } from '../tail';

const MARGIN = 0,
  SHARE = 1;
const TARGET_X = 8,
  SUM_LOSS = 9,
  SUM_SLOPE = 10,
  FACTOR = 11;

@final
@unmanaged
class shortfall {
  static constants(classes: i32): void {
    constant.set(MARGIN, constant.value(1));
    constant.set(SHARE, 1 / <f64>classes);
  }
  @inline static square(): bool {
    return constant.value(0) == 2;
  }
  /** max(0, x − x_y + margin), 0 for the target itself; a NaN stays. */
  @inline static of(x: v128, xy: v128, target: v128): v128 {
    return lane.andnot(lane.pmax(lane.add(lane.sub(x, xy), constant.lanes(MARGIN)), lane.zero()), target);
  }
  @inline static loss(z: v128, square: bool): v128 {
    return square ? lane.mul(z, z) : z;
  }
  /** 1 or 2z where z > 0; at the tie 0. */
  @inline static slope(z: v128, square: bool): v128 {
    return square ? lane.add(z, z) : lane.select(lane.one(), z, lane.gt(z, lane.zero()));
  }
  /** The sum, or NaN where the target's own score is. */
  @inline static total(sum: v128, xy: v128): v128 {
    return lane.or(sum, lane.ne(xy, xy));
  }
  /** w/C · scale; NaN, for the whole row, where the loss is. */
  @inline static factor(w: v128, scale: v128, sum: v128): v128 {
    return lane.or(lane.mul(lane.mul(w, constant.lanes(SHARE)), scale), lane.ne(sum, sum));
  }
}

@final
@unmanaged
export class RowMultiMargin {
  @inline constants(classes: i32): void {
    shortfall.constants(classes);
  }
  @inline begin(): void {
    row.set(SUM_LOSS, 0);
    row.set(SUM_SLOPE, 0);
  }
  @inline look(x: usize, q: usize, from: i32, n: i32): void {
    const y = row.target() - from;
    if (<u32>y < <u32>n) row.set(TARGET_X, <f64>load<real>(x + y * REAL));
  }
  @inline sum(x: usize, q: usize, g: usize, from: i32, n: i32, keep: bool): void {
    if (shortfall.square()) this.sweep(x, 0, from, n, true, false);
    else this.sweep(x, 0, from, n, false, false);
  }
  @inline finish(grad: bool): void {
    const sum = shortfall.total(lane.of(row.get(SUM_LOSS)), lane.of(row.get(TARGET_X))),
      w = lane.of(row.weight());
    row.setLoss(<f64>lane.first(lane.weigh(lane.mul(w, constant.lanes(SHARE)), sum)), 0);
    row.set(FACTOR, <f64>lane.first(shortfall.factor(w, lane.of(row.scale()), sum)));
  }
  @inline write(x: usize, q: usize, g: usize, from: i32, n: i32, fresh: bool): void {
    if (shortfall.square()) this.sweep(x, g, from, n, true, true);
    else this.sweep(x, g, from, n, false, true);
    const y = row.target() - from;
    if (<u32>y < <u32>n)
      store<real>(g + y * REAL, <real>(row.get(FACTOR) == 0 ? 0 : -row.get(FACTOR) * row.get(SUM_SLOPE)));
  }
  /** Either sums a stretch or writes its gradient, the shortfalls being cheaper made again than kept. */
  @inline sweep(x: usize, g: usize, from: i32, n: i32, square: bool, write: bool): void {
    const xy = lane.of(row.get(TARGET_X)),
      y = index.splat(row.target()),
      step = index.splat(LANES),
      factor = lane.of(row.get(FACTOR));
    let at = index.add(index.iota(), index.splat(from)),
      loss = row.get(SUM_LOSS),
      slope = row.get(SUM_SLOPE);
    for (let left = n; left > 0; left -= 1024) {
      const size = min(left, 1024),
        rest = size & (LANES - 1),
        bytes: usize = (size - rest) * REAL;
      let sum = lane.zero(),
        slopes = lane.zero();
      for (let i: usize = 0; i < bytes; i += 16) {
        const z = shortfall.of(v128.load(x + i), xy, index.eq(at, y));
        at = index.add(at, step);
        if (write) v128.store(g + i, lane.weighNumber(factor, shortfall.slope(z, square)));
        else {
          sum = lane.add(sum, shortfall.loss(z, square));
          slopes = lane.add(slopes, shortfall.slope(z, square));
        }
      }
      if (rest) {
        const z = tail.keep(shortfall.of(tail.load(x + bytes, rest, lane.zero()), xy, index.eq(at, y)), rest);
        if (write) tail.store(g + bytes, lane.weighNumber(factor, shortfall.slope(z, square)), rest);
        else {
          sum = lane.add(sum, shortfall.loss(z, square));
          slopes = lane.add(slopes, shortfall.slope(z, square));
        }
      }
      if (!write) {
        loss += lane.sum(sum);
        slope += lane.sum(slopes);
      }
      x += size * REAL;
      g += size * REAL;
    }
    if (!write) {
      row.set(SUM_LOSS, loss);
      row.set(SUM_SLOPE, slope);
    }
  }
}

@final
@unmanaged
export class ColumnMultiMargin {
  @inline constants(classes: i32): void {
    shortfall.constants(classes);
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
    if (shortfall.square()) this.sweep(x, g, step, classes, targets, counted, w, scale, grad, true);
    else this.sweep(x, g, step, classes, targets, counted, w, scale, grad, false);
  }
  @inline sweep(
    x: usize,
    g: usize,
    step: usize,
    classes: i32,
    targets: v128,
    counted: v128,
    w: v128,
    scale: v128,
    grad: bool,
    square: bool,
  ): void {
    const end = x + <usize>classes * step,
      xy = group.gather(x, targets, step),
      one = index.splat(1);
    let sum = lane.zero(),
      slopes = lane.zero(),
      at = index.splat(0);
    for (let p = x; p < end; p += step) {
      const z = shortfall.of(v128.load(p), xy, index.eq(at, targets)),
        slope = shortfall.slope(z, square);
      at = index.add(at, one);
      sum = lane.add(sum, shortfall.loss(z, square));
      slopes = lane.add(slopes, slope);
      if (grad) v128.store(p + (g - x), slope);
    }
    sum = shortfall.total(sum, xy);
    group.result(lane.weigh(lane.mul(w, constant.lanes(SHARE)), sum), lane.zero(), counted);
    if (grad) {
      const factor = shortfall.factor(w, scale, sum);
      for (let p = g, last = g + <usize>classes * step; p < last; p += step) {
        v128.store(p, lane.and(lane.weighNumber(factor, v128.load(p)), counted));
      }
      group.scatter(g, targets, step, lane.and(lane.neg(lane.weighNumber(factor, slopes)), counted));
    }
  }
}
