/**
 * The pointwise driver: blocks, tails, weights and the gradient flag. It knows no formula. A formula is a class with
 *   constants(scale)         turns the caller's numbers into the vectors it reads
 *   target(t)                the target it works with (label smoothing)
 *   prepare(x, t, u, vectors) fills the STAGE blocks that loss and grad read (long formulas run as short loops over L1); most do nothing
 *   long()                   whether the body is too long to gain from unrolling
 *   loss(x, t, p, s)         the loss of a vector of inputs x and targets t, p the posWeight, s the offset into the stages
 *   grad(x, t, p, s, floor)  its derivative by x; what is below floor would be subnormal once scaled
 *   ternary()                whether there is a second differentiable input u, which then stands at p
 *   second(x, t, u, s)       the derivative by u
 * `general` and `grad` are literals at each call, so Binaryen folds what they guard.
 */
import { lane, REAL, SMALLEST_NORMAL, VECTOR } from './lane';
import { tail } from './tail';
import { OPERANDS, PAD, TERMS, TERMS_MASK } from './layout';

/** The block of the order of summation: in lanes within a block, block sums left to right in float64. */
const BLOCK: i32 = 1024;
const BLOCK_BYTES: i32 = BLOCK * REAL;

/**
 * Operands that only some calls have, as (address, mask) pairs at OPERANDS, set by the caller. The mask is ANDed to the offset:
 * -1 for an array, 0 for one vector that serves all (ones, or the place where unwanted losses go).
 */
@final
@unmanaged
class operand {
  @inline static address(i: i32): usize {
    return load<usize>(OPERANDS + 8 * i);
  }
  @inline static mask(i: i32): usize {
    return load<usize>(OPERANDS + 8 * i + 4);
  }
  /** The vector for offset `at`. Whole vectors are read: a tile of an operand has room for the last one. */
  @inline static load(i: i32, at: usize): v128 {
    return v128.load(operand.address(i) + (at & operand.mask(i)));
  }
}
const WEIGHT = 0,
  POS_WEIGHT = 1,
  GRAD_OUTPUT = 2,
  OUT = 3;

/** Where a padded tail vector's operands and results stand. */
const PAD_X: usize = PAD,
  PAD_T: usize = PAD + 16,
  PAD_G: usize = PAD + 32,
  PAD_O: usize = PAD + 48,
  PAD_U: usize = PAD + 64,
  PAD_H: usize = PAD + 80;

@final
@unmanaged
export class pointwise {
  @inline static loss<OP>(x: v128, t: v128, p: v128, s: usize): v128 {
    return changetype<OP>(0).loss(x, changetype<OP>(0).target(t, false), p, s, false);
  }
  @inline static slope<OP>(x: v128, t: v128, p: v128, s: usize, floor: v128, scale: v128): v128 {
    return lane.mul(changetype<OP>(0).grad(x, changetype<OP>(0).target(t, false), p, s, floor, false), scale);
  }
  @inline static second<OP>(x: v128, t: v128, u: v128, s: usize, scale: v128): v128 {
    return lane.mul(changetype<OP>(0).second(x, t, u, s), scale);
  }
  /** The second input, where there is one. */
  @inline static other<OP>(u: usize): v128 {
    return changetype<OP>(0).ternary() ? v128.load(u) : lane.one();
  }
  /** One vector: its losses; gradients and, in the general body, losses are stored. */
  @inline static step<OP>(
    x: usize,
    t: usize,
    u: usize,
    g: usize,
    h: usize,
    s: usize,
    scale: v128,
    floor: v128,
    grad: bool,
  ): v128 {
    const a = v128.load(x),
      b = v128.load(t),
      p = pointwise.other<OP>(u),
      loss = pointwise.loss<OP>(a, b, p, s); // before a store, beyond which V8 forgets what it shares with the slope
    if (grad) {
      v128.store(g, pointwise.slope<OP>(a, b, p, s, floor, scale));
      if (changetype<OP>(0).ternary()) v128.store(h, pointwise.second<OP>(a, b, p, s, scale));
    }
    return loss;
  }
  @inline static generalStep<OP>(
    i: usize,
    x: usize,
    t: usize,
    u: usize,
    g: usize,
    h: usize,
    s: usize,
    o: usize,
    scale: v128,
    floor: v128,
    grad: bool,
  ): v128 {
    const op = changetype<OP>(0),
      a = v128.load(x),
      b = op.target(v128.load(t), true),
      p = op.ternary() ? v128.load(u) : operand.load(POS_WEIGHT, i),
      w = operand.load(WEIGHT, i);
    const loss = lane.weigh(w, op.loss(a, b, p, s, true));
    if (grad) {
      const upstream = operand.load(GRAD_OUTPUT, i);
      const slope = lane.mul(lane.weigh(w, op.grad(a, b, p, s, floor, true)), upstream);
      v128.store(g, lane.mul(slope, scale));
      if (op.ternary()) v128.store(h, lane.mul(lane.mul(op.second(a, b, p, s), upstream), scale));
    }
    v128.store(o, loss);
    return loss;
  }

