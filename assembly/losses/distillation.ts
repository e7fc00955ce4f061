/**
 * Divergences of the softmax of two rows of logits, student x and teacher q, at a temperature T. With log p_T − log p_S = u:
 *   Forward   Σ p_T·u                          gradient by x  p_S − p_T
 *   Reverse   −Σ p_S·u                         gradient by x  p_S·(r − Σ p_S·r) with r = −u
 *   Jensen    Σ β·p_T·a + (1 − β)·p_S·b        the same with r = (1 − β)·b
 * a = log p_T − log M, b = log p_S − log M, M = β·p_T + (1 − β)·p_S. All times a factor, gradients times 1/T.
 * A confident row keeps its digits: r is taken from its value at the student's maximum, where p is nearly 1 and r − Σ p·r nearly 0, and at a maximum
 * of both p_S − p_T is the difference of what is missing to 1.
 * u is formed from distances to the maxima, so that rows that are equal, or apart by a constant, give exactly 0. Whole rows only, with lanes as classes.
 */
import { lane, LANES, REAL } from '../lane';
import { constant, PAD, TARGETS, W } from '../layout';
import { math } from '../math';
import { given, row } from '../rows';
import { RowSoftmax } from '../rowSoftmax';
import { softmax } from '../softmax';
import { tail } from '../tail';
import { CrossEntropy } from './crossEntropy';

/** Lanes of what both rows come to. The softmax family has those up to 5, and 6 for a number that cross-entropy has not. */
const INVERSE_T = 4,
  BETA = 7,
  REST = 8,
  MAX_S = 9,
  MAX_T = 10,
  OTHERS_S = 11,
  OTHERS_T = 12,
  LOGS = 13,
  MEAN = 14,
  SCALE = 15,
  CENTER = 6;

const BLOCK: i32 = 1024;
/** Slots of the row's sums. */
const SUM = 20,
  SLOPES = 21;

@final
@unmanaged
class own {
  @inline static lanes(i: i32): v128 {
    return constant.lanes(i);
  }
  @inline static studentDepth(x: v128): v128 {
    return lane.mul(lane.sub(x, own.lanes(MAX_S)), own.lanes(INVERSE_T));
  }
  @inline static student(x: v128): v128 {
    return lane.div(math.expNonPositive(own.studentDepth(x)), own.total(OTHERS_S));
  }
  @inline static teacher(q: v128): v128 {
    const d = lane.mul(lane.sub(q, own.lanes(MAX_T)), own.lanes(INVERSE_T));
    return lane.div(math.expNonPositive(d), own.total(OTHERS_T));
  }
  /** 1 + S */
  @inline static total(others: i32): v128 {
    return lane.add(lane.one(), own.lanes(others));
  }
  /** 1 − p at a maximum: S / (1 + S). */
  @inline static missing(others: i32): v128 {
    return lane.div(own.lanes(others), own.total(others));
  }
  /** u */
  @inline static ratio(x: v128, q: v128): v128 {
    const d = lane.sub(lane.sub(q, own.lanes(MAX_T)), lane.sub(x, own.lanes(MAX_S)));
    return lane.fma(d, own.lanes(INVERSE_T), own.lanes(LOGS));
  }
}

/**
 * What each divergence is: its term, r, and whether the gradient is that of r. Terms have in them what adds up to 0 over all classes, p_S − p_T and
 * the like: then none is negative, and of two rows that are close the first order does not have to cancel.
 */
