/** Loops over a stretch of a row that several families share: whole vectors, then a padded tail. */
import { lane, LANES, REAL, Yes } from './lane';
import { RESULT } from './layout';
import { math } from './math';
import { softmax } from './softmax';
import { tail } from './tail';

/** Elements that a search for the largest takes at once: it then looks for the place in one of these only. */
const CHUNK: i32 = 256;

@final
@unmanaged
export class sweep {
  /** Whether any of n is larger than `than`; if so topValue is the largest and topIndex where it first stands. `low` (or less) is the smallest. */
  static top(x: usize, n: i32, than: f64, low: f64): bool {
    let at = -1,
      smallest = lane.of(low);
    for (let i = 0; i < n; i += CHUNK) {
      smallest = sweep.extremes(x + i * REAL, min(CHUNK, n - i), smallest);
      const largest = load<f64>(RESULT);
      if (largest > than) {
        than = largest;
        at = i;
      }
    }
    store<f64>(RESULT + 16, -lane.largest(lane.neg(smallest)));
    if (at < 0) return false;
    store<f64>(RESULT, than);
    store<i32>(RESULT + 8, at + sweep.find(x + at * REAL, min(CHUNK, n - at), than));
    return true;
  }
  @inline static topValue(): f64 {
    return load<f64>(RESULT);
  }
  @inline static topIndex(): i32 {
    return load<i32>(RESULT + 8);
  }
  @inline static low(): f64 {
    return load<f64>(RESULT + 16);
  }

  /** The largest of n goes to RESULT, the smallest in lanes and `low` is returned; NaN are passed over. */
  static extremes(x: usize, n: i32, low: v128): v128 {
    const least = lane.splat(-Infinity),
      rest = n & (LANES - 1),
      end = x + (n - rest) * REAL,
      odd = tail.load(end, rest, low);
    let a = least,
      b = tail.load(end, rest, least),
      c = least,
      d = least;
    let e = low,
      f = low,
      h = low,
      i = low;
    for (; x + 64 <= end; x += 64) {
      const p = v128.load(x),
        q = v128.load(x, 16),
        r = v128.load(x, 32),
        s = v128.load(x, 48);
      a = lane.pmax(a, p);
      b = lane.pmax(b, q);
      c = lane.pmax(c, r);
      d = lane.pmax(d, s);
      e = lane.pmin(e, p);
      f = lane.pmin(f, q);
      h = lane.pmin(h, r);
      i = lane.pmin(i, s);
    }
    for (; x < end; x += 16) {
      const p = v128.load(x);
      a = lane.pmax(a, p);
      e = lane.pmin(e, p);
    }
    store<f64>(RESULT, lane.largest(lane.pmax(lane.pmax(a, b), lane.pmax(c, d))));
    return lane.pmin(lane.pmin(lane.pmin(e, f), lane.pmin(h, i)), odd);
  }

  /** Where `value`, which is there, first stands. */
  @inline static find(x: usize, n: i32, value: f64): i32 {
    const wanted = lane.of(value),
      whole = n & ~(LANES - 1);
    for (let i = 0; i < whole; i += LANES) {
      const found = lane.eq(v128.load(x + i * REAL), wanted);
      if (v128.any_true(found)) return i + lane.firstSet(found);
    }
    let i = whole;
    while (i < n - 1 && load<real>(x + i * REAL) != <real>value) i++;
    return i;
  }

  /** The exponentials alone, for a stretch that could not keep them. */
  static exp(x: usize, g: usize, n: i32, max: f64): void {
    const m = lane.of(max),
      rest = n & (LANES - 1),
      bytes: usize = (n - rest) * REAL;
    for (let i: usize = 0; i < bytes; i += 16)
      v128.store(g + i, math.expNonPositive(softmax.depth<Yes>(v128.load(x + i), m)));
    if (rest)
      tail.store(
        g + bytes,
        math.expNonPositive(softmax.depth<Yes>(tail.load(x + bytes, rest, lane.zero()), m)),
        rest,
      );
  }
}
