/** The softmax family with lanes as rows: one group of columns.ts. */
import { lane, REAL } from './lane';
import { group } from './columns';
import { softmax } from './softmax';
import { index } from './tail';

@final @unmanaged
export class ColumnSoftmax<LOSS> {
  @inline constants(classes: i32): void { changetype<LOSS>(0).constants(classes); }

  @inline group(
    x: usize, weights: usize, g: usize, step: usize, classes: i32, targets: v128, counted: v128, w: v128, scale: v128, grad: bool,
  ): void {
    if (changetype<LOSS>(0).smooths() && softmax.smooth()) {
      this.sweep(x, weights, g, step, classes, targets, counted, w, scale, grad, true);
    } else {
      this.sweep(x, weights, g, step, classes, targets, counted, w, scale, grad, false);
    }
  }

  @inline sweep(
    x: usize, weights: usize, g: usize, step: usize, classes: i32, targets: v128, counted: v128, w: v128, scale: v128, grad: bool, smooth: bool,
  ): void {
    const end = x + <usize>classes * step, xy = changetype<LOSS>(0).indexed() ? group.gather(x, targets, step) : lane.zero(), toGrad = g - x;
    let m = v128.load(x);
    for (let p = x + step; p < end; p += step) m = lane.pmax(m, v128.load(p));

    let below = lane.zero(), gaps = lane.zero(), ones = index.splat(0), wc = weights;
    for (let p = x; p < end; p += step) {
      const a = v128.load(p), e = softmax.exp(a, m), top = lane.eq(a, m);
      below = lane.add(below, lane.andnot(e, top));
      ones = index.count(ones, top);
      if (smooth) {
        gaps = lane.add(gaps, softmax.gap(a, m, lane.splat(load<real>(wc))));
        wc += REAL;
      }
      if (grad) v128.store(p + toGrad, e);
    }

    const s = softmax.others(below, index.real(ones), m), ey = softmax.exp(xy, m);
    group.result(softmax.loss<LOSS>(s, m, xy, ey, w, gaps), softmax.z(s, m), counted);
    if (grad) {
      const slope = softmax.slope<LOSS>(s, m, xy, ey, w), factor = lane.mul(scale, softmax.inverseT());
      const multiplier = lane.div(lane.mul(slope, factor), lane.add(lane.one(), s)), floor = softmax.floor(multiplier);
      const background = softmax.background(scale);
      wc = weights;
      for (let p = g, last = end + toGrad; p < last; p += step) {
        let v = softmax.scaled(v128.load(p), multiplier, floor);
        if (smooth) {
          v = lane.fnma(background, lane.splat(load<real>(wc)), v);
          wc += REAL;
        }
        v128.store(p, lane.and(v, counted));
      }
      if (changetype<LOSS>(0).indexed()) group.scatter(g, targets, step, lane.and(lane.mul(softmax.atTarget(s, m, ey, w, slope), factor), counted));
    }
  }
}
