/** The edge-case table of the numerics contract: row-wise losses, on both backends and in both precisions. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry } from './cases.js';
import { differs } from './support/judge.js';
import { asArray, force, lossOf, platforms } from './support/library.js';
import { argumentsOf, realArray, sample } from './support/sample.js';

const INF = Infinity;
const named = (names: string[]) => names.map((name) => [name, entry(name)] as const);
const softmaxFamily = ['crossEntropy', 'softTargetCrossEntropy', 'softmaxFocalLoss'];
const ignoring = cases.filter((each) => each.ignores).map((each) => each.name);
const indexed = cases.filter((each) => each.target === 'index').map((each) => each.name);

/** Class counts that reach every kernel: one row a lane, lanes along a row, more than a block, more than a tile. */
const CLASSES = [3, 70, 1030, 20_011];

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Real = realArray(precision);
  const real = (...values: number[]) => Real.from(values);
  const logits = (name: string, rows: number, classes: number, config = 'none') =>
    argumentsOf(sample({ entry: entry(name), config, size: { rows, classes }, precision, seed: 'edge' }));

  describe('row-wise losses', () => {
    test.each(ignoring)('%s: an ignored row is 0, not counted, never read', (name) => {
      for (const classes of CLASSES) {
        const { input } = logits(name, 5, classes);
        const options = { classes, reduction: 'none' };
        const target = Int32Array.of(0, -100, 2, -100, 1);
        const clean = lossOf(name).valueAndGrad(input, target, options);
        input.fill(NaN, classes, 2 * classes);
        input.fill(INF, 3 * classes, 4 * classes);
        const got = lossOf(name).valueAndGrad(input, target, options);
        expect(differs(asArray(got.value), asArray(clean.value))).toBe(-1);
        expect(differs(got.grad, clean.grad)).toBe(-1);
        expect([asArray(got.value)[1], asArray(got.value)[3]]).toEqual([0, 0]);
        expect(got.grad.subarray(classes, 2 * classes).every((g) => g === 0)).toBe(true);
        expect(got.divisor).toBe(3);
        const mean = lossOf(name).valueAndGrad(input, target, { classes });
        const total = [0, 2, 4].reduce((sum, row) => sum + asArray(clean.value)[row]!, 0);
        expect(mean.value).toBeCloseTo(total / 3, 4);
        expect(mean.divisor).toBe(3);
        expect(mean.grad.every(Number.isFinite)).toBe(true);
      }
    });

    test.each(ignoring)('%s: nothing counted', (name) => {
      const { input } = logits(name, 3, 4);
      const target = Int32Array.of(-100, -100, -100);
      for (const weight of [undefined, real(1, 2, 0.5, 1)]) {
        const mean = lossOf(name).valueAndGrad(input, target, { weight });
        expect(mean.value).toBeNaN();
        expect([...mean.grad]).toEqual(new Array(12).fill(0));
        expect(mean.divisor).toBe(0);
        const sum = lossOf(name).valueAndGrad(input, target, { weight, reduction: 'sum' });
        expect(sum.value).toBe(0);
        expect([...sum.grad]).toEqual(new Array(12).fill(0));
        const none = lossOf(name).valueAndGrad(input, target, { weight, reduction: 'none' });
        expect([...(asArray(none.value) as Float32Array)]).toEqual([0, 0, 0]);
        expect([...none.grad]).toEqual(new Array(12).fill(0));
      }
      expect(lossOf(name)(input, target, { divisor: 5 }), 'a given divisor makes the mean of nothing 0').toBe(
        0,
      );
      expect([...lossOf(name).valueAndGrad(input, target, { divisor: 5 }).grad]).toEqual(
        new Array(12).fill(0),
      );
    });

    test.each(['crossEntropy', 'nllLoss', 'softmaxFocalLoss'])('%s: weights that sum to 0', (name) => {
      const { input } = logits(name, 3, 4);
      const target = Int32Array.of(0, 1, 2);
      const weight = real(0, 0, 0, 1);
      const mean = lossOf(name).valueAndGrad(input, target, { weight });
      expect(mean.value).toBeNaN();
      expect([...mean.grad]).toEqual(new Array(12).fill(0));
      const sum = lossOf(name).valueAndGrad(input, target, { weight, reduction: 'sum' });
      expect(sum.value).toBe(0);
      expect(sum.grad.every((g) => g === 0)).toBe(true);
    });

    test.each(cases.map((each) => each.name))('%s: an empty batch', (name) => {
      const each = entry(name);
      const empty = each.target === 'index' ? new Int32Array(0) : new Real(0);
      const options = each.family === 'rows' ? { classes: 3 } : {};
      const mean = lossOf(name).valueAndGrad(new Real(0), empty, options);
      expect(mean.value).toBeNaN();
      expect(mean.grad).toHaveLength(0);
      expect(mean.grad).toBeInstanceOf(Real);
      expect(lossOf(name)(new Real(0), empty, { ...options, reduction: 'sum' })).toBe(0);
      const none = lossOf(name)(new Real(0), empty, { ...options, reduction: 'none' });
      expect(none).toHaveLength(0);
      const dims = [0, 3];
      const tensor = { data: empty, dims: each.target === 'index' ? [0] : dims };
      expect(lossOf(name)({ data: new Real(0), dims }, tensor)).toBeNaN();
      expect(lossOf(name)(new Real(0), empty, { ...options, divisor: 2 })).toBe(0);
    });

    test.each(named(softmaxFamily))('%s: NaN, +inf and rows of -inf stay in their rows', (name, each) => {
      for (const classes of CLASSES) {
        const { input, target, options } = logits(name, 6, classes);
        const all = { ...options, reduction: 'none' };
        if (each.target === 'index') target.fill(1);
        const clean = lossOf(name).valueAndGrad(input, target, all);
        input[classes + 2] = NaN;
        input[3 * classes - 1] = INF;
        input.fill(-INF, 4 * classes, 5 * classes);
        const got = lossOf(name).valueAndGrad(input, target, all);
        for (let row = 0; row < 6; row++) {
          const grad = got.grad.subarray(row * classes, (row + 1) * classes);
          const value = asArray(got.value)[row]!;
          if (row === 1 || row === 2 || row === 4) {
            expect(value, `row ${row} of ${classes}`).toBeNaN();
            expect(
              grad.every((g) => Number.isNaN(g)),
              `gradient of row ${row} of ${classes}`,
            ).toBe(true);
          } else {
            expect(Object.is(value, asArray(clean.value)[row])).toBe(true);
            expect(differs(grad, clean.grad.subarray(row * classes, (row + 1) * classes))).toBe(-1);
          }
        }
        expect(lossOf(name)(input, target, options)).toBeNaN();
        expect(lossOf(name)(input, target, { ...options, reduction: 'sum' })).toBeNaN();
      }
    });

    test.each(['multiMarginLoss', 'crammerSingerLoss'])('%s: NaN stays in its row', (name) => {
      for (const classes of CLASSES) {
        const { input, options } = logits(name, 4, classes);
        const target = new Int32Array(4);
        const clean = lossOf(name).valueAndGrad(input, target, { ...options, reduction: 'none' });
        for (const at of [classes, classes + 2]) {
          const changed = input.slice();
          changed[at] = NaN; // on the target, then beside it
          const got = lossOf(name).valueAndGrad(changed, target, { ...options, reduction: 'none' });
          expect(asArray(got.value)[1]).toBeNaN();
          expect(got.grad.subarray(classes, 2 * classes).some((g) => Number.isNaN(g))).toBe(true);
          expect(differs(got.grad.subarray(0, classes), clean.grad.subarray(0, classes))).toBe(-1);
          expect(differs(got.grad.subarray(2 * classes), clean.grad.subarray(2 * classes))).toBe(-1);
        }
      }
    });

    test('crossEntropy: -inf off the target has probability 0 and gradient 0', () => {
      for (const classes of CLASSES) {
        const { input } = logits('crossEntropy', 3, classes);
        input[2] = input[classes + 2] = input[2 * classes + 2] = -INF;
        const target = Int32Array.of(0, 1, 0);
        const { value, grad } = lossOf('crossEntropy').valueAndGrad(input, target, { classes });
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(INF);
        expect([grad[2], grad[classes + 2], grad[2 * classes + 2]]).toEqual([0, 0, 0]);
      }
    });

    test('crossEntropy: -inf off the target with labelSmoothing: value +inf, gradient -eps w_c / C', () => {
      const weight = real(1, 2, 0.5, 4);
      const input = real(0.5, -1, 2, -INF);
      const got = lossOf('crossEntropy').valueAndGrad(input, Int32Array.of(1), {
        weight,
        labelSmoothing: 0.25,
        reduction: 'sum',
      });
      expect(got.value).toBe(INF);
      expect(got.grad[3]).toBeCloseTo((-0.25 * 4) / 4, 6);
      expect(got.grad.every(Number.isFinite)).toBe(true);
      const off = real(1, 2, 0.5, 0); // weight 0 removes the infinite term
      const finite = lossOf('crossEntropy')(input, Int32Array.of(1), { weight: off, labelSmoothing: 0.25 });
      expect(finite).toBeGreaterThan(0);
      expect(finite).toBeLessThan(INF);
    });

    test('crossEntropy: -inf on the target: value +inf, gradient p - onehot', () => {
      for (const classes of CLASSES) {
        const { input } = logits('crossEntropy', 2, classes);
        input[1] = -INF;
        const { value, grad } = lossOf('crossEntropy').valueAndGrad(input, Int32Array.of(1, 0), {
          classes,
          reduction: 'none',
        });
        expect(asArray(value)[0]).toBe(INF);
        expect(asArray(value)[1]).toBeLessThan(INF);
        expect(grad[1]).toBe(-1);
        expect(grad.every(Number.isFinite)).toBe(true);
        const weight = new Real(classes).fill(1);
        weight[1] = 0; // weight 0 · inf = 0
        const zero = lossOf('crossEntropy').valueAndGrad(input, Int32Array.of(1, 0), {
          weight,
          reduction: 'none',
        });
        expect(asArray(zero.value)[0]).toBe(0);
        expect(zero.grad.subarray(0, classes).every((g) => g === 0)).toBe(true);
      }
    });

    test('nllLoss: -inf on the target is +inf; -inf elsewhere is not read; weight 0 gives 0', () => {
      const input = real(-INF, -1, -2, -0.5, -INF, -INF);
      const got = lossOf('nllLoss').valueAndGrad(input, Int32Array.of(0, 0), { reduction: 'none' });
      expect([...(got.value as Float64Array)]).toEqual([INF, 0.5]);
      expect([...got.grad].map((g) => g + 0)).toEqual([-1, 0, 0, -1, 0, 0]);
      expect(
        lossOf('nllLoss')(input, Int32Array.of(0, 1), { weight: real(0, 1, 1), reduction: 'none' }),
      ).toEqual(real(0, INF));
    });

    test('softTargetCrossEntropy: targets that do not sum to 1, and 0 · log 0', () => {
      const x = [0.5, -1, 2];
      const q = [0.5, 0.25, 0.75];
      const lse = Math.log(x.reduce((sum, v) => sum + Math.exp(v), 0));
      const { value, grad } = lossOf('softTargetCrossEntropy').valueAndGrad(Real.from(x), Real.from(q), {
        classes: 3,
      });
      expect(value).toBeCloseTo(
        x.reduce((sum, v, c) => sum + q[c]! * (lse - v), 0),
        5,
      );
      x.forEach((v, c) => expect(grad[c]).toBeCloseTo(1.5 * Math.exp(v - lse) - q[c]!, 5));
      const hole = lossOf('softTargetCrossEntropy').valueAndGrad(real(-INF, 1, 2), real(0, 0.5, 0.5), {
        classes: 3,
      });
      expect(hole.value).toBeLessThan(INF);
      expect(hole.grad[0]).toBe(0);
    });

    test.each(indexed)('%s: one class', (name) => {
      const { value, grad } = lossOf(name).valueAndGrad(real(-2, 3), Int32Array.of(0, 0), {
        classes: 1,
        reduction: 'none',
      });
      const losses = name === 'nllLoss' ? [2, -3] : [0, 0];
      expect([...(value as Float64Array)].map((v) => v + 0)).toEqual(losses);
      expect([...grad].map((g) => g + 0)).toEqual(name === 'nllLoss' ? [-1, -1] : [0, 0]);
    });
  });
});
