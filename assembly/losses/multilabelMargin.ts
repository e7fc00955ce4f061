/**
 * Multi-label margin loss: 1/C · Σ over labels j and other classes i of max(0, 1 − x_j + x_i). The labels of a row are the leading entries of q
 * up to the first −1. Whole rows only, lanes are classes. At W stand one number a class (how often it is in the wrong, as the gradient needs it)
 * and one mask a class (all bits: it is a label); rows.ts has no more room than that for them: classes <= LABEL_CLASSES.
 */
import { lane, LANES, REAL } from '../lane';
import { REGION, W } from '../layout';
import { row } from '../rows';
import { tail } from '../tail';

const COUNTS: usize = W;
const MASKS: usize = W + REGION / 2;

const SUM = 8,
  CLASSES = 9,
  FACTOR = 10;

@final
@unmanaged
export class RowMultilabelMargin {
  @inline constants(classes: i32): void {
    row.set(CLASSES, <f64>classes);
  }
  @inline begin(): void {
    row.set(SUM, 0);
  }
  /** Marks the labels. What is no class was refused before; it is skipped all the same, as it would index memory. */
  @inline look(x: usize, q: usize, from: i32, n: i32): void {
    memory.fill(COUNTS, 0, <usize>n * REAL);
    memory.fill(MASKS, 0, <usize>n * REAL);
    for (let k = 0; k < n; k++) {
      const label = <i32>load<real>(q + k * REAL);
      if (label < 0) break;
      if (label < n) memory.fill(MASKS + label * REAL, 255, REAL);
    }
  }
  @inline sum(x: usize, q: usize, g: usize, from: i32, n: i32, keep: bool): void {
    for (let k = 0; k < n; k++) {
      const label = <i32>load<real>(q + k * REAL);
      if (label < 0) break;
      if (label >= n) continue;
      const edge = lane.sub(lane.one(), lane.splat(load<real>(x + label * REAL)));
      let wrong: f64 = 0;
      for (let at = 0; at < n; at += 1024) {
        const size = min(1024, n - at),
          offset = <usize>at * REAL;
        if (keep) wrong += RowMultilabelMargin.block(x, offset, size, edge, true);
        else RowMultilabelMargin.block(x, offset, size, edge, false);
      }
      if (keep) {
        const own = COUNTS + label * REAL;
        store<real>(own, <real>(<f64>load<real>(own) - wrong));
      }
    }
  }
  /** Adds the shortfalls of one label against a block of classes to SUM, and gives how many are positive. */
  @inline static block(x: usize, offset: usize, n: i32, edge: v128, count: bool): f64 {
    const rest = n & (LANES - 1),
      end = offset + <usize>(n - rest) * REAL;
    let sum = lane.zero(),
      positive = lane.zero();
    for (let i = offset; i < end; i += 16) {
      const z = lane.andnot(lane.pmax(lane.add(v128.load(x + i), edge), lane.zero()), v128.load(MASKS + i));
      sum = lane.add(sum, z);
      if (count) {
        const one = lane.and(lane.one(), lane.gt(z, lane.zero()));
        positive = lane.add(positive, one);
        v128.store(COUNTS + i, lane.add(v128.load(COUNTS + i), one));
      }
    }
    if (rest) {
      const a = lane.add(tail.load(x + end, rest, lane.zero()), edge),
        z = tail.keep(lane.andnot(lane.pmax(a, lane.zero()), v128.load(MASKS + end)), rest);
      sum = lane.add(sum, z);
      if (count) {
        const one = lane.and(lane.one(), lane.gt(z, lane.zero()));
        positive = lane.add(positive, one);
        v128.store(COUNTS + end, lane.add(v128.load(COUNTS + end), one));
      }
    }
    row.set(SUM, row.get(SUM) + lane.sum(sum));
    return count ? lane.sum(positive) : 0;
  }
  @inline finish(grad: bool): void {
    const sum = row.get(SUM);
    row.setLoss(<f64>(<real>(sum / row.get(CLASSES))), 0);
    // NaN, for the whole row, where the loss is.
    row.set(FACTOR, sum == sum ? row.scale() / row.get(CLASSES) : NaN);
  }
  @inline write(x: usize, q: usize, g: usize, from: i32, n: i32, fresh: bool): void {
    const factor = lane.of(row.get(FACTOR)),
      rest = n & (LANES - 1),
      bytes: usize = (n - rest) * REAL;
    for (let i: usize = 0; i < bytes; i += 16) v128.store(g + i, lane.mul(v128.load(COUNTS + i), factor));
    if (rest) tail.store(g + bytes, lane.mul(v128.load(COUNTS + bytes), factor), rest);
  }
}