  /** Σ loss of the `bytes` (at most one block, whole vectors and a tail) at `start`. */
  @inline static block<OP>(
    start: usize,
    bytes: usize,
    x: usize,
    t: usize,
    u: usize,
    g: usize,
    h: usize,
    scale: v128,
    floor: v128,
    grad: bool,
    general: bool,
  ): f64 {
    const op = changetype<OP>(0),
      whole = bytes & ~(<usize>VECTOR - 1),
      quads = whole & ~63;
    const o = general ? operand.address(OUT) : 0,
      om = general ? operand.mask(OUT) : 0;
    op.prepare(x, t, u, <i32>(whole >> 4));
    let a0 = lane.zero(),
      a1 = lane.zero(),
      a2 = lane.zero(),
      a3 = lane.zero(),
      i: usize = 0;
    if (general || op.long()) {
      // The same four sums in turn, by renaming instead of unrolling: a long body gains nothing from it, a weighted call needs only the bits.
      for (; i < whole; i += 16) {
        const loss = general
          ? pointwise.generalStep<OP>(
              start + i,
              x + i,
              t + i,
              u + i,
              g + i,
              h + i,
              i,
              o + ((start + i) & om),
              scale,
              floor,
              grad,
            )
          : pointwise.step<OP>(x + i, t + i, u + i, g + i, h + i, i, scale, floor, grad);
        const sum = lane.add(a0, loss);
        if (i < quads) {
          a0 = a1;
          a1 = a2;
          a2 = a3;
          a3 = sum;
        } else a0 = sum;
      }
    } else {
      for (; i < quads; i += 64) {
        // Literal offsets go into the instruction; added ones would be instructions of their own.
        const px = x + i,
          pt = t + i;
        const x0 = v128.load(px),
          x1 = v128.load(px, 16),
          x2 = v128.load(px, 32),
          x3 = v128.load(px, 48);
        const t0 = v128.load(pt),
          t1 = v128.load(pt, 16),
          t2 = v128.load(pt, 32),
          t3 = v128.load(pt, 48);
        const pu = u + i,
          p0 = pointwise.other<OP>(pu),
          p1 = pointwise.other<OP>(pu + 16),
          p2 = pointwise.other<OP>(pu + 32),
          p3 = pointwise.other<OP>(pu + 48);
        if (grad) {
          const pg = g + i,
            ph = h + i;
          v128.store(pg, pointwise.slope<OP>(x0, t0, p0, i, floor, scale));
          v128.store(pg, pointwise.slope<OP>(x1, t1, p1, i + 16, floor, scale), 16);
          v128.store(pg, pointwise.slope<OP>(x2, t2, p2, i + 32, floor, scale), 32);
          v128.store(pg, pointwise.slope<OP>(x3, t3, p3, i + 48, floor, scale), 48);
          if (op.ternary()) {
            v128.store(ph, pointwise.second<OP>(x0, t0, p0, i, scale));
            v128.store(ph, pointwise.second<OP>(x1, t1, p1, i + 16, scale), 16);
            v128.store(ph, pointwise.second<OP>(x2, t2, p2, i + 32, scale), 32);
            v128.store(ph, pointwise.second<OP>(x3, t3, p3, i + 48, scale), 48);
          }
        }
        a0 = lane.add(a0, pointwise.loss<OP>(x0, t0, p0, i));
        a1 = lane.add(a1, pointwise.loss<OP>(x1, t1, p1, i + 16));
        a2 = lane.add(a2, pointwise.loss<OP>(x2, t2, p2, i + 32));
        a3 = lane.add(a3, pointwise.loss<OP>(x3, t3, p3, i + 48));
      }
      for (; i < whole; i += 16)
        a0 = lane.add(a0, pointwise.step<OP>(x + i, t + i, u + i, g + i, h + i, i, scale, floor, grad));
    }
    const rest = <i32>(bytes - whole) / REAL;
    if (rest) {
      v128.store(PAD_X, tail.load(x + whole, rest, lane.zero()));
      v128.store(PAD_T, tail.load(t + whole, rest, lane.zero()));
      if (op.ternary()) v128.store(PAD_U, tail.load(u + whole, rest, lane.zero()));
      op.prepare(PAD_X, PAD_T, PAD_U, 1);
      const loss = general
        ? pointwise.generalStep<OP>(
            start + whole,
            PAD_X,
            PAD_T,
            PAD_U,
            PAD_G,
            PAD_H,
            0,
            PAD_O,
            scale,
            floor,
            grad,
          )
        : pointwise.step<OP>(PAD_X, PAD_T, PAD_U, PAD_G, PAD_H, 0, scale, floor, grad);
      a0 = lane.add(a0, tail.keep(loss, rest));
      if (grad) {
        tail.store(g + whole, v128.load(PAD_G), rest);
        if (op.ternary()) tail.store(h + whole, v128.load(PAD_H), rest);
      }
      if (om) tail.store(o + start + whole, loss, rest);
    }
    return lane.sum(lane.add(lane.add(a0, a1), lane.add(a2, a3)));
  }

