/**
 * The k largest of a row, the largest first, of equal ones the lower index first. Few are kept in order (LIST), more in a heap whose root is the
 * worst, so that an element is compared with one number and rows in any order take O(C log k). In place: values and indices stand where the
 * result is wanted.
 * A NaN is passed over or kept in no particular place; nothing of memory depends on it.
 */
import { lane, LANES, REAL } from './lane';
import { STAGE_A, STAGE_B } from './layout';

/** Columns that fit in the stage. */
const COLUMNS: i32 = <i32>(STAGE_B - STAGE_A) / REAL;

/** Of each column so many elements are enough for a bound: beyond, a closer one saves less than it costs. */
const ROWS: i32 = 64;

/** Up to this many are kept in order: 1.2 x as fast as a heap for 5. */
const LIST: i32 = 16;

/** Elements that one comparison decides on: four vectors. */
const GROUP: i32 = 4 * LANES;

@final
@unmanaged
export class top {
  /** Of n reals at x the k largest (1 <= k <= n) to v, their indices (i32) to ids. */
  static select(x: usize, n: i32, k: i32, v: usize, ids: usize): void {
    let i = top.begin(x, n, k, v, ids);
    while (i + GROUP <= n) {
      i = top.skip(x, i, n, top.worst(v, k));
      if (i + GROUP > n) break;
      for (const end = i + GROUP; i < end; i += LANES) top.offerVector(x, i, k, v, ids);
    }
    top.offer(x, i, n, k, v, ids);
    if (k > LIST) top.sort(k, v, ids);
  }

  /** A heap becomes a list. */
  static sort(k: i32, v: usize, ids: usize): void {
    for (let last = k - 1; last > 0; last--) {
      const value = load<real>(v + last * REAL),
        id = load<i32>(ids + 4 * last);
      store<real>(v + last * REAL, load<real>(v));
      store<i32>(ids + 4 * last, load<i32>(ids));
      top.sink(v, ids, last, 0, value, id);
    }
  }

  /** Fills the heap, with the first k elements or with what is below all of the k largest; the first element that it has not seen. */
  static begin(x: usize, n: i32, k: i32, v: usize, ids: usize): i32 {
    const columns = (2 * k + GROUP - 1) & ~(GROUP - 1);
    if (columns <= COLUMNS && n >= 4 * columns) {
      top.maxima(x, min(n, ROWS * columns), columns);
      top.first(STAGE_A, k, v, ids);
      top.offer(STAGE_A, k, columns, k, v, ids);
      const bound = top.worst(v, k);
      if (bound > -Infinity) {
        for (let i = 0; i < k; i++) store<real>(v + i * REAL, top.before(bound));
        return 0;
      }
    }
    top.first(x, k, v, ids);
    return k;
  }

  /** The first k elements, in order or as a heap. */
  static first(x: usize, k: i32, v: usize, ids: usize): void {
    if (k <= LIST) {
      for (let i = 0; i < k; i++) top.insert(v, ids, i + 1, load<real>(x + i * REAL), i);
      return;
    }
    memory.copy(v, x, k * REAL);
    for (let i = 0; i < k; i++) store<i32>(ids + 4 * i, i);
    for (let i = (k >> 1) - 1; i >= 0; i--)
      top.sink(v, ids, k, i, load<real>(v + i * REAL), load<i32>(ids + 4 * i));
  }

  /**
   * At STAGE_A the largest of elements j, j + columns, … for each j: the k-th largest of these is no more than the k-th largest of all, and little
   * less. With it as a first bound 1.2 k elements are offered instead of k · log(n / k).
   */
  static maxima(x: usize, n: i32, columns: i32): void {
    const bytes: usize = columns * REAL,
      end = x + (n / columns) * bytes;
    for (let j: usize = 0; j < bytes; j += 64) {
      let a = v128.load(x + j),
        b = v128.load(x + j, 16),
        c = v128.load(x + j, 32),
        d = v128.load(x + j, 48);
      for (let p = x + j + bytes; p < end; p += bytes) {
        a = lane.pmax(a, v128.load(p));
        b = lane.pmax(b, v128.load(p, 16));
        c = lane.pmax(c, v128.load(p, 32));
        d = lane.pmax(d, v128.load(p, 48));
      }
      v128.store(STAGE_A + j, a);
      v128.store(STAGE_A + j, b, 16);
      v128.store(STAGE_A + j, c, 32);
      v128.store(STAGE_A + j, d, 48);
    }
  }

