/** Same bits of two answers, whatever their array types. */
import { expect } from 'vitest';
import { differs } from './judge.js';
import { asArray, type Real } from './library.js';

export interface Answer {
  value: number | Real;
  grad: Real;
  divisor?: number;
}

/** Same bits of value, gradient and divisor, whatever the array types. */
export function same(got: Answer, want: Answer, where: string): void {
  const value = differs(asArray(got.value), asArray(want.value));
  if (value >= 0)
    expect.fail(`${where}: value[${value}] ${asArray(got.value)[value]} != ${asArray(want.value)[value]}`);
  const at = differs(got.grad, want.grad);
  if (at >= 0) expect.fail(`${where}: grad[${at}] is ${got.grad[at]}, not ${want.grad[at]}`);
  if (want.divisor !== undefined && got.divisor !== undefined) expect(got.divisor, where).toBe(want.divisor);
}
