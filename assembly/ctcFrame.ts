/** One frame's row of classes, for CTC: the softmax of logits, and the gradient of classes that no label names. */
import { lane, LANES, REAL } from './lane';
import { math } from './math';
import { softmax } from './softmax';
import { sweep } from './sweep';
import { tail } from './tail';

/** The block of the order of summation. */
const BLOCK: i32 = 1024;

@final
@unmanaged
export class frame {
  /** Whether the row has a finite maximum, to be read at sweep.topValue and topIndex. */
  @inline static look(x: usize, n: i32): bool {
    return sweep.top(x, n, -Infinity, Infinity) && sweep.topValue() < Infinity;
  }

  /** x becomes e^(x − max), 1 at `top`; returns the sum of the others, NaN if there is a NaN. */
  static exponentials(x: usize, n: i32, max: f64, top: i32): f64 {
    store<real>(x + top * REAL, -Infinity); // adds 0
    const m = lane.of(max);
    let sum: f64 = 0,
      p = x;
    for (let left = n; left > 0; left -= BLOCK, p += BLOCK * REAL) sum += frame.block(p, min(left, BLOCK), m);
    store<real>(x + top * REAL, 1);
    return sum;
  }

  static block(x: usize, n: i32, m: v128): f64 {
    const rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    let even = lane.zero(),
      odd = lane.zero();
    for (; x + 32 <= end; x += 32) {
      const a = math.expNonPositive(lane.sub(v128.load(x), m)),
        b = math.expNonPositive(lane.sub(v128.load(x, 16), m));
      even = lane.add(even, a);
      odd = lane.add(odd, b);
      v128.store(x, a);
      v128.store(x, b, 16);
    }
    if (x < end) {
      const a = math.expNonPositive(lane.sub(v128.load(x), m));
      even = lane.add(even, a);
      v128.store(x, a);
    }
    if (rest) {
      const a = math.expNonPositive(lane.sub(tail.load(end, rest, lane.splat(-Infinity)), m));
      odd = lane.add(odd, a);
      tail.store(end, a, rest);
    }
    return lane.sum(lane.add(even, odd));
  }

  /** x becomes x · factor (0 where that is not a normal number). */
  static scale(x: usize, n: i32, factor: f64): void {
    const f = lane.of(factor),
      floor = softmax.floor(f),
      rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    for (; x < end; x += 16) v128.store(x, softmax.scaled(v128.load(x), f, floor));
    if (rest) tail.store(end, softmax.scaled(tail.load(end, rest, lane.zero()), f, floor), rest);
  }

  /** x becomes e^x · factor, for any x. */
  static exp(x: usize, n: i32, factor: f64): void {
    const f = lane.of(factor),
      floor = softmax.floor(f),
      rest = n & (LANES - 1),
      end = x + (n - rest) * REAL;
    for (; x + 32 <= end; x += 32) {
      const a = math.exp(v128.load(x)),
        b = math.exp(v128.load(x, 16));
      v128.store(x, softmax.scaled(a, f, floor));
      v128.store(x, softmax.scaled(b, f, floor), 16);
    }
    if (x < end) v128.store(x, softmax.scaled(math.exp(v128.load(x)), f, floor));
    if (rest) tail.store(end, softmax.scaled(math.exp(tail.load(end, rest, lane.zero())), f, floor), rest);
  }
}