  /** The number before x > −inf. */
  static before(x: real): real {
    if (x == 0) return sizeof<real>() == 4 ? <real>-f32.MIN_VALUE : <real>-f64.MIN_VALUE;
    if (sizeof<real>() == 4) return <real>reinterpret<f32>(reinterpret<i32>(<f32>x) - (x > 0 ? 1 : -1));
    return <real>reinterpret<f64>(reinterpret<i64>(<f64>x) - (x > 0 ? 1 : -1));
  }

  /** The first group from i on with an element above `than`, or the first place where no whole group is left. */
  static skip(x: usize, i: i32, n: i32, than: real): i32 {
    const t = lane.splat(than);
    for (let p = x + i * REAL; i + GROUP <= n; i += GROUP, p += GROUP * REAL) {
      const a = lane.pmax(v128.load(p), v128.load(p, 16)),
        b = lane.pmax(v128.load(p, 32), v128.load(p, 48));
      if (v128.any_true(lane.gt(lane.pmax(a, b), t))) break;
    }
    return i;
  }

  /** The vector of elements from i on. */
  @inline static offerVector(x: usize, i: i32, k: i32, v: usize, ids: usize): void {
    const above = lane.gt(v128.load(x + i * REAL), lane.splat(top.worst(v, k)));
    for (let mask = lane.mask(above); mask != 0; mask &= mask - 1) {
      const at = i + ctz(mask),
        value = load<real>(x + at * REAL);
      if (value > top.worst(v, k)) top.take(v, ids, k, value, at);
    }
  }

  /** Elements [i, end) one by one. */
  static offer(x: usize, i: i32, end: i32, k: i32, v: usize, ids: usize): void {
    for (; i < end; i++) {
      const value = load<real>(x + i * REAL);
      if (value > top.worst(v, k)) top.take(v, ids, k, value, i);
    }
  }

  /** What an element must be above to be kept. */
  @inline static worst(v: usize, k: i32): real {
    return load<real>(k <= LIST ? v + (k - 1) * REAL : v);
  }

  /** Keeps an element instead of the worst. */
  @inline static take(v: usize, ids: usize, k: i32, value: real, id: i32): void {
    if (k <= LIST) top.insert(v, ids, k, value, id);
    else top.sink(v, ids, k, 0, value, id);
  }

  /** Puts an element into a list of k, the last of which goes. It comes behind equal ones, whose indices are lower. */
  static insert(v: usize, ids: usize, k: i32, value: real, id: i32): void {
    let i = k - 1;
    for (; i > 0; i--) {
      const before = load<real>(v + (i - 1) * REAL);
      if (!(before < value)) break;
      store<real>(v + i * REAL, before);
      store<i32>(ids + 4 * i, load<i32>(ids + 4 * (i - 1)));
    }
    store<real>(v + i * REAL, value);
    store<i32>(ids + 4 * i, id);
  }

  /** Puts an element into the heap of k from place i downwards. */
  static sink(v: usize, ids: usize, k: i32, i: i32, value: real, id: i32): void {
    for (let child = 2 * i + 1; child < k; child = 2 * i + 1) {
      if (
        child + 1 < k &&
        top.below(v, ids, child + 1, load<real>(v + child * REAL), load<i32>(ids + 4 * child))
      )
        child++;
      if (!top.below(v, ids, child, value, id)) break;
      store<real>(v + i * REAL, load<real>(v + child * REAL));
      store<i32>(ids + 4 * i, load<i32>(ids + 4 * child));
      i = child;
    }
    store<real>(v + i * REAL, value);
    store<i32>(ids + 4 * i, id);
  }

  /** Whether the element at place i is worse than this one. */
  @inline static below(v: usize, ids: usize, i: i32, value: real, id: i32): bool {
    const other = load<real>(v + i * REAL);
    return other < value || (other == value && load<i32>(ids + 4 * i) > id);
  }
}
