/** The edge-case table of the numerics contract, row by row, on both backends and in both precisions. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry } from './cases.js';
import { differs } from './support/judge.js';
import { asArray, force, lossOf, platforms, REDUCTIONS } from './support/library.js';
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

  /** The element under test at every position of a vector, of its tail, and of the next block. */
  const positions = (n: number) => [0, 1, 2, 3, 4, 5, 6, n - 1];
  const everyLane = (
    x: number,
    t: number,
    check: (name: string, value: number, grad: number) => void,
    name: string,
    options = {},
  ) => {
    for (const n of [7, 1031]) {
      for (const at of positions(n)) {
        const target = new Real(n).fill(1);
        const input = new Real(n).fill(0.5);
        input[at] = x;
        target[at] = t;
        const got = lossOf(name).valueAndGrad(input, target, { ...options, reduction: 'none' });
        check(`${name} at ${at} of ${n}`, asArray(got.value)[at]!, got.grad[at]! + 0);
      }
    }
  };

  describe('kinks', () => {
    const zero = (where: string, value: number, grad: number) => expect([value, grad], where).toEqual([0, 0]);
    test('L1 at 0, hinges at the margin: gradient 0 in every lane', () => {
      everyLane(1.25, 1.25, zero, 'l1Loss');
      everyLane(0, 0, zero, 'l1Loss');
      everyLane(1.25, 1.25, zero, 'smoothL1Loss', { beta: 0 });
      for (const name of ['hingeLoss', 'squaredHingeLoss']) {
        everyLane(1, 1, zero, name);
        everyLane(-1, -1, zero, name);
        everyLane(0.5, 1, zero, name, { margin: 0.5 });
        everyLane(0, 1, zero, name, { margin: 0 });
      }
    });

    test('smooth L1 and Huber at the joint: ±1 and ±delta', () => {
      everyLane(1.5, 1, (at, v, g) => expect([v, g], at).toEqual([0.25, 1]), 'smoothL1Loss', { beta: 0.5 });
      everyLane(0.5, 1, (at, v, g) => expect([v, g], at).toEqual([0.25, -1]), 'smoothL1Loss', { beta: 0.5 });
      everyLane(1.5, 1, (at, v, g) => expect([v, g], at).toEqual([0.125, 0.5]), 'huberLoss', { delta: 0.5 });
      everyLane(0.5, 1, (at, v, g) => expect([v, g], at).toEqual([0.125, -0.5]), 'huberLoss', { delta: 0.5 });
    });

    test('multi-margin and Crammer-Singer exactly at the margin: gradient 0; the lowest index wins a tie', () => {
      for (const classes of [3, 5, 9, 67, 1029]) {
        for (const at of positions(classes).filter((c) => c > 0 && c < classes)) {
          const input = new Real(classes).fill(-3);
          input[0] = 2;
          input[at] = 1; // margin 1: exactly at the knee
          for (const p of [1, 2]) {
            const got = lossOf('multiMarginLoss').valueAndGrad(input, Int32Array.of(0), { p });
            expect(got.value).toBe(0);
            expect(got.grad.every((g) => g === 0)).toBe(true);
          }
          const got = lossOf('crammerSingerLoss').valueAndGrad(input, Int32Array.of(0));
          expect(got.value).toBe(0);
          expect(got.grad.every((g) => g === 0)).toBe(true);
        }
        const tie = new Real(classes).fill(4);
        const y = classes - 1;
        const { value, grad } = lossOf('crammerSingerLoss').valueAndGrad(tie, Int32Array.of(y));
        expect(value).toBe(1);
        expect([...grad].map((g) => g + 0)).toEqual(
          Array.from(tie, (_, c) => (c === 0 ? 1 : c === y ? -1 : 0)),
        );
      }
    });
  });

  describe('pointwise losses', () => {
    test('BCE with logits at ±inf: 0 on the right side, +inf and ±weight on the wrong one', () => {
      const right = (at: string, v: number, g: number) => expect([v, g], at).toEqual([0, 0]);
      everyLane(INF, 1, right, 'binaryCrossEntropyWithLogits');
      everyLane(-INF, 0, right, 'binaryCrossEntropyWithLogits');
      const name = 'binaryCrossEntropyWithLogits';
      everyLane(INF, 0, (at, v, g) => expect([v, g], at).toEqual([INF, 1]), name);
      everyLane(-INF, 1, (at, v, g) => expect([v, g], at).toEqual([INF, -1]), name);
      const weight = (n: number) => ({ weight: new Real(n).fill(0.5), reduction: 'none' });
      const got = lossOf(name).valueAndGrad(real(INF, -INF, INF, -INF), real(0, 1, 1, 0), weight(4));
      expect([...(got.value as Float64Array)]).toEqual([INF, INF, 0, 0]);
      expect([...got.grad].map((g) => g + 0)).toEqual([0.5, -0.5, 0, 0]);
    });

    test('focal: saturated gradients with gamma < 1 are 0, never NaN', () => {
      for (const gamma of [0, 0.25, 0.5, 1, 2]) {
        const right = (at: string, v: number, g: number) => expect([v, g], at).toEqual([0, 0]);
        for (const x of [1000, 3e38]) {
          everyLane(x, 1, right, 'sigmoidFocalLoss', { gamma });
          everyLane(-x, 0, right, 'sigmoidFocalLoss', { gamma });
        }
        const row = lossOf('softmaxFocalLoss').valueAndGrad(real(1000, 0, -5), Int32Array.of(0), { gamma });
        expect(row.value).toBe(0);
        expect([...row.grad].map((g) => g + 0)).toEqual([0, 0, 0]);
      }
    });

    test.each(cases.filter((each) => each.family === 'pointwise').map((each) => each.name))(
      '%s: NaN in its element and in the total, nowhere else',
      (name) => {
        for (const n of [1, 4, 7, 1031]) {
          for (const at of positions(n).filter((i) => i >= 0 && i < n)) {
            const { input, target } = argumentsOf(
              sample({ entry: entry(name), config: 'none', size: { rows: 1, classes: n }, precision }),
            );
            const clean = lossOf(name).valueAndGrad(input, target, { reduction: 'none' });
            input[at] = NaN;
            const got = lossOf(name).valueAndGrad(input, target, { reduction: 'none' });
            for (let i = 0; i < n; i++) {
              const want = i === at ? [NaN, NaN] : [asArray(clean.value)[i], clean.grad[i]];
              if (!Object.is(asArray(got.value)[i], want[0]) || !Object.is(got.grad[i], want[1])) {
                expect.fail(`element ${i} of ${n}, NaN at ${at}: ${asArray(got.value)[i]}, ${got.grad[i]}`);
              }
            }
            for (const reduction of REDUCTIONS.slice(0, 2))
              expect(lossOf(name)(input, target, { reduction })).toBeNaN();
          }
        }
      },
    );

    test('BCE clamps its logarithm at -100 and takes 0 · log 0 as 0', () => {
      const { value, grad } = lossOf('binaryCrossEntropy').valueAndGrad(real(0, 1, 0, 1), real(0, 1, 1, 0), {
        reduction: 'none',
      });
      expect([...(value as Float64Array)].map((v) => v + 0)).toEqual([0, 0, 100, 100]);
      expect(grad.every(Number.isFinite)).toBe(true);
    });
  });
});
