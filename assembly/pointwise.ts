/**
 * The pointwise driver: blocks, tails, weights and the gradient flag. It knows no formula. A formula is a class with
 *   constants(scale)         turns the caller's numbers into the vectors it reads
 *   target(t)                the target it works with (label smoothing)
 *   prepare(x, t, vectors)   fills the STAGE blocks that loss and grad read (long formulas run as short loops over L1); most do nothing
 *   long()                   whether the body is too long to gain from unrolling
 *   loss(x, t, p, s)         the loss of a vector of inputs x and targets t, p the posWeight, s the offset into the stages
 *   grad(x, t, p, s, floor)  its derivative by x; what is below floor would be subnormal once scaled
 * `general` and `grad` are literals at each call, so Binaryen folds what they guard.
 */
import { lane, REAL, SMALLEST_NORMAL, VECTOR } from './lane';
import { tail } from './tail';
import { OPERANDS, PAD } from './layout';

/** The block of the order of summation: in lanes within a block, block sums left to right in float64. */
const BLOCK: i32 = 1024;
const BLOCK_BYTES: i32 = BLOCK * REAL;

/**
 * Operands that only some calls have, as (address, mask) pairs at OPERANDS, set by the caller. The mask is ANDed to the offset:
 * -1 for an array, 0 for one vector that serves all (ones, or the place where unwanted losses go).
 */
@final @unmanaged
class Operand {
  @inline static address(i: i32): usize { return load<usize>(OPERANDS + 8 * i); }
  @inline static mask(i: i32): usize { return load<usize>(OPERANDS + 8 * i + 4); }
}
const WEIGHT = 0, POS_WEIGHT = 1, GRAD_OUTPUT = 2, OUT = 3;

/** Where the five operands and two results of a padded tail vector stand. */
const PAD_X: usize = PAD, PAD_T: usize = PAD + 16, PAD_G: usize = PAD + 32, PAD_W: usize = PAD + 48;
const PAD_P: usize = PAD + 64, PAD_U: usize = PAD + 80, PAD_O: usize = PAD + 96;

@final @unmanaged
export class pointwise {
  @inline static step<OP>(
    i: usize, s: usize, x: usize, t: usize, g: usize, scale: v128, floor: v128, grad: bool, general: bool,
    w: usize, wm: usize, p: usize, pm: usize, u: usize, um: usize, o: usize, om: usize,
  ): v128 {
    const op = changetype<OP>(0);
    const a = v128.load(x + i);
    const b = op.target(v128.load(t + i), general);
    const pos = general ? v128.load(p + (i & pm)) : lane.one();
    let loss = op.loss(a, b, pos, s, general);
    if (general) {
      const weight = v128.load(w + (i & wm));
      loss = lane.weigh(weight, loss);
      if (grad) {
        const slope = lane.weigh(weight, op.grad(a, b, pos, s, floor, general));
        v128.store(g + i, lane.mul(lane.mul(slope, v128.load(u + (i & um))), scale));
      }
      v128.store(o + (i & om), loss);
    } else if (grad) {
      v128.store(g + i, lane.mul(op.grad(a, b, pos, s, floor, general), scale));
    }
    return loss;
  }

