/** One call of the library, on every backend, judged by the reference: value, gradient, divisor, types, lengths. */
import { expect } from 'vitest';
import type { ReferenceOptions } from '../reference/index.js';
import { boundsOf, judge } from './judge.js';
import { asArray, BACKENDS, force, gradsOf, lossOf, type Real } from './library.js';
import {
  answer,
  argumentsOf,
  noSensitivity,
  realArray,
  sensitivity,
  type Arguments,
  type Sample,
} from './sample.js';

export interface VerifyOptions {
  /** Options beside the sample's: for the reference and for the call. */
  options?: ReferenceOptions;
  /** Changes the arguments into another form that means the same. */
  as?: (given: Arguments) => { inputs: unknown[]; options: Record<string, unknown> };
  where?: string;
}

/** What cancels in a gradient, as a share of its largest element. */
export function cancellation({ entry, precision }: Sample): number {
  // A log-ratio and the mean of all log-ratios.
  if (['distillationLoss', 'jsDivergence'].includes(entry.name))
    return precision === 'float32' ? 2e-6 : 1e-13;
  // The slopes of two distances, or a vector's and its share of a cosine.
  return precision === 'float64' && entry.family === 'embedding' ? 1e-14 : 0;
}

/** Calls `valueAndGrad` on each backend and compares with the reference, which is computed once. */
export function verify(
  s: Sample,
  { options = {}, as = (given) => given, where = '' }: VerifyOptions = {},
): void {
  const { name } = s.entry;
  const base = answer(s, options);
  const sens = s.precision === 'float32' ? sensitivity(s, options, base) : noSensitivity(s);
  const ofLargest = cancellation(s);
  const Real = realArray(s.precision);
  for (const backend of BACKENDS) {
    force(backend);
    const call = as(argumentsOf(s, { ...options }));
    const got = lossOf(name).valueAndGrad(...call.inputs, call.options);
    const fail = (what: string) => {
      const size = `[${s.shape}]${s.axis === -1 ? '' : ` axis ${s.axis}`}`;
      expect.fail(`${name} ${size} ${s.precision} ${backend} ${show(call.options)} ${where}: ${what}`);
    };
    const check = (what: string, have: ArrayLike<number>, want: ArrayLike<number>, sens: number) => {
      const verdict = judge(have, want, {
        precision: s.precision,
        sens,
        bounds: boundsOf(name),
        ofLargest,
      });
      if (!(verdict.worst <= 1)) fail(what + verdict.at);
    };
    if (options.reduction === 'none' && !(got.value instanceof Real)) fail(`value is no ${Real.name}`);
    check('value', asArray(got.value), base.values, sens.value);
    const grads = gradsOf(got.grad);
    if (grads.length !== base.grads.length) fail(`${grads.length} gradients`);
    grads.forEach((grad, k) => {
      if (!(grad instanceof Real)) fail(`grad ${k} is no ${Real.name}`);
      check(`grad ${k}`, grad, base.grads[k]!, sens.grads[k]!);
    });
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
