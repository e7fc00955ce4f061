/**
 * The driver of losses of a row of two or three vectors: one row after the other, lanes are components. It knows no formula.
 * A loss is a class with
 *   constants()     turns the caller's numbers into the vectors it reads
 *   row(i, x, y, z, gx, gy, gz, n, scale, grad)
 *                   the loss of row i of n components; with `grad` its gradients times scale go to gx, gy and gz, each its own place or any
 *                   of the row's inputs. Regions D and W are scratch.
 * `grad` is a literal at each call, so Binaryen folds what it guards.
 */
import { lane, LANES, REAL, VECTOR } from './lane';
import { D, REGION, RESULT, ROW_LOSS, ROW_WEIGHT, TERMS, W } from './layout';
import { given } from './rows';
import { sweep } from './sweep';
import { tail } from './tail';

/** The block of the order of summation: in lanes within a block counted from the row's start, block sums left to right in float64. */
export const BLOCK: i32 = 1024;

/** Three places for a row: the marshalling brings none longer than half a region. */
export const ROW_A: usize = D;
export const ROW_B: usize = D + REGION / 2;
export const ROW_C: usize = W;

/** Sums that a loop leaves for its row. */
@final
@unmanaged
export class sums {
  @inline static get(i: i32): f64 {
    return load<f64>(RESULT + 8 * i);
  }
  @inline static set(i: i32, value: f64): void {
    store<f64>(RESULT + 8 * i, value);
  }
  /** Adds a block's lanes. */
  @inline static add(i: i32, lanes: v128): void {
    sums.set(i, sums.get(i) + lane.sum(lanes));
  }
}

/** Sums of lanes in float64, two side by side. */
@final
@unmanaged
export class wide {
  @inline static zero(): v128 {
    return f64x2.splat(0);
  }
  @inline static add(sum: v128, lanes: v128): v128 {
    if (sizeof<real>() == 8) return f64x2.add(sum, lanes);
    const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(lanes, lanes, 1, 1));
    return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(lanes), high));
  }
  @inline static total(sum: v128): f64 {
    return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  }
}

@final
@unmanaged
export class vectors {
  /** The label of row i of the tile. */
  @inline static label(i: i32): f64 {
    return <f64>load<real>(ROW_WEIGHT + i * REAL);
  }

  /** total + Σ loss of `count` rows of n components; writes the gradients unless gx is 0. Leaves the losses in the list of losses. */
  @inline static all<OP>(
    x: usize,
    y: usize,
    z: usize,
    gx: usize,
    gy: usize,
    gz: usize,
    count: i32,
    n: i32,
    flags: i32,
    scale: f64,
    total: f64,
  ): f64 {
    changetype<OP>(0).constants();
    return gx
      ? vectors.run<OP>(x, y, z, gx, gy, gz, count, n, flags, scale, total, true)
      : vectors.run<OP>(x, y, z, 0, 0, 0, count, n, flags, scale, total, false);
  }

  @inline static run<OP>(
    x: usize,
    y: usize,
    z: usize,
    gx: usize,
    gy: usize,
    gz: usize,
    count: i32,
    n: i32,
    flags: i32,
    scale: f64,
    total: f64,
    grad: bool,
  ): f64 {
    for (let i = 0; i < count; i++) {
      const at = <usize>i * n * REAL,
        factor = grad ? given.scale(flags, i, scale) : 0;
      const loss = changetype<OP>(0).row(
        i,
        x + at,
        y + at,
        z + at,
        gx + at,
        gy + at,
        gz + at,
        n,
        factor,
        grad,
      );
      store<real>(ROW_LOSS + i * REAL, <real>loss);
      store<f64>(TERMS + 8 * i, loss);
      total += loss;
    }
    return total;
  }

  /** dst = src · by; dst may be src. */
  static multiply(src: usize, dst: usize, n: i32, by: f64): void {
    const factor = lane.of(by),
      rest = n & (LANES - 1),
      end = src + (n - rest) * REAL;
    for (; src < end; src += VECTOR, dst += VECTOR) v128.store(dst, lane.mul(v128.load(src), factor));
    tail.store(dst, lane.mul(tail.load(src, rest, lane.zero()), factor), rest);
  }

  /** The largest |x|; NaN are passed over. */
  static largest(x: usize, n: i32): f64 {
    const low = sweep.extremes(x, n, lane.zero());
    return Math.max(load<f64>(RESULT), lane.largest(lane.neg(low)));
  }
}
