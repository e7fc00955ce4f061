/** log-softmax: (x − m) − log1p(S) over the classes, written where a gradient would go; there is no loss. S and m are those of softmax.ts. */
import { group } from '../columns';
import { lane, LANES, REAL } from '../lane';
import { math } from '../math';
import { row } from '../rows';
import { RowSoftmax } from '../rowSoftmax';
import { softmax } from '../softmax';
import { index, tail } from '../tail';
import { LogSumExp } from './crossEntropy';

const LOG = 20;

@final
@unmanaged
export class RowLogSoftmax {
  @inline family(): RowSoftmax<LogSumExp> {
    return changetype<RowSoftmax<LogSumExp>>(0);
  }
  @inline constants(classes: i32): void {
    this.family().constants(classes);
  }
  @inline begin(): void {
    this.family().begin();
  }
  @inline look(x: usize, q: usize, from: i32, n: i32): void {
    this.family().look(x, q, from, n);
  }
  /** Exponentials are not kept: x, which may be where the result goes, is read again. */
  @inline sum(x: usize, q: usize, g: usize, from: i32, n: i32, keep: bool): void {
    this.family().sum(x, q, g, from, n, false);
  }
  @inline finish(grad: bool): void {
    row.set(LOG, <f64>lane.first(math.log1p(this.family().others())));
    row.setLoss(0, 0);
  }
  @inline write(x: usize, q: usize, g: usize, from: i32, n: i32, fresh: bool): void {
    const m = this.family().maximum(),
      log = lane.of(row.get(LOG)),
      rest = n & (LANES - 1),
      bytes: usize = (n - rest) * REAL;
    for (let i: usize = 0; i < bytes; i += 16)
      v128.store(g + i, lane.sub(lane.sub(v128.load(x + i), m), log));
    if (rest) tail.store(g + bytes, lane.sub(lane.sub(tail.load(x + bytes, rest, m), m), log), rest);
  }
}

@final
@unmanaged
export class ColumnLogSoftmax {
  @inline constants(classes: i32): void {
    changetype<LogSumExp>(0).constants(classes);
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
      toGrad = g - x;
    let m = v128.load(x);
    for (let p = x + step; p < end; p += step) m = lane.pmax(m, v128.load(p));
    let below = lane.zero(),
      maxima = index.splat(0);
    for (let p = x; p < end; p += step) {
      const a = v128.load(p),
        top = lane.eq(a, m);
      below = lane.add(below, lane.andnot(math.expNonPositive(lane.sub(a, m)), top));
      maxima = index.count(maxima, top);
    }
    const log = math.log1p(softmax.others(below, index.real(maxima), m));
    for (let p = x; p < end; p += step) v128.store(p + toGrad, lane.sub(lane.sub(v128.load(p), m), log));
    group.result(lane.zero(), lane.zero(), counted);
  }
}
