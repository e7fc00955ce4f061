/**
 * Triplet margin loss: max(0, margin + d(a, p) − d(a, n)), d(x, y) = ‖x − y + eps‖_p; with swap d(p, n) where that is less than d(a, n).
 * Table constants: [margin, p, eps, swap]. Distance 0 is of anchor and positive, 1 of anchor and negative, 2 of positive and negative.
 */
import { flag, lane, LANES, No, REAL, VECTOR, Yes } from '../lane';
import { constant } from '../layout';
import { Absolute, DISTANCE, EPS, Euclidean, FACTOR, power, shifted, Stored } from '../norms';
import { row } from '../rows';
import { tail } from '../tail';
import { BLOCK, ROW_A, ROW_B, ROW_C, sums, wide } from '../vectors';

@final
@unmanaged
class triplet {
  /**
   * The sums of the terms of the distances; of the third only with SWAP. Four vectors are added in lanes, the rest in float64: a loss is the
   * difference of two long distances, which float32 sums over a whole block would leave few digits of.
   */
  @inline static terms<NORM, SWAP>(a: usize, p: usize, n: usize, length: i32): void {
    for (let k = 0; k < 3; k++) sums.set(k, 0);
    for (; length > 0; length -= BLOCK, a += BLOCK * REAL, p += BLOCK * REAL, n += BLOCK * REAL)
      triplet.block<NORM, SWAP>(a, p, n, min(length, BLOCK));
  }
  static block<NORM, SWAP>(a: usize, p: usize, n: usize, length: i32): void {
    const norm = changetype<NORM>(0),
      eps = constant.lanes(EPS),
      rest = length & (LANES - 1),
      end = a + (length - rest) * REAL;
    let r = wide.zero(),
      s = wide.zero(),
      t = wide.zero();
    for (; a + 4 * VECTOR <= end; a += 4 * VECTOR, p += 4 * VECTOR, n += 4 * VECTOR) {
      const x0 = v128.load(a),
        y0 = v128.load(p),
        z0 = v128.load(n),
        x1 = v128.load(a, VECTOR),
        y1 = v128.load(p, VECTOR),
        z1 = v128.load(n, VECTOR);
      let r0 = norm.term(shifted.difference(x0, y0, eps)),
        s0 = norm.term(shifted.difference(x0, z0, eps)),
        r1 = norm.term(shifted.difference(x1, y1, eps)),
        s1 = norm.term(shifted.difference(x1, z1, eps));
      const x2 = v128.load(a, 2 * VECTOR),
        y2 = v128.load(p, 2 * VECTOR),
        z2 = v128.load(n, 2 * VECTOR),
        x3 = v128.load(a, 3 * VECTOR),
        y3 = v128.load(p, 3 * VECTOR),
        z3 = v128.load(n, 3 * VECTOR);
      r0 = lane.add(r0, norm.term(shifted.difference(x2, y2, eps)));
      s0 = lane.add(s0, norm.term(shifted.difference(x2, z2, eps)));
      r1 = lane.add(r1, norm.term(shifted.difference(x3, y3, eps)));
      s1 = lane.add(s1, norm.term(shifted.difference(x3, z3, eps)));
      r = wide.add(r, lane.add(r0, r1));
      s = wide.add(s, lane.add(s0, s1));
      if (flag.on<SWAP>()) {
        const t0 = lane.add(
            norm.term(shifted.difference(y0, z0, eps)),
            norm.term(shifted.difference(y2, z2, eps)),
          ),
          t1 = lane.add(
            norm.term(shifted.difference(y1, z1, eps)),
            norm.term(shifted.difference(y3, z3, eps)),
          );
        t = wide.add(t, lane.add(t0, t1));
      }
    }
    for (; a < end; a += VECTOR, p += VECTOR, n += VECTOR) {
      const x = v128.load(a),
        y = v128.load(p),
        z = v128.load(n);
      r = wide.add(r, norm.term(shifted.difference(x, y, eps)));
      s = wide.add(s, norm.term(shifted.difference(x, z, eps)));
      if (flag.on<SWAP>()) t = wide.add(t, norm.term(shifted.difference(y, z, eps)));
    }
    const x = tail.load(a, rest, lane.zero()),
      y = tail.load(p, rest, lane.zero()),
      z = tail.load(n, rest, lane.zero());
    r = wide.add(r, tail.keep(norm.term(shifted.difference(x, y, eps)), rest));
    s = wide.add(s, tail.keep(norm.term(shifted.difference(x, z, eps)), rest));
    if (flag.on<SWAP>()) t = wide.add(t, tail.keep(norm.term(shifted.difference(y, z, eps)), rest));
    sums.set(0, sums.get(0) + wide.total(r));
    sums.set(1, sums.get(1) + wide.total(s));
    sums.set(2, sums.get(2) + wide.total(t));
  }

