/**
 * Properties over inputs that fast-check makes up: any shape, any finite float32, NaN anywhere. The seed is printed
 * and may be set (LOSSKIT_SEED), so that a failure on one machine can be had on another.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cases, type Entry } from './cases.js';
import { sum } from './reference/sums.js';
import { differs, judge } from './support/judge.js';
import { asArray, BACKENDS, force, lossOf } from './support/library.js';
import { answer, argumentsOf, sample, sensitivity, type Sample } from './support/sample.js';

const seed = Number(process.env['LOSSKIT_SEED'] ?? 20_260_731);
console.log(`properties: seed ${seed} (LOSSKIT_SEED to change it)`);
const runs = (numRuns: number) => ({ seed, numRuns });

const table = cases.map((each) => [each.name, each] as const);
const backends = fc.constantFrom(...BACKENDS);
const sizes = fc.record({ rows: fc.integer({ min: 1, max: 9 }), classes: fc.integer({ min: 1, max: 40 }) });

/** A sample of the table, with its inputs replaced by what fast-check likes: zeros, tiny and huge numbers, repeats. */
const samples = (entry: Entry, most: number): fc.Arbitrary<Sample> =>
  fc.tuple(sizes, fc.constantFrom(...Object.keys(entry.options)), fc.nat(1e6)).chain(([size, config, n]) => {
    const s = sample({ entry, config, size, precision: 'float32', seed: n });
    if (entry.input === 'probability') return fc.constant(s);
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -most, max: most });
    // Losses with kinks stay on the grid, where float32 is exact.
    const value = entry.kinks ? number.map((x) => Math.round(x * 64) / 64) : number;
    const length = s.input.length;
    return fc
      .array(value, { minLength: length, maxLength: length })
      .map((input) => ({ ...s, input: Float64Array.from(input) }));
  });

describe.each(table)('%s', (name, entry) => {
  test('any input of moderate size: value and gradient are the reference’s', () => {
    fc.assert(
      fc.property(samples(entry, 100), backends, (s, backend) => {
        force(backend);
        const { input, target, options } = argumentsOf(s, { reduction: 'none' });
        const got = lossOf(name).valueAndGrad(input, target, options);
        const want = answer(s, { reduction: 'none' });
        const sens = sensitivity(s, { reduction: 'none' }, want);
        const value = judge(asArray(got.value), want.values, { precision: 'float32', sens: sens.value });
        const grad = judge(got.grad, want.grad, { precision: 'float32', sens: sens.grad });
        expect(Math.max(value.worst, grad.worst), `value${value.at} grad${grad.at}`).toBeLessThanOrEqual(1);
      }),
      runs(150),
    );
  });

  test('any finite input: no exception; NaN only from what float32 cannot hold', () => {
    fc.assert(
      fc.property(samples(entry, 2 ** 60), backends, (s, backend) => {
        force(backend);
        const { input, target, options } = argumentsOf(s);
        const { value, grad } = lossOf(name).valueAndGrad(input, target, options);
        const want = answer(s).values[0]!;
        if (Number.isFinite(want)) expect(value).not.toBeNaN();
        expect(grad).toHaveLength(input.length);
      }),
      runs(100),
    );
  });

  test('NaN in one place: that element or row, and no other', () => {
    fc.assert(
      fc.property(samples(entry, 100), backends, fc.nat(), (s, backend, place) => {
        force(backend);
        const { input, target, options } = argumentsOf(s, { reduction: 'none' });
        const clean = lossOf(name).valueAndGrad(input, target, options);
        const at = place % input.length;
        input[at] = NaN;
        const got = lossOf(name).valueAndGrad(input, target, options);
        const width = entry.family === 'rows' ? s.shape[1]! : 1;
        const row = Math.floor(at / width);
        for (let i = 0; i < input.length; i++) {
          if (Math.floor(i / width) !== row) expect(got.grad[i]).toBe(clean.grad[i]);
        }
        for (let i = 0; i < asArray(got.value).length; i++) {
          if (i !== row) expect(asArray(got.value)[i]).toBe(asArray(clean.value)[i]);
        }
      }),
      runs(60),
    );
  });

  test('the gradient is linear in gradOutput: powers of two scale it exactly', () => {
    fc.assert(
      fc.property(samples(entry, 50), backends, fc.integer({ min: -8, max: 8 }), (s, backend, power) => {
        force(backend);
        const { input, target, options } = argumentsOf(s, { reduction: 'sum' });
        const one = lossOf(name).valueAndGrad(input, target, options);
        const scaled = lossOf(name).valueAndGrad(input, target, { ...options, gradOutput: -(2 ** power) });
        const verdict = judge(
          scaled.grad,
          one.grad.map((g) => g * -(2 ** power)),
          { precision: 'float32' },
        );
        expect(verdict.worst, verdict.at).toBeLessThanOrEqual(1);
      }),
      runs(60),
    );
  });

  if (entry.family !== 'rows') return;

  test('rows in another order: the same losses and gradients in that order, bit for bit', () => {
    fc.assert(
      fc.property(samples(entry, 50), backends, fc.nat(), (s, backend, turn) => {
        fc.pre(!('mask' in s.options) && !('shift' in s.options));
        force(backend);
        const [rows, classes] = s.shape as [number, number];
        const from = (r: number) => (r + turn) % rows;
        const { input, target, options } = argumentsOf(s, { reduction: 'none' });
        const width = target.length / rows;
        const turned = input.map((_, i) => input[from(Math.floor(i / classes)) * classes + (i % classes)]!);
        const labels = target.map((_, i) => target[from(Math.floor(i / width)) * width + (i % width)]!);
        const before = lossOf(name).valueAndGrad(input, target, options);
        const after = lossOf(name).valueAndGrad(turned, labels, options);
        const grad = before.grad.map(
          (_, i) => before.grad[from(Math.floor(i / classes)) * classes + (i % classes)]!,
        );
        const value = Array.from({ length: rows }, (_, r) => asArray(before.value)[from(r)]!);
        expect(differs(after.grad, grad)).toBe(-1);
        expect(differs(asArray(after.value), value)).toBe(-1);
      }),
      runs(60),
    );
  });
});

test('cross-entropy is not negative, and its gradient sums to 0 in each row', () => {
  const entry = cases.find((each) => each.name === 'crossEntropy')!;
  const plain = { ...entry, options: { none: () => ({}) } };
  fc.assert(
    fc.property(samples(plain, 100), backends, (s, backend) => {
      force(backend);
      const { input, target, options } = argumentsOf(s, { reduction: 'none' });
      const { value, grad } = lossOf('crossEntropy').valueAndGrad(input, target, options);
      const classes = s.shape[1]!;
      for (let r = 0; r < s.shape[0]!; r++) {
        expect(asArray(value)[r]).toBeGreaterThanOrEqual(0);
        const total = sum(grad.subarray(r * classes, (r + 1) * classes));
        expect(Math.abs(total)).toBeLessThanOrEqual(1e-6);
      }
    }),
    runs(200),
  );
});
