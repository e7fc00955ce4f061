/** float16 and bfloat16 bits to float32, exact on all 65,536 patterns (a NaN stays a NaN). Lanes of u16 in, two vectors of f32 out. */

@final
@unmanaged
export class half {
  /** n bfloat16 at src to float32 at dst; up to 7 more are written behind (scratch has the room). */
  static bfloat16(src: usize, dst: usize, n: i32): void {
    for (let i = 0; i < n; i += 8, src += 16, dst += 32) {
      const bits = v128.load(src);
      v128.store(dst, i32x4.shl(i32x4.extend_low_i16x8_u(bits), 16));
      v128.store(dst, i32x4.shl(i32x4.extend_high_i16x8_u(bits), 16), 16);
    }
  }

  static float16(src: usize, dst: usize, n: i32): void {
    for (let i = 0; i < n; i += 8, src += 16, dst += 32) {
      const bits = v128.load(src);
      v128.store(dst, half.widen(i32x4.extend_low_i16x8_u(bits)));
      v128.store(dst, half.widen(i32x4.extend_high_i16x8_u(bits)), 16);
    }
  }

  /**
   * Exponent and fraction move up 13 places and the bias from 15 to 127. An exponent of 31 takes that step twice and becomes 255.
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