  /** The loss of the row; its factors become those of the gradient, NaN all of them where the loss is. */
  static settle(scale: f64, swap: bool): f64 {
    const far = row.get(DISTANCE + 1),
      other = row.get(DISTANCE + 2);
    let negative = far,
      share: f64 = 0;
    if (swap && !(other > far)) {
      share = other == far ? 0.5 : 1;
      negative = far == far ? other : far;
    }
    const loss = constant.value(0) + row.get(DISTANCE) - negative;
    if (loss <= 0) return 0;
    const factor = loss == loss ? scale : NaN;
    row.set(FACTOR, row.get(FACTOR) * factor);
    row.set(FACTOR + 1, share == 1 ? 0 : row.get(FACTOR + 1) * factor * (1 - share));
    row.set(FACTOR + 2, share == 0 ? 0 : row.get(FACTOR + 2) * factor * share);
    return loss;
  }

  /** Slope of the difference of x and y: with Stored, the one already made. */
  @inline static slope<NORM>(x: v128, y: v128, eps: v128, made: v128): v128 {
    const norm = changetype<NORM>(0);
    return norm.stored() ? made : norm.slope(shifted.difference(x, y, eps));
  }

  /** From the scaled slopes r, s, t of the three distances: ga = r − s, gp = −r − t, gn = s + t. With Stored, a, p and n are the rows of slopes. */
  static write<NORM, SWAP>(a: usize, p: usize, n: usize, ga: usize, gp: usize, gn: usize, length: i32): void {
    const eps = constant.lanes(EPS),
      kr = lane.of(row.get(FACTOR)),
      ks = lane.of(row.get(FACTOR + 1)),
      kt = lane.of(row.get(FACTOR + 2)),
      rest = length & (LANES - 1),
      end = a + (length - rest) * REAL;
    // Two vectors at a time: six addresses to step cost as much as a vector's arithmetic.
    for (; a + 2 * VECTOR <= end;) {
      const x0 = v128.load(a),
        y0 = v128.load(p),
        z0 = v128.load(n),
        x1 = v128.load(a, VECTOR),
        y1 = v128.load(p, VECTOR),
        z1 = v128.load(n, VECTOR);
      const r0 = lane.mul(kr, triplet.slope<NORM>(x0, y0, eps, x0)),
        s0 = lane.mul(ks, triplet.slope<NORM>(x0, z0, eps, y0)),
        r1 = lane.mul(kr, triplet.slope<NORM>(x1, y1, eps, x1)),
        s1 = lane.mul(ks, triplet.slope<NORM>(x1, z1, eps, y1));
      v128.store(ga, lane.sub(r0, s0));
      v128.store(ga, lane.sub(r1, s1), VECTOR);
      if (flag.on<SWAP>()) {
        const t0 = lane.mul(kt, triplet.slope<NORM>(y0, z0, eps, z0)),
          t1 = lane.mul(kt, triplet.slope<NORM>(y1, z1, eps, z1));
        v128.store(gp, lane.neg(lane.add(r0, t0)));
        v128.store(gp, lane.neg(lane.add(r1, t1)), VECTOR);
        v128.store(gn, lane.add(s0, t0));
        v128.store(gn, lane.add(s1, t1), VECTOR);
      } else {
        v128.store(gp, lane.neg(r0));
        v128.store(gp, lane.neg(r1), VECTOR);
        v128.store(gn, s0);
        v128.store(gn, s1, VECTOR);
      }
      a += 2 * VECTOR;
      p += 2 * VECTOR;
      n += 2 * VECTOR;
      ga += 2 * VECTOR;
      gp += 2 * VECTOR;
      gn += 2 * VECTOR;
    }
    for (; a < end; a += VECTOR, p += VECTOR, n += VECTOR, ga += VECTOR, gp += VECTOR, gn += VECTOR) {
      const x = v128.load(a),
        y = v128.load(p),
        z = v128.load(n),
        r = lane.mul(kr, triplet.slope<NORM>(x, y, eps, x)),
        s = lane.mul(ks, triplet.slope<NORM>(x, z, eps, y));
      v128.store(ga, lane.sub(r, s));
      if (flag.on<SWAP>()) {
        const t = lane.mul(kt, triplet.slope<NORM>(y, z, eps, z));
        v128.store(gp, lane.neg(lane.add(r, t)));
        v128.store(gn, lane.add(s, t));
      } else {
        v128.store(gp, lane.neg(r));
        v128.store(gn, s);
      }
    }
    if (rest) {
      const x = tail.load(a, rest, lane.zero()),
        y = tail.load(p, rest, lane.zero()),
        z = tail.load(n, rest, lane.zero()),
        r = lane.mul(kr, triplet.slope<NORM>(x, y, eps, x)),
        s = lane.mul(ks, triplet.slope<NORM>(x, z, eps, y));
      tail.store(ga, lane.sub(r, s), rest);
      if (flag.on<SWAP>()) {
        const t = lane.mul(kt, triplet.slope<NORM>(y, z, eps, z));
        tail.store(gp, lane.neg(lane.add(r, t)), rest);
        tail.store(gn, lane.add(s, t), rest);
      } else {
        tail.store(gp, lane.neg(r), rest);
        tail.store(gn, s, rest);
      }
    }
  }

