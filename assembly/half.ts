/** float16 and bfloat16 bits to float32, exact on all 65,536 patterns (a NaN stays a NaN). Lanes of u16 in, two vectors of f32 out. */

/** Constants, loaded: built in the loop each takes as long as the rest of the fast body. */
const TABLE = memory.data<u32>(
  [
    0x7fff7fff, 0x7fff7fff, 0x7fff7fff, 0x7fff7fff, 0x04000400, 0x04000400, 0x04000400, 0x04000400,
    0x77ff77ff, 0x77ff77ff, 0x77ff77ff, 0x77ff77ff, 0x8fffe000, 0x8fffe000, 0x8fffe000, 0x8fffe000,
    0x38000000, 0x38000000, 0x38000000, 0x38000000,
  ],
  16,
);
const BLOCK: i32 = 32;

@final
@unmanaged
export class half {
  /** n bfloat16 at src to float32 at dst; up to 31 more are written behind (scratch has the room). */
  static bfloat16(src: usize, dst: usize, n: i32): void {
    for (let i = 0; i < n; i += 8, src += 16, dst += 32) {
      const bits = v128.load(src);
      v128.store(dst, i32x4.shl(i32x4.extend_low_i16x8_u(bits), 16));
      v128.store(dst, i32x4.shl(i32x4.extend_high_i16x8_u(bits), 16), 16);
    }
  }

  /** The same for float16. Blocks of normal numbers, as nearly all are, take 4 operations a vector; others 13. */
  static float16(src: usize, dst: usize, n: i32): void {
    for (let i = 0; i < n; i += BLOCK, src += 2 * BLOCK, dst += 4 * BLOCK) {
      const a = v128.load(src),
        b = v128.load(src, 16),
        c = v128.load(src, 32),
        d = v128.load(src, 48);
      const most = i16x8.max_u(
        i16x8.max_u(half.rank(a), half.rank(b)),
        i16x8.max_u(half.rank(c), half.rank(d)),
      );
      if (i16x8.all_true(i16x8.le_u(most, v128.load(TABLE + 32)))) {
        half.normal(a, dst);
        half.normal(b, dst + 32);
        half.normal(c, dst + 64);
        half.normal(d, dst + 96);
      } else {
        half.any(a, dst);
        half.any(b, dst + 32);
        half.any(c, dst + 64);
        half.any(d, dst + 96);
      }
    }
  }

  /** At most 0x77ff, unsigned, for normal numbers; more for zeros, subnormals, infinities and NaN. */
  @inline static rank(bits: v128): v128 {
    return i16x8.sub(v128.and(bits, v128.load(TABLE)), v128.load(TABLE + 16));
  }

  /** Exponent and fraction move up 13 places, with the sign extended before them to bit 31; the bias becomes 127 from 15. */
  @inline static normal(bits: v128, dst: usize): void {
    v128.store(dst, half.move(i32x4.extend_low_i16x8_s(bits)));
    v128.store(dst, half.move(i32x4.extend_high_i16x8_s(bits)), 16);
  }
  @inline static move(bits: v128): v128 {
    return i32x4.add(v128.and(i32x4.shl(bits, 13), v128.load(TABLE + 48)), v128.load(TABLE + 64));
  }

  static any(bits: v128, dst: usize): void {
    v128.store(dst, half.widen(i32x4.extend_low_i16x8_u(bits)));
    v128.store(dst, half.widen(i32x4.extend_high_i16x8_u(bits)), 16);
  }

  /**
   * As `normal`; an exponent of 31 takes the step of the bias twice and becomes 255.
   * Subnormals: fraction · 2^-24 by an integer conversion; multiplying subnormal bits instead costs 6 x.
   */
  @inline static widen(bits: v128): v128 {
    const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16),
      magnitude = v128.and(bits, i32x4.splat(0x7fff));
    const bias = i32x4.splat(112 << 23),
      moved = i32x4.add(i32x4.shl(magnitude, 13), bias);
    const special = i32x4.gt_s(magnitude, i32x4.splat(0x7bff)),
      tiny = i32x4.lt_s(magnitude, i32x4.splat(0x0400));
    const normal = i32x4.add(moved, v128.and(special, bias));
    const subnormal = f32x4.mul(f32x4.convert_i32x4_s(magnitude), f32x4.splat(5.960464477539063e-8));
    return v128.or(sign, v128.bitselect(subnormal, normal, tiny));
  }
}
