/** The softmax family with lanes as rows: one group of columns.ts. */
import { group } from './columns';
import { flag, lane, No, REAL, Yes } from './lane';
import { PAD } from './layout';
import { math } from './math';
import { softmax } from './softmax';
import { index } from './tail';

@final @unmanaged
export class ColumnSoftmax<LOSS> {
  @inline constants(classes: i32): void { changetype<LOSS>(0).constants(classes); }

  @inline group(
    x: usize, weights: usize, g: usize, step: usize, classes: i32, targets: v128, counted: v128, w: v128, scale: v128, grad: bool,
  ): void {
    if (changetype<LOSS>(0).smooths() && softmax.smooth()) {
      if (grad) this.run<Yes, Yes>(x, weights, g, step, classes, targets, counted, w, scale);
      else this.run<No, Yes>(x, weights, g, step, classes, targets, counted, w, scale);
    } else if (grad) this.run<Yes, No>(x, weights, g, step, classes, targets, counted, w, scale);
    else this.run<No, No>(x, weights, g, step, classes, targets, counted, w, scale);
  }

  @inline run<GRAD, SMOOTH>(
    x: usize, weights: usize, g: usize, step: usize, classes: i32, targets: v128, counted: v128, w: v128, scale: v128,
  ): void {
    const end = x + <usize>classes * step, xy = changetype<LOSS>(0).indexed() ? group.gather(x, targets, step) : lane.zero();
    let m = v128.load(x), low = m;
    for (let p = x + step; p < end; p += step) {
      const a = v128.load(p);
      m = lane.pmax(m, a);
      low = lane.pmin(low, a);
    }
    if (!flag.on<SMOOTH>() && math.bounded(lane.sub(low, m))) columnSums.all<GRAD, No, Yes>(x, end, step, weights, g - x, m);
    else columnSums.all<GRAD, SMOOTH, No>(x, end, step, weights, g - x, m);
    const s = softmax.others(v128.load(PAD), v128.load(PAD + 16), m);
    softmax.finish<LOSS, GRAD, SMOOTH>(s, m, xy, w, v128.load(PAD + 32), scale);
    group.result(softmax.loss(), softmax.z(), counted);
    if (flag.on<GRAD>()) {
      const factor = softmax.factor(), floor = softmax.floor(factor), background = softmax.background(scale);
      for (let p = g, last = g + (end - x); p < last; p += step) {
        let v = softmax.scaled(v128.load(p), factor, floor);
        if (flag.on<SMOOTH>()) {
          v = lane.fnma(background, lane.splat(load<real>(weights)), v);
          weights += REAL;
        }
        v128.store(p, lane.and(v, counted));
      }
      if (changetype<LOSS>(0).indexed()) group.scatter(g, targets, step, lane.and(softmax.atTarget(), counted));
    }
  }
}

@final @unmanaged
class columnSums {
  /** Leaves the sums below the maximum, the number of maxima and the weighted gaps at PAD. A function of its own for V8's registers: see rowSoftmax.ts. */
  static all<KEEP, SMOOTH, BOUNDED>(x: usize, end: usize, step: usize, weights: usize, toGrad: usize, m: v128): void {
    let below = lane.zero(), gaps = lane.zero(), ones = index.splat(0);
    for (; x < end; x += step) {
      const a = v128.load(x), e = softmax.e<SMOOTH, BOUNDED>(a, m), top = lane.eq(a, m);
      below = lane.add(below, lane.andnot(e, top));
      ones = index.count(ones, top);
      if (flag.on<SMOOTH>()) {
        gaps = lane.add(gaps, softmax.gap(a, m, lane.splat(load<real>(weights))));
        weights += REAL;
      }
      if (flag.on<KEEP>()) v128.store(x + toGrad, e);
    }
    v128.store(PAD, below);
    v128.store(PAD, index.real(ones), 16);
    v128.store(PAD, gaps, 32);
  }
}