  @inline static writeAny<NORM>(
    a: usize,
    p: usize,
    n: usize,
    ga: usize,
    gp: usize,
    gn: usize,
    length: i32,
  ): void {
    if (row.get(FACTOR + 2) == 0) triplet.write<NORM, No>(a, p, n, ga, gp, gn, length);
    else triplet.write<NORM, Yes>(a, p, n, ga, gp, gn, length);
  }

  static clear(ga: usize, gp: usize, gn: usize, length: i32): void {
    const bytes = <usize>length * REAL;
    memory.fill(ga, 0, bytes);
    memory.fill(gp, 0, bytes);
    memory.fill(gn, 0, bytes);
  }

  /** A row by a norm that is summed as it is, where the sums are sound. */
  @inline static plain<NORM>(
    a: usize,
    p: usize,
    n: usize,
    ga: usize,
    gp: usize,
    gn: usize,
    length: i32,
    scale: f64,
    swap: bool,
    grad: bool,
  ): f64 {
    const norm = changetype<NORM>(0);
    if (swap) triplet.terms<NORM, Yes>(a, p, n, length);
    else triplet.terms<NORM, No>(a, p, n, length);
    if (!(norm.sound(sums.get(0)) && norm.sound(sums.get(1)) && (!swap || norm.sound(sums.get(2)))))
      return triplet.powered(a, p, n, ga, gp, gn, length, scale, swap, grad);
    for (let k = 0; k < 3; k++) {
      row.set(DISTANCE + k, norm.distance(sums.get(k)));
      row.set(FACTOR + k, norm.factor(sums.get(k)));
    }
    const loss = triplet.settle(scale, swap);
    if (grad) {
      if (loss == 0) triplet.clear(ga, gp, gn, length);
      else triplet.writeAny<NORM>(a, p, n, ga, gp, gn, length);
    }
    return loss;
  }

  /** A row by any p. */
  static powered(
    a: usize,
    p: usize,
    n: usize,
    ga: usize,
    gp: usize,
    gn: usize,
    length: i32,
    scale: f64,
    swap: bool,
    grad: bool,
  ): f64 {
    const exponent = constant.value(1) - 1;
    power.distance(0, a, p, length, ROW_A, exponent, grad);
    power.distance(1, a, n, length, ROW_B, exponent, grad);
    if (swap) power.distance(2, p, n, length, ROW_C, exponent, grad);
    const loss = triplet.settle(scale, swap);
    if (grad) {
      if (loss == 0) triplet.clear(ga, gp, gn, length);
      else triplet.writeAny<Stored>(ROW_A, ROW_B, ROW_C, ga, gp, gn, length);
    }
    return loss;
  }
}

@final
@unmanaged
export class TripletMargin {
  @inline constants(): void {
    constant.set(EPS, constant.value(2));
  }
  @inline row(
    i: i32,
    a: usize,
    p: usize,
    n: usize,
    ga: usize,
    gp: usize,
    gn: usize,
    length: i32,
    scale: f64,
    grad: bool,
  ): f64 {
    const exponent = constant.value(1),
      swap = constant.value(3) != 0;
    if (exponent == 2) return triplet.plain<Euclidean>(a, p, n, ga, gp, gn, length, scale, swap, grad);
    if (exponent == 1) return triplet.plain<Absolute>(a, p, n, ga, gp, gn, length, scale, swap, grad);
    return triplet.powered(a, p, n, ga, gp, gn, length, scale, swap, grad);
  }
}