@final
@unmanaged
export class Forward {
  /** p_T·(u + e^−u − 1) */
  @inline term(s: v128, t: v128, u: v128): v128 {
    return divergence.term(s, t, u);
  }
  @inline bends(): bool {
    return false;
  }
  @inline r(u: v128): v128 {
    return u;
  }
}
@final
@unmanaged
export class Reverse {
  @inline term(s: v128, t: v128, u: v128): v128 {
    return divergence.term(t, s, lane.neg(u));
  }
  @inline bends(): bool {
    return true;
  }
  @inline r(u: v128): v128 {
    return lane.neg(u);
  }
}
@final
@unmanaged
export class Jensen {
  @inline term(s: v128, t: v128, u: v128): v128 {
    const beta = own.lanes(BETA),
      rest = own.lanes(REST),
      m = lane.fma(beta, t, lane.mul(rest, s));
    const a = divergence.aboveMixture(rest, beta, lane.neg(u)),
      b = divergence.aboveMixture(beta, rest, u);
    return lane.fma(beta, divergence.term(m, t, a), lane.mul(rest, divergence.term(m, s, b)));
  }
  @inline bends(): bool {
    return true;
  }
  @inline r(u: v128): v128 {
    const rest = own.lanes(REST);
    return lane.mul(rest, divergence.aboveMixture(own.lanes(BETA), rest, u));
  }
}

@final
@unmanaged
class divergence {
  /** p·log(p/q) + q − p with u = log(p/q): p·(u + e^−u − 1) where u is small. */
  @inline static term(q: v128, p: v128, u: v128): v128 {
    const near = lane.le(lane.abs(u), lane.one()),
      close = lane.mul(p, lane.add(u, math.expm1(lane.pmin(lane.neg(u), lane.one()))));
    return lane.select(lane.pmax(close, lane.zero()), lane.add(lane.weighNumber(p, u), lane.sub(q, p)), near);
  }
  /** −log(share·e^u + rest), share + rest = 1: how far a log-probability lies above the mixture's, u the other one's distance above it. */
  @inline static aboveMixture(share: v128, rest: v128, u: v128): v128 {
    const small = lane.le(u, lane.one()),
      e = math.exp(u),
      more = lane.select(math.expm1(lane.pmin(u, lane.one())), lane.sub(e, lane.one()), small),
      y = lane.mul(share, more);
    // Where nearly all is lost, 1 + y would be a difference: rest may be less than a rounding of 1.
    const lost = lane.lt(y, lane.neg(lane.half()));
    return lane.neg(lane.select(math.log(lane.fma(share, e, rest)), math.log1p(y), lost));
  }
}

@final
@unmanaged
export class distillation {
  /** src/kernels/modules: [temperature, factor, beta]. Rows whose target is negative do not count. */
  @inline static rows<OP>(
    x: usize,
    q: usize,
    g: usize,
    count: i32,
    classes: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
  ): void {
    const bytes = <usize>classes * REAL,
      factor = constant.value(1);
    softmax.constants(classes, 0, 0, 0, constant.value(0), 0, 0);
    constant.set(BETA, constant.value(2));
    constant.set(REST, 1 - constant.value(2));
    for (let i = 0; i < count; i++, x += bytes, q += bytes) {
      if (load<i32>(TARGETS + 4 * i) >= 0) {
        row.begin(i, 0, classes, 1, given.scale(flags, i, scale));
        distillation.both(x, q, classes);
        distillation.center<OP>(x, q);
        distillation.sum<OP>(x, q, classes);
        row.setLoss(factor * row.get(SUM), 0);
        if (g) distillation.write<OP>(x, q, g, classes, factor);
        row.end(i);
      } else {
        row.skip(i);
        if (g) memory.fill(g, 0, bytes);
      }
      if (g) g += bytes;
    }
  }

  /** Maximum and sum of both rows, as lanes. */
  static both(x: usize, q: usize, classes: i32): void {
    const teacher = distillation.softmaxOf(q, classes, MAX_T, OTHERS_T);
    const student = distillation.softmaxOf(x, classes, MAX_S, OTHERS_S);
    v128.store(distillation.at(LOGS), lane.sub(student, teacher));
  }
  /** r at the student's maximum. */
  static center<OP>(x: usize, q: usize): void {
    const op = changetype<OP>(0),
      top: usize = changetype<RowSoftmax<CrossEntropy>>(0).top() * REAL;
    if (!op.bends()) return;
    const u = own.ratio(lane.splat(load<real>(x + top)), lane.splat(load<real>(q + top)));
    v128.store(distillation.at(CENTER), op.r(u));
  }
  @inline static r<OP>(u: v128): v128 {
    return lane.sub(changetype<OP>(0).r(u), own.lanes(CENTER));
  }
  @inline static at(slot: i32): usize {
    return constant.address(slot);
  }
  /** log1p(S) of a row whose maximum goes to `max` and S to `others`. */
  static softmaxOf(x: usize, classes: i32, max: i32, others: i32): v128 {
    const family = changetype<RowSoftmax<CrossEntropy>>(0);
    family.begin();
    family.look(x, 0, 0, classes);
    family.sum(x, W, 0, 0, classes, false);
    const s = family.others();
    v128.store(distillation.at(max), family.maximum());
    v128.store(distillation.at(others), s);
    return math.log1p(s);
  }

