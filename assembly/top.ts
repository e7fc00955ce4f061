/**
 * The k largest of a row, the largest first, of equal ones the lower index first: a heap whose root is the worst of those kept, so that an
 * element is compared with one number and rows in any order take O(C log k). In place: values and indices stand where the result is wanted.
 * A NaN is passed over or kept in no particular place; nothing of memory depends on it.
 */
import { lane, LANES, REAL } from './lane';

/** Elements that one comparison decides on: four vectors. */
const GROUP: i32 = 4 * LANES;

@final
@unmanaged
export class top {
  /** Of n reals at x the k largest (1 <= k <= n) to v, their indices (i32) to ids. */
  static select(x: usize, n: i32, k: i32, v: usize, ids: usize): void {
    memory.copy(v, x, k * REAL);
    for (let i = 0; i < k; i++) store<i32>(ids + 4 * i, i);
    for (let i = (k >> 1) - 1; i >= 0; i--)
      top.sink(v, ids, k, i, load<real>(v + i * REAL), load<i32>(ids + 4 * i));
    let i = k;
    while (i + GROUP <= n) {
      i = top.skip(x, i, n, load<real>(v));
      if (i + GROUP > n) break;
      top.offer(x, i, i + GROUP, k, v, ids);
      i += GROUP;
    }
    top.offer(x, i, n, k, v, ids);
    for (let last = k - 1; last > 0; last--) {
      const value = load<real>(v + last * REAL),
        id = load<i32>(ids + 4 * last);
      store<real>(v + last * REAL, load<real>(v));
      store<i32>(ids + 4 * last, load<i32>(ids));
      top.sink(v, ids, last, 0, value, id);
    }
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

  /** Elements [i, end) one by one. */
  static offer(x: usize, i: i32, end: i32, k: i32, v: usize, ids: usize): void {
    for (; i < end; i++) {
      const value = load<real>(x + i * REAL);
      if (value > load<real>(v)) top.sink(v, ids, k, 0, value, i);
    }
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