  /** Σ loss of the `bytes` (at most one block, whole vectors and a tail) at offset `start`. */
  @inline static block<OP>(
    start: usize, bytes: usize, x: usize, t: usize, g: usize, scale: v128, floor: v128, grad: bool, general: bool,
    w: usize, wm: usize, p: usize, pm: usize, u: usize, um: usize, o: usize, om: usize,
  ): f64 {
    const op = changetype<OP>(0);
    const whole = bytes & ~(<usize>VECTOR - 1), end = start + whole;
    op.prepare(x + start, t + start, <i32>(whole >> 4));
    let a0 = lane.zero(), a1 = lane.zero(), a2 = lane.zero(), a3 = lane.zero();
    let i = start;
    const quads = start + (whole & ~63);
    if (general || op.long()) {
      // The same four sums in turn, by renaming instead of unrolling: a long body gains nothing from it, a weighted call needs only the bits.
      for (; i < quads; i += 16) {
        const sum = lane.add(a0, pointwise.step<OP>(i, i - start, x, t, g, scale, floor, grad, general, w, wm, p, pm, u, um, o, om));
        a0 = a1; a1 = a2; a2 = a3; a3 = sum;
      }
    } else {
      for (; i < quads; i += 64) {
        a0 = lane.add(a0, pointwise.step<OP>(i, i - start, x, t, g, scale, floor, grad, general, w, wm, p, pm, u, um, o, om));
        a1 = lane.add(a1, pointwise.step<OP>(i + 16, i - start + 16, x, t, g, scale, floor, grad, general, w, wm, p, pm, u, um, o, om));
        a2 = lane.add(a2, pointwise.step<OP>(i + 32, i - start + 32, x, t, g, scale, floor, grad, general, w, wm, p, pm, u, um, o, om));
        a3 = lane.add(a3, pointwise.step<OP>(i + 48, i - start + 48, x, t, g, scale, floor, grad, general, w, wm, p, pm, u, um, o, om));
      }
    }
    for (; i < end; i += 16) {
      a0 = lane.add(a0, pointwise.step<OP>(i, i - start, x, t, g, scale, floor, grad, general, w, wm, p, pm, u, um, o, om));
    }
    const rest = <i32>(bytes - whole) / REAL;
    if (rest) {
      v128.store(PAD_X, tail.load(x + end, rest, lane.zero()));
      v128.store(PAD_T, tail.load(t + end, rest, lane.zero()));
      if (general) {
        v128.store(PAD_W, tail.load(w + (end & wm), rest, lane.zero()));
        v128.store(PAD_P, tail.load(p + (end & pm), rest, lane.zero()));
        v128.store(PAD_U, tail.load(u + (end & um), rest, lane.zero()));
      }
      op.prepare(PAD_X, PAD_T, 1);
      const loss = pointwise.step<OP>(0, 0, PAD_X, PAD_T, PAD_G, scale, floor, grad, general, PAD_W, 0, PAD_P, 0, PAD_U, 0, PAD_O, 0);
      a0 = lane.add(a0, tail.keep(loss, rest));
      if (grad) tail.store(g + end, v128.load(PAD_G), rest);
      if (general && om) tail.store(o + end, loss, rest);
    }
    return lane.sum(lane.add(lane.add(a0, a1), lane.add(a2, a3)));
  }

  @inline static run<OP>(x: usize, t: usize, g: usize, n: i32, scale: f64, total: f64, grad: bool, general: bool): f64 {
    changetype<OP>(0).constants(scale);
    const factor = lane.of(scale), floor = lane.of(SMALLEST_NORMAL / Math.abs(scale));
    let w: usize = 0, wm: usize = 0, p: usize = 0, pm: usize = 0, u: usize = 0, um: usize = 0, o: usize = 0, om: usize = 0;
    if (general) {
      w = Operand.address(WEIGHT); wm = Operand.mask(WEIGHT);
      p = Operand.address(POS_WEIGHT); pm = Operand.mask(POS_WEIGHT);
      u = Operand.address(GRAD_OUTPUT); um = Operand.mask(GRAD_OUTPUT);
      o = Operand.address(OUT); om = Operand.mask(OUT);
    }
    const bytes = <usize>n * REAL;
    for (let start: usize = 0; start < bytes; start += BLOCK_BYTES) {
      const size = min(<usize>BLOCK_BYTES, bytes - start);
      total += pointwise.block<OP>(start, size, x, t, g, factor, floor, grad, general, w, wm, p, pm, u, um, o, om);
    }
    return total;
  }

  /**
   * total + Σ loss of n elements; writes scale · gradient at g unless g is 0 (g may be x or t). `general` not 0: OPERANDS are read.
   * A stretch of an array must begin at a multiple of 1024 elements of it, so that its blocks are the array's.
   */
  @inline static all<OP>(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
    if (general) {
      return g ? pointwise.run<OP>(x, t, g, n, scale, total, true, true) : pointwise.run<OP>(x, t, g, n, scale, total, false, true);
    }
    return g ? pointwise.run<OP>(x, t, g, n, scale, total, true, false) : pointwise.run<OP>(x, t, g, n, scale, total, false, false);
  }
}