  static sum<OP>(x: usize, q: usize, n: i32): void {
    row.set(SUM, 0);
    row.set(SLOPES, 0);
    for (let at = 0; at < n; at += BLOCK) {
      const size = min(BLOCK, n - at),
        rest = size & (LANES - 1),
        whole = size - rest,
        px = x + at * REAL,
        pq = q + at * REAL;
      if (whole) distillation.block<OP>(px, pq, whole * REAL);
      if (!rest) continue;
      v128.store(PAD, tail.load(px + whole * REAL, rest, lane.splat(-Infinity)));
      v128.store(PAD + 16, tail.load(pq + whole * REAL, rest, lane.splat(-Infinity)));
      distillation.block<OP>(PAD, PAD + 16, 16);
    }
  }
  static block<OP>(x: usize, q: usize, bytes: usize): void {
    const op = changetype<OP>(0);
    let sum = lane.zero(),
      slopes = lane.zero();
    for (let i: usize = 0; i < bytes; i += 16) {
      const a = v128.load(x + i),
        b = v128.load(q + i),
        s = own.student(a),
        u = own.ratio(a, b);
      sum = lane.add(sum, op.term(s, own.teacher(b), u));
      if (op.bends()) slopes = lane.add(slopes, lane.weighNumber(s, distillation.r<OP>(u)));
    }
    row.set(SUM, row.get(SUM) + lane.sum(sum));
    if (op.bends()) row.set(SLOPES, row.get(SLOPES) + lane.sum(slopes));
  }

  static write<OP>(x: usize, q: usize, g: usize, n: i32, factor: f64): void {
    v128.store(distillation.at(SCALE), lane.mul(lane.of(factor * row.scale()), own.lanes(INVERSE_T)));
    v128.store(distillation.at(MEAN), lane.of(row.get(SLOPES)));
    const rest = n & (LANES - 1),
      bytes: usize = (n - rest) * REAL;
    for (let i: usize = 0; i < bytes; i += 16)
      v128.store(g + i, distillation.slope<OP>(v128.load(x + i), v128.load(q + i)));
    if (!rest) return;
    const a = tail.load(x + bytes, rest, lane.splat(-Infinity)),
      b = tail.load(q + bytes, rest, lane.splat(-Infinity));
    tail.store(g + bytes, distillation.slope<OP>(a, b), rest);
  }
  @inline static slope<OP>(x: v128, q: v128): v128 {
    const op = changetype<OP>(0),
      s = own.student(x);
    if (!op.bends()) {
      const tops = lane.and(lane.eq(x, own.lanes(MAX_S)), lane.eq(q, own.lanes(MAX_T)));
      // 1 − p on either side where both are near 1, else p itself: of two numbers near 1 the difference has few digits.
      const sure = lane.and(
        lane.lt(own.lanes(OTHERS_T), lane.one()),
        lane.lt(own.lanes(OTHERS_S), lane.one()),
      );
      const missing = lane.sub(own.missing(OTHERS_T), own.missing(OTHERS_S));
      return lane.mul(
        own.lanes(SCALE),
        lane.select(missing, lane.sub(s, own.teacher(q)), lane.and(tops, sure)),
      );
    }
    const r = distillation.r<OP>(own.ratio(x, q));
    return lane.mul(own.lanes(SCALE), lane.weighNumber(s, lane.sub(r, own.lanes(MEAN))));
  }
}