  @inline static run<OP>(
    x: usize,
    t: usize,
    u: usize,
    g: usize,
    h: usize,
    n: i32,
    scale: f64,
    total: f64,
    grad: bool,
    general: bool,
  ): f64 {
    changetype<OP>(0).constants(general ? 1 : scale);
    const factor = lane.of(scale);
    // Weights may lift what the scale alone would make subnormal.
    const floor = general ? lane.zero() : lane.of(SMALLEST_NORMAL / Math.abs(scale));
    const bytes = <usize>n * REAL;
    for (let start: usize = 0; start < bytes; start += BLOCK_BYTES) {
      const size = min(<usize>BLOCK_BYTES, bytes - start);
      const sum = pointwise.block<OP>(
        start,
        size,
        x + start,
        t + start,
        u + start,
        g + start,
        h + start,
        factor,
        floor,
        grad,
        general,
      );
      store<f64>(TERMS + 8 * ((<i32>(start / BLOCK_BYTES)) & TERMS_MASK), sum);
      total += sum;
    }
    return total;
  }

  /**
   * total + Σ loss of n elements; writes scale · gradient at g unless g is 0 (g may be x or t). `general` not 0: OPERANDS are read.
   * A stretch of an array must begin at a multiple of 1024 elements of it, so that its blocks are the array's.
   */
  @inline static all<OP>(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
    return pointwise.ternary<OP>(x, t, 0, g, 0, n, general, scale, total);
  }

  /** The same with a second input u, whose gradient goes to h if g is not 0 (g and h may be x, t and u in any order). */
  @inline static ternary<OP>(
    x: usize,
    t: usize,
    u: usize,
    g: usize,
    h: usize,
    n: i32,
    general: i32,
    scale: f64,
    total: f64,
  ): f64 {
    if (general) {
      return g
        ? pointwise.run<OP>(x, t, u, g, h, n, scale, total, true, true)
        : pointwise.run<OP>(x, t, u, g, h, n, scale, total, false, true);
    }
    return g
      ? pointwise.run<OP>(x, t, u, g, h, n, scale, total, true, false)
      : pointwise.run<OP>(x, t, u, g, h, n, scale, total, false, false);
  }
}
