/**
 * Where everything lives in kernel memory, in bytes. src/kernels/wasm/layout.ts is the same table for the marshalling;
 * a test compares the two. Below STATE each module has a kilobyte for its own constants (scripts/embed.mjs), so that all of them may stand in one
 * memory.
 *
 *      98304  STATE    what the phases of one row share (rows.ts), the totals, the formula's constants
 *     102400  STAGE    three blocks of 1024 reals for the stages of one pointwise block
 *     126976  PAD      vectors for tails; from 127488 RESULT, what a row's last step leaves for its driver
 *     131072  TARGETS  8128 class indices (i32), then the rows' weights, scales and losses (reals)
 *     360448  TERMS    what was added to the totals, one after the other: a float64 a block, or two a row
 *     524288  X, Q     five regions of 2 MiB, each followed by a 64 KB guard: the input and a second operand as the arrays have them,
 *             G, D, W  both again in the layout that a kernel wants (or a gradient, a derivative), the class weights
 *   11337728  END      the arena begins here
 */
import { SMALLEST_NORMAL } from './lane';

export const STATE: usize = 98304;
export const TOTALS: usize = STATE;
export const CONSTANTS: usize = STATE + 128;
export const CONSTANT_LANES: usize = STATE + 256;
export const OPERANDS: usize = STATE + 512;
export const ROW_STATE: usize = STATE + 1024;
export const STAGE_A: usize = 102400;
export const STAGE_B: usize = STAGE_A + 8192;
export const STAGE_C: usize = STAGE_B + 8192;
export const PAD: usize = 126976;
/** Four vectors that a row's last step leaves for its driver. */
export const RESULT: usize = PAD + 512;
export const ROWS_MAX: i32 = 8128;
export const TARGETS: usize = 131072;
export const ROW_WEIGHT: usize = TARGETS + 32768;
export const ROW_SCALE: usize = ROW_WEIGHT + 65536;
export const ROW_LOSS: usize = ROW_SCALE + 65536;
/** Room for 8192 pairs. A zero-copy call may have more blocks than that: later ones take the places of earlier ones. */
export const TERMS: usize = ROW_LOSS + 65536;
export const TERMS_MASK: i32 = 8191;

/** The regions. */
export const REGION: usize = 2 * 1024 * 1024;
export const X: usize = TERMS + 163840;
export const Q: usize = X + REGION + 65536;
export const G: usize = Q + REGION + 65536;
export const D: usize = G + REGION + 65536;
export const W: usize = D + REGION + 65536;

/** The formula's own numbers: as the caller set them, and as vectors once `splat` has run (one load in a loop). */
const LARGEST: f64 = sizeof<real>() == 4 ? 3.4028234663852886e38 : 1.7976931348623157e308;

@final
@unmanaged
export class constant {
  @inline static value(i: i32): f64 {
    return load<f64>(CONSTANTS + 8 * i);
  }
  @inline static address(i: i32): usize {
    return CONSTANT_LANES + 16 * i;
  }
  @inline static lanes(i: i32): v128 {
    return v128.load(CONSTANT_LANES + 16 * i);
  }
  /** A number too large or too small for `real` becomes the largest or the smallest it has: an infinity or a 0 would make NaN of 0 · ∞ or 0 / 0. */
  @inline static set(i: i32, value: f64): void {
    const size = Math.abs(value);
    const bounded = size == 0 ? 0 : Math.min(Math.max(size, SMALLEST_NORMAL), LARGEST);
    v128.store(CONSTANT_LANES + 16 * i, v128.splat<real>(<real>(value < 0 ? -bounded : bounded)));
  }
  /** The caller's numbers as they are. */
  static splat(): void {
    for (let i = 0; i < 4; i++) constant.set(i, constant.value(i));
  }
}
