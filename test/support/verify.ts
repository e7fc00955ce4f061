/** One call of the library, on every backend, judged by the reference: value, gradient, divisor, types, lengths. */
import { expect } from 'vitest';
import type { ReferenceOptions } from '../reference/index.js';
import { judge } from './judge.js';
import { asArray, BACKENDS, force, lossOf, type Real } from './library.js';
import { answer, argumentsOf, realArray, sensitivity, type Arguments, type Sample } from './sample.js';

export interface VerifyOptions {
  /** Options beside the sample's: for the reference and for the call. */
  options?: ReferenceOptions;
  /** Changes the arguments into another form that means the same. */
  as?: (given: Arguments) => { input: unknown; target: unknown; options: Record<string, unknown> };
  where?: string;
}

/** Calls `valueAndGrad` on each backend and compares with the reference, which is computed once. */
export function verify(
  s: Sample,
  { options = {}, as = (given) => given, where = '' }: VerifyOptions = {},
): void {
  const base = answer(s, options);
  const sens = s.precision === 'float32' ? sensitivity(s, options, base) : { value: 0, grad: 0 };
  const Real = realArray(s.precision);
  for (const backend of BACKENDS) {
    force(backend);
    const call = as(argumentsOf(s, { ...options }));
    const got = lossOf(s.entry.name).valueAndGrad(call.input, call.target, call.options);
    const fail = (what: string) => {
      const size = `[${s.shape}]${s.axis === -1 ? '' : ` axis ${s.axis}`}`;
      expect.fail(
        `${s.entry.name} ${size} ${s.precision} ${backend} ${show(call.options)} ${where}: ${what}`,
      );
    };
    const check = (what: string, have: ArrayLike<number>, want: ArrayLike<number>, sens: number) => {
      const verdict = judge(have, want, { precision: s.precision, sens });
      if (!(verdict.worst <= 1)) fail(what + verdict.at);
    };
    if (!(got.grad instanceof Real)) fail(`grad is no ${Real.name}`);
    if (options.reduction === 'none' && !(got.value instanceof Real)) fail(`value is no ${Real.name}`);
    check('value', asArray(got.value), base.values, sens.value);
    check('grad', got.grad, base.grad, sens.grad);
    if (!(Math.abs(got.divisor - base.divisor) <= 1e-12 * Math.abs(base.divisor))) {
      fail(`divisor is ${got.divisor}, expected ${base.divisor}`);
    }
  }
}

function show(options: Record<string, unknown>): string {
  const one = (value: unknown) =>
    ArrayBuffer.isView(value)
      ? `${value.constructor.name}(${(value as Real).length})`
      : JSON.stringify(value);
  return `{${Object.entries(options)
    .map(([name, value]) => `${name}: ${one(value)}`)
    .join(', ')}}`;
}
