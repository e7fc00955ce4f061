/** Same bits of two answers, whatever their array types. */
import { expect } from 'vitest';
import { differs } from './judge.js';
import { asArray, gradsOf, type Gradient, type Real } from './library.js';

export interface Answer {
  value: number | Real;
  grad: Gradient | readonly Real[];
  divisor?: number;
}

/** Same bits of value, gradients and divisor, whatever the array types. */
export function same(got: Answer, want: Answer, where: string): void {
  const value = differs(asArray(got.value), asArray(want.value));
  if (value >= 0)
    expect.fail(`${where}: value[${value}] ${asArray(got.value)[value]} != ${asArray(want.value)[value]}`);
  const [grads, wanted] = [gradsOf(got.grad), gradsOf(want.grad)];
  wanted.forEach((grad, k) => {
    const at = differs(grads[k]!, grad);
    if (at >= 0)
      expect.fail(`${where}: grad${k > 0 ? ` ${k}` : ''}[${at}] is ${grads[k]![at]}, not ${grad[at]}`);
  });
  if (want.divisor !== undefined && got.divisor !== undefined) expect(got.divisor, where).toBe(want.divisor);
}
