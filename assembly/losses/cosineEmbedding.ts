/**
 * Cosine embedding loss: 1 − cos where the label is 1, max(0, cos − margin) where it is −1, with
 *   cos = x·y / √(A·B),  A = x·x + e,  B = y·y + e.  Table constants: [margin].
 * Where |cos| > ½, 1 − |cos| = ½ (Σ (±y_i/√B − x_i/√A)² + e/A + e/B): the difference of two numbers near 1 would keep no digit of it.
 */
import { lane, LANES, REAL, VECTOR } from '../lane';
import { constant } from '../layout';
import { tail } from '../tail';
import { BLOCK, ROW_A, ROW_B, sums, vectors } from '../vectors';

/** 1e-12 as float32, whatever `real` is: PyTorch's. */
const E: f64 = 9.999999960041972e-13;

/** Between these squared lengths need no scaling: no product of two components that matters is subnormal or infinite, nor any factor of a gradient. */
const LONG: f64 = sizeof<real>() == 4 ? 1.8446744073709552e19 : 3.273390607896142e150;
const SHORT: f64 = sizeof<real>() == 4 ? 7.52316384526264e-37 : 1.1830521861667747e-271;
/** Exponents of the scales, which are powers of two. From 2^60 up A would be all e, and so would an unscaled row's. */
const LEAST: i32 = sizeof<real>() == 4 ? -126 : -1022;
const MOST: i32 = 60;

const XX = 0,
  YY = 1,
  XY = 2,
  GAP = 3;

@final
@unmanaged
class cosine {
  /** y·r − x */
  @inline static gap(x: v128, y: v128, r: v128): v128 {
    return lane.sub(lane.mul(y, r), x);
  }
  /** a·p − b·q */
  @inline static blend(a: v128, p: v128, b: v128, q: v128): v128 {
    return lane.fnma(b, q, lane.mul(a, p));
  }

  /** x·x, y·y and x·y. */
  static products(x: usize, y: usize, n: i32): void {
    sums.set(XX, 0);
    sums.set(YY, 0);
    sums.set(XY, 0);
    for (; n > 0; n -= BLOCK) {
      const size = min(n, BLOCK),
        rest = size & (LANES - 1),
        end = x + (size - rest) * REAL;
      let a0 = lane.zero(),
        a1 = lane.zero(),
        b0 = lane.zero(),
        b1 = lane.zero(),
        c0 = lane.zero(),
        c1 = lane.zero();
      for (; x + 64 <= end; x += 64, y += 64) {
        const x0 = v128.load(x),
          y0 = v128.load(y),
          x1 = v128.load(x, 16),
          y1 = v128.load(y, 16);
        a0 = lane.fma(x0, x0, a0);
        b0 = lane.fma(y0, y0, b0);
        c0 = lane.fma(x0, y0, c0);
        a1 = lane.fma(x1, x1, a1);
        b1 = lane.fma(y1, y1, b1);
        c1 = lane.fma(x1, y1, c1);
        const x2 = v128.load(x, 32),
          y2 = v128.load(y, 32),
          x3 = v128.load(x, 48),
          y3 = v128.load(y, 48);
        a0 = lane.fma(x2, x2, a0);
        b0 = lane.fma(y2, y2, b0);
        c0 = lane.fma(x2, y2, c0);
        a1 = lane.fma(x3, x3, a1);
        b1 = lane.fma(y3, y3, b1);
        c1 = lane.fma(x3, y3, c1);
      }
      for (; x < end; x += VECTOR, y += VECTOR) {
        const u = v128.load(x),
          v = v128.load(y);
        a0 = lane.fma(u, u, a0);
        b0 = lane.fma(v, v, b0);
        c0 = lane.fma(u, v, c0);
      }
      const u = tail.load(x, rest, lane.zero()),
        v = tail.load(y, rest, lane.zero());
      sums.add(XX, lane.add(lane.fma(u, u, a0), a1));
      sums.add(YY, lane.add(lane.fma(v, v, b0), b1));
      sums.add(XY, lane.add(lane.fma(u, v, c0), c1));
    }
  }

  /** Σ (y_i·r − x_i)² */
  static gaps(x: usize, y: usize, n: i32, r: f64): f64 {
    const ratio = lane.of(r);
    sums.set(GAP, 0);
    for (; n > 0; n -= BLOCK) {
      const size = min(n, BLOCK),
        rest = size & (LANES - 1),
        end = x + (size - rest) * REAL;
      let a0 = lane.zero(),
        a1 = lane.zero();
      for (; x + 32 <= end; x += 32, y += 32) {
        const d0 = cosine.gap(v128.load(x), v128.load(y), ratio),
          d1 = cosine.gap(v128.load(x, 16), v128.load(y, 16), ratio);
        a0 = lane.fma(d0, d0, a0);
        a1 = lane.fma(d1, d1, a1);
      }
      for (; x < end; x += VECTOR, y += VECTOR) {
        const d = cosine.gap(v128.load(x), v128.load(y), ratio);
        a0 = lane.fma(d, d, a0);
      }
      const d = cosine.gap(tail.load(x, rest, lane.zero()), tail.load(y, rest, lane.zero()), ratio);
      sums.add(GAP, lane.add(lane.fma(d, d, a0), a1));
    }
    return sums.get(GAP);
  }

