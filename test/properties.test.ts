/**
 * Properties over inputs that fast-check makes up: any shape, any finite float32, NaN anywhere. The seed is printed
 * and may be set (LOSSKIT_SEED), so that a failure on one machine can be had on another.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byRow, cases, type Entry } from './cases.js';
import { sum } from './reference/sums.js';
import { boundsOf, differs, judge } from './support/judge.js';
import { asArray, BACKENDS, force, gradsOf, lossOf, type Real } from './support/library.js';
import { answer, argumentsOf, kindOf, places, sample, sensitivity, type Sample } from './support/sample.js';
import { cancellation } from './support/verify.js';

const seed = Number(process.env['LOSSKIT_SEED'] ?? 20_260_731);
console.log(`properties: seed ${seed} (LOSSKIT_SEED to change it)`);
const runs = (numRuns: number) => ({ seed, numRuns });

const table = cases.map((each) => [each.name, each] as const);
const backends = fc.constantFrom(...BACKENDS);
/** Of one component a cosine is ±1 and a distance has slope ±1: all that float32 leaves of their gradients is rounding. */
const sizesOf = ({ family }: Entry) =>
  fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    classes: fc.integer({ min: family === 'embedding' ? 2 : 1, max: 40 }),
  });

/** A sample of the table, with its inputs replaced by what fast-check likes: zeros, tiny and huge numbers, repeats. */
const samples = (entry: Entry, most: number): fc.Arbitrary<Sample> =>
  fc
    .tuple(sizesOf(entry), fc.constantFrom(...Object.keys(entry.options)), fc.nat(1e6))
    .chain(([size, config, n]) => {
      const s = sample({ entry, config, size, precision: 'float32', seed: n });
      const free = entry.inputs.map((input) => input.grad && FREE.has(kindOf(input, s.options)));
      // Distances round, so that there float32 may fall to the other side of a margin; sequences are as they are.
      if (entry.family === 'embedding' || entry.family === 'ctc' || !free.some(Boolean))
        return fc.constant(s);
      const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -most, max: most });
      // Losses with kinks stay on the grid, where float32 is exact.
      const value = entry.kinks ? number.map((x) => Math.round(x * 64) / 64) : number;
      const made = s.inputs.map((input, i) =>
        free[i]
          ? fc
              .array(value, { minLength: input.length, maxLength: input.length })
              .map((x) => Float64Array.from(x))
          : fc.constant(input),
      );
      return fc.tuple(...made).map((inputs) => ({ ...s, inputs }));
    });

/** Kinds of inputs that may be any number. */
const FREE = new Set(['real', 'logits', 'logProbability']);

/** The loss that element i of a differentiable input belongs to. */
function lossOfElement({ entry, shape }: Sample, i: number): number {
  const classes = shape.at(-1)!;
  if (entry.family === 'pointwise') return i;
  return entry.family === 'ctc' ? Math.floor(i / classes) % shape[1]! : Math.floor(i / classes);
}

describe.each(table)('%s', (name, entry) => {
  test('any input of moderate size: value and gradient are the reference’s', () => {
    fc.assert(
      fc.property(samples(entry, 100), backends, (s, backend) => {
        force(backend);
        const { inputs, options } = argumentsOf(s, { reduction: 'none' });
        const got = lossOf(name).valueAndGrad(...inputs, options);
        const want = answer(s, { reduction: 'none' });
        const sens = sensitivity(s, { reduction: 'none' }, want);
        const rule = { precision: 'float32', bounds: boundsOf(name), ofLargest: cancellation(s) } as const;
        const value = judge(asArray(got.value), want.values, { ...rule, sens: sens.value });
        expect(value.worst, `value${value.at}`).toBeLessThanOrEqual(1);
        gradsOf(got.grad).forEach((have, k) => {
          const grad = judge(have, want.grads[k]!, { ...rule, sens: sens.grads[k]! });
          expect(grad.worst, `grad ${k} ${grad.at}`).toBeLessThanOrEqual(1);
        });
      }),
      runs(150),
    );
  });

  test('any finite input: no exception; NaN only from what float32 cannot hold', () => {
    fc.assert(
      fc.property(samples(entry, 2 ** 60), backends, (s, backend) => {
        force(backend);
        const { inputs, options } = argumentsOf(s);
        const { value, grad } = lossOf(name).valueAndGrad(...inputs, options);
        const want = answer(s).values[0]!;
        if (Number.isFinite(want)) expect(value).not.toBeNaN();
        const lengths = places(entry, inputs).map((input) => input.length);
        expect(gradsOf(grad).map((each) => each.length)).toEqual(lengths);
      }),
      runs(100),
    );
  });

  test('NaN in one place: that element or row, and no other', () => {
    fc.assert(
      fc.property(samples(entry, 100), backends, fc.nat(), (s, backend, place) => {
        force(backend);
        const { inputs, options } = argumentsOf(s, { reduction: 'none' });
        const clean = lossOf(name).valueAndGrad(...inputs, options);
        const input = places(entry, inputs)[place % places(entry, inputs).length]!;
        const at = place % input.length;
        input[at] = NaN;
        const row = lossOfElement(s, at);
        const got = lossOf(name).valueAndGrad(...inputs, options);
        gradsOf(got.grad).forEach((grad, k) => {
          const before = gradsOf(clean.grad)[k]!;
          for (let i = 0; i < grad.length; i++)
            if (lossOfElement(s, i) !== row) expect(grad[i]).toBe(before[i]);
        });
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
        const { inputs, options } = argumentsOf(s, { reduction: 'sum' });
        const one = lossOf(name).valueAndGrad(...inputs, options);
        const scaled = lossOf(name).valueAndGrad(...inputs, { ...options, gradOutput: -(2 ** power) });
        gradsOf(scaled.grad).forEach((grad, k) => {
          const want = gradsOf(one.grad)[k]!.map((g) => g * -(2 ** power));
          const verdict = judge(grad, want, { precision: 'float32' });
          expect(verdict.worst, verdict.at).toBeLessThanOrEqual(1);
        });
      }),
      runs(60),
    );
  });

  if (!byRow(entry)) return;

  test('rows in another order: the same losses and gradients in that order, bit for bit', () => {
    fc.assert(
      fc.property(samples(entry, 50), backends, fc.nat(), (s, backend, turn) => {
        fc.pre(!('mask' in s.options) && !('shift' in s.options));
        force(backend);
        const rows = s.shape[0]!;
        const from = (r: number) => (r + turn) % rows;
        const { inputs, options } = argumentsOf(s, { reduction: 'none' });
        /** Row r of the result is row r + turn of this. */
        const turned = <A extends Real | Int32Array>(of: A): A => {
          const width = of.length / rows;
          return of.map((_, i) => of[from(Math.floor(i / width)) * width + (i % width)]!) as A;
        };
        const before = lossOf(name).valueAndGrad(...inputs, options);
        const after = lossOf(name).valueAndGrad(...inputs.map(turned), options);
        gradsOf(after.grad).forEach((grad, k) =>
          expect(differs(grad, turned(gradsOf(before.grad)[k]!))).toBe(-1),
        );
        expect(differs(asArray(after.value), turned(before.value as Real))).toBe(-1);
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
      const { inputs, options } = argumentsOf(s, { reduction: 'none' });
      const { value, grad } = lossOf('crossEntropy').valueAndGrad(...inputs, options);
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
