/** Moves matrices of reals between layouts: rows x classes, as arrays have them, and panels of classes x rows, as columns.ts wants them. */
import { LANES, REAL } from './lane';

@final
@unmanaged
export class matrix {
  /**
   * dst[c][r] = src[r][c] for `rows` x `cols`, row strides in reals. Blocks of 4 x 4 (2 x 2) vectors; the last block of each
   * direction is moved back to end at the edge, so it writes some places twice with the same values: src and dst must not overlap.
   */
  static transpose(src: usize, dst: usize, rows: i32, cols: i32, srcStride: i32, dstStride: i32): void {
    const s = <usize>srcStride * REAL,
      d = <usize>dstStride * REAL;
    if (rows < LANES || cols < LANES) {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < cols; c++)
          store<real>(dst + c * d + r * REAL, load<real>(src + r * s + c * REAL));
      }
      return;
    }
    for (let r = 0; r < rows; r += LANES) {
      r = min(r, rows - LANES);
      for (let c = 0; c < cols; c += LANES) {
        c = min(c, cols - LANES);
        matrix.block(src + r * s + c * REAL, dst + c * d + r * REAL, s, d);
      }
    }
  }

  @inline static block(src: usize, dst: usize, s: usize, d: usize): void {
    if (sizeof<real>() == 4) {
      const a = v128.load(src),
        b = v128.load(src + s),
        c = v128.load(src + 2 * s),
        e = v128.load(src + 3 * s);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5),
        ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const ce = v128.shuffle<i32>(c, e, 0, 4, 1, 5),
        ce2 = v128.shuffle<i32>(c, e, 2, 6, 3, 7);
      v128.store(dst, v128.shuffle<i64>(ab, ce, 0, 2));
      v128.store(dst + d, v128.shuffle<i64>(ab, ce, 1, 3));
      v128.store(dst + 2 * d, v128.shuffle<i64>(ab2, ce2, 0, 2));
      v128.store(dst + 3 * d, v128.shuffle<i64>(ab2, ce2, 1, 3));
    } else {
      const a = v128.load(src),
        b = v128.load(src + s);
      v128.store(dst, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(dst + d, v128.shuffle<i64>(a, b, 1, 3));
    }
  }

  /** Copies `rows` rows of `cols` reals from one stride to another; short ones real by real, as a call of memory.copy takes as long as 16 of them. */
  static copy(src: usize, dst: usize, rows: i32, cols: i32, srcStride: i32, dstStride: i32): void {
    const bytes = <usize>cols * REAL;
    for (let r = 0; r < rows; r++, src += srcStride * REAL, dst += dstStride * REAL) {
      if (cols >= 16) memory.copy(dst, src, bytes);
      else for (let i: usize = 0; i < bytes; i += REAL) store<real>(dst + i, load<real>(src + i));
    }
  }
}