  /** gx = c·y − a·x, gy = c·x − b·y */
  static write(x: usize, y: usize, gx: usize, gy: usize, n: i32, a: f64, b: f64, c: f64): void {
    const ka = lane.of(a),
      kb = lane.of(b),
      kc = lane.of(c),
      rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    for (; x + 32 <= end; x += 32, y += 32, gx += 32, gy += 32) {
      const x0 = v128.load(x),
        y0 = v128.load(y),
        x1 = v128.load(x, 16),
        y1 = v128.load(y, 16);
      v128.store(gx, cosine.blend(kc, y0, ka, x0));
      v128.store(gy, cosine.blend(kc, x0, kb, y0));
      v128.store(gx, cosine.blend(kc, y1, ka, x1), 16);
      v128.store(gy, cosine.blend(kc, x1, kb, y1), 16);
    }
    for (; x < end; x += VECTOR, y += VECTOR, gx += VECTOR, gy += VECTOR) {
      const u = v128.load(x),
        v = v128.load(y);
      v128.store(gx, cosine.blend(kc, v, ka, u));
      v128.store(gy, cosine.blend(kc, u, kb, v));
    }
    const u = tail.load(x, rest, lane.zero()),
      v = tail.load(y, rest, lane.zero());
    tail.store(gx, cosine.blend(kc, v, ka, u), rest);
    tail.store(gy, cosine.blend(kc, u, kb, v), rest);
  }

  /** d = y·r − x; gx = a·(d + apart·x), gy = b·y − c·d */
  static writeNear(
    x: usize,
    y: usize,
    gx: usize,
    gy: usize,
    n: i32,
    r: f64,
    apart: f64,
    a: f64,
    b: f64,
    c: f64,
  ): void {
    const ratio = lane.of(r),
      ka = lane.of(a),
      rise = lane.of(a * apart),
      kb = lane.of(b),
      kc = lane.of(c),
      rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    for (; x < end; x += VECTOR, y += VECTOR, gx += VECTOR, gy += VECTOR) {
      const u = v128.load(x),
        v = v128.load(y),
        d = cosine.gap(u, v, ratio);
      v128.store(gx, lane.fma(rise, u, lane.mul(ka, d)));
      v128.store(gy, cosine.blend(kb, v, kc, d));
    }
    const u = tail.load(x, rest, lane.zero()),
      v = tail.load(y, rest, lane.zero()),
      d = cosine.gap(u, v, ratio);
    tail.store(gx, lane.fma(rise, u, lane.mul(ka, d)), rest);
    tail.store(gy, cosine.blend(kb, v, kc, d), rest);
  }

  /** The loss and gradients of a row whose products have been summed; ex and ey are e on the scales of x and y. */
  static finish(
    x: usize,
    y: usize,
    gx: usize,
    gy: usize,
    n: i32,
    label: f64,
    scale: f64,
    ex: f64,
    ey: f64,
    grad: bool,
  ): f64 {
    const a = sums.get(XX) + ex,
      b = sums.get(YY) + ey,
      root = Math.sqrt(a * b);
    let cos = sums.get(XY) / root;
    const near = Math.abs(cos) > 0.5,
      side: f64 = cos < 0 ? -1 : 1,
      ratio = side * Math.sqrt(a / b);
    let apart: f64 = 0;
    if (near) {
      apart = 0.5 * (cosine.gaps(x, y, n, ratio) / a + (ex / a + ey / b));
      cos = side * (1 - apart);
    }
    const positive = label > 0,
      over = cos - constant.value(0);
    if (grad) {
      const t = positive ? -scale : scale;
      if (!positive && over <= 0) {
        memory.fill(gx, 0, n * REAL);
        memory.fill(gy, 0, n * REAL);
      } else if (near) {
        cosine.writeNear(x, y, gx, gy, n, ratio, apart, (t * side) / a, (t * side * apart) / b, t / root);
      } else cosine.write(x, y, gx, gy, n, (t * cos) / a, (t * cos) / b, t / root);
    }
    if (positive) return near && side > 0 ? apart : 1 - cos;
    return over <= 0 ? 0 : over;
  }

  /** The power of two that takes the largest component to [1, 2), within bounds. */
  @inline static scaleOf(x: usize, n: i32): f64 {
    const exponent = <i32>((reinterpret<u64>(vectors.largest(x, n)) >> 52) & 2047) - 1023;
    return reinterpret<f64>((<u64>(1023 + max(LEAST, min(MOST, -exponent)))) << 52);
  }

  /** A row whose squares are too large or too small for `real`: the same on scaled copies. */
  static scaled(x: usize, y: usize, gx: usize, gy: usize, n: i32, label: f64, scale: f64, grad: bool): f64 {
    const sx = cosine.scaleOf(x, n),
      sy = cosine.scaleOf(y, n);
    vectors.multiply(x, ROW_A, n, sx);
    vectors.multiply(y, ROW_B, n, sy);
    cosine.products(ROW_A, ROW_B, n);
    const loss = cosine.finish(ROW_A, ROW_B, gx, gy, n, label, scale, E * sx * sx, E * sy * sy, grad);
    if (grad) {
      vectors.multiply(gx, gx, n, sx);
      vectors.multiply(gy, gy, n, sy);
    }
    return loss;
  }
}

@final
@unmanaged
export class CosineEmbedding {
  @inline constants(): void {}
  @inline row(
    i: i32,
    x: usize,
    y: usize,
    z: usize,
    gx: usize,
    gy: usize,
    gz: usize,
    n: i32,
    scale: f64,
    grad: bool,
  ): f64 {
    cosine.products(x, y, n);
    const xx = sums.get(XX),
      yy = sums.get(YY);
    return xx < LONG && yy < LONG && xx * yy > SHORT
      ? cosine.finish(x, y, gx, gy, n, vectors.label(i), scale, E, E, grad)
      : cosine.scaled(x, y, gx, gy, n, vectors.label(i), scale, grad);
  }
}
