/** The edge-case table of the numerics contract: kinks and pointwise losses, on both backends, in both precisions. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry } from './cases.js';
import { asArray, force, lossOf, platforms, REDUCTIONS } from './support/library.js';
import { argumentsOf, realArray, sample } from './support/sample.js';

const INF = Infinity;

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Real = realArray(precision);
  const real = (...values: number[]) => Real.from(values);

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
