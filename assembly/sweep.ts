/** Loops over a stretch of a row that several families share: whole vectors, then a padded tail. */
import { lane, LANES, REAL } from './lane';
import { softmax } from './softmax';
import { tail } from './tail';

@final @unmanaged
export class sweep {
  /** The largest of n; NaN are passed over. */
  static max(x: usize, n: i32): f64 {
    const least = lane.splat(-Infinity), end = x + (n & ~(LANES - 1)) * REAL;
    let a = least, b = tail.load(end, n & (LANES - 1), least), c = least, d = least;
    for (; x + 64 <= end; x += 64) {
      a = lane.pmax(a, v128.load(x));
      b = lane.pmax(b, v128.load(x, 16));
      c = lane.pmax(c, v128.load(x, 32));
      d = lane.pmax(d, v128.load(x, 48));
    }
    for (; x < end; x += 16) a = lane.pmax(a, v128.load(x));
    return lane.largest(lane.pmax(lane.pmax(a, b), lane.pmax(c, d)));
  }

  /** Where `value` first stands among n; 0 where it does not. */
  static find(x: usize, n: i32, value: f64): i32 {
    const wanted = lane.of(value);
    for (let i = 0; i + LANES <= n; i += LANES) {
      const found = lane.eq(v128.load(x + i * REAL), wanted);
      if (v128.any_true(found)) return i + lane.firstSet(found);
    }
    for (let i = n & ~(LANES - 1); i < n; i++) if (load<real>(x + i * REAL) == <real>value) return i;
    return 0;
  }

  /** The exponentials alone, for a stretch that could not keep them. */
  static exp(x: usize, g: usize, n: i32, max: f64): void {
    const m = lane.of(max), rest = n & (LANES - 1), bytes: usize = (n - rest) * REAL;
    for (let i: usize = 0; i < bytes; i += 16) v128.store(g + i, softmax.exp(v128.load(x + i), m));
    if (rest) tail.store(g + bytes, softmax.exp(tail.load(x + bytes, rest, lane.zero()), m), rest);
  }
}
