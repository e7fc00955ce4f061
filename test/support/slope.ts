/** Central differences of a number that depends on several arrays, against gradients of the same names. */
import { expect } from 'vitest';

type Arrays = Record<string, Float64Array>;

export function central<A extends Arrays>(
  inputs: A,
  value: (at: A) => number,
  grads: Readonly<Record<string, ArrayLike<number>>>,
  step = 1e-3,
): void {
  for (const [name, x] of Object.entries(inputs)) {
    for (let i = 0; i < x.length; i++) {
      const at = (h: number) => value({ ...inputs, [name]: x.map((v, j) => (j === i ? v + h : v)) });
      const slope = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
      const got = grads[name]![i]!;
      if (!(Math.abs(got - slope) <= 1e-8 + 1e-6 * Math.abs(slope)))
        expect.fail(`gradient ${name}[${i}] is ${got}, the quotient ${slope}`);
    }
  }
}
