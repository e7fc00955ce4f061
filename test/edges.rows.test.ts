/** The edge-case table of the numerics contract: row-wise losses, on both backends and in both precisions. */
import { beforeEach, describe, expect, test } from 'vitest';
import { byRow, cases, entry, has } from './cases.js';
import { differs } from './support/judge.js';
import { asArray, force, gradsOf, lossOf, platforms, type Real } from './support/library.js';
import { argumentsOf, dimsOf, emptyArguments, places, realArray, sample } from './support/sample.js';

const INF = Infinity;
const named = (names: string[]) => names.map((name) => [name, entry(name)] as const);
const softmaxFamily = ['crossEntropy', 'softTargetCrossEntropy', 'softmaxFocalLoss', 'poly1Loss'];
const ignoring = cases.filter((each) => each.ignores).map((each) => each.name);
const indexed = cases.filter((each) => has(each, 'index')).map((each) => each.name);

/** Class counts that reach every kernel: one row a lane, lanes along a row, more than a block, more than a tile. */
const CLASSES = [3, 70, 1030, 20_011];

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Real = realArray(precision);
  const real = (...values: number[]) => Real.from(values);
  const logits = (name: string, rows: number, classes: number, config = 'none') => {
    const s = sample({ entry: entry(name), config, size: { rows, classes }, precision, seed: 'edge' });
    const { inputs, options } = argumentsOf(s);
    return { inputs, input: inputs[0] as Real, target: inputs[1]!, options };
  };

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

    test.each(['crossEntropy', 'nllLoss', 'softmaxFocalLoss', 'poly1Loss'])(
      '%s: weights that sum to 0',
      (name) => {
        const { input } = logits(name, 3, 4);
        const target = Int32Array.of(0, 1, 2);
        const weight = real(0, 0, 0, 1);
        const mean = lossOf(name).valueAndGrad(input, target, { weight });
        expect(mean.value).toBeNaN();
        expect([...mean.grad]).toEqual(new Array(12).fill(0));
        const sum = lossOf(name).valueAndGrad(input, target, { weight, reduction: 'sum' });
        expect(sum.value).toBe(0);
        expect(sum.grad.every((g) => g === 0)).toBe(true);
      },
    );

    test.each(cases.map((each) => each.name))('%s: an empty batch', (name) => {
      const each = entry(name);
      const loss = lossOf(name);
      const { inputs, options } = emptyArguments(each, precision);
      const mean = loss.valueAndGrad(...inputs, options);
      expect(mean.value).toBeNaN();
      for (const grad of gradsOf(mean.grad)) {
        expect(grad).toHaveLength(0);
        expect(grad).toBeInstanceOf(Real);
      }
      expect(loss(...inputs, { ...options, reduction: 'sum' })).toBe(0);
      expect(loss(...inputs, { ...options, reduction: 'none' })).toHaveLength(0);
      const shape = each.family === 'ctc' ? [2, 0, 3] : [0, 3];
      const dims = dimsOf({ entry: each, precision, shape, axis: -1, inputs: inputs as never, options: {} });
      expect(loss(...inputs.map((data, i) => ({ data, dims: dims[i] })))).toBeNaN();
      expect(loss(...inputs, { ...options, divisor: 2 })).toBe(0);
    });

    test.each(named(softmaxFamily))('%s: NaN, +inf and rows of -inf stay in their rows', (name, each) => {
      for (const classes of CLASSES) {
        const { input, target, options } = logits(name, 6, classes);
        const all = { ...options, reduction: 'none' };
        if (has(each, 'index')) target.fill(1);
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

    test.each(named(cases.filter(byRow).map((each) => each.name)))(
      '%s: NaN stays in its row',
      (name, each) => {
        for (const classes of CLASSES) {
          const { inputs, options } = logits(name, 4, classes);
          const all = { ...options, reduction: 'none' };
          const clean = lossOf(name).valueAndGrad(...inputs, all);
          for (const input of places(each, inputs)) {
            const keep = input[classes + 2]!;
            input[classes + 2] = NaN;
            const got = lossOf(name).valueAndGrad(...inputs, all);
            input[classes + 2] = keep;
            // Where nothing reads it there is nothing to be NaN: nllLoss off its target, a row without labels.
            const reads = name !== 'nllLoss' && name !== 'multilabelMarginLoss';
            if (reads && inputs[1]![1] !== -100) expect(asArray(got.value)[1]).toBeNaN();
            for (const row of [0, 2, 3])
              expect(Object.is(asArray(got.value)[row], asArray(clean.value)[row])).toBe(true);
            gradsOf(got.grad).forEach((grad, k) => {
              const before = gradsOf(clean.grad)[k]!;
              expect(differs(grad.subarray(0, classes), before.subarray(0, classes))).toBe(-1);
              expect(differs(grad.subarray(2 * classes), before.subarray(2 * classes))).toBe(-1);
            });
          }
        }
      },
    );
  });

  describe('poly1Loss', () => {
    const ce = lossOf('crossEntropy');
    test('epsilon 0 is cross-entropy, to 2 ulp', () => {
      const ulp = precision === 'float32' ? 2 ** -23 : 2 ** -52;
      for (const classes of CLASSES) {
        const { input, target, options } = logits('poly1Loss', 5, classes);
        const all = { ...options, reduction: 'none' };
        const want = ce.valueAndGrad(input, target, all);
        const got = lossOf('poly1Loss').valueAndGrad(input, target, { ...all, epsilon: 0 });
        const close = (have: ArrayLike<number>, wanted: ArrayLike<number>) => {
          const at = Array.from(have).findIndex(
            (x, i) => !(Math.abs(x - wanted[i]!) <= 2 * ulp * Math.abs(wanted[i]!) + 2e-38),
          );
          if (at >= 0) expect.fail(`C ${classes}, [${at}]: ${have[at]}, cross-entropy has ${wanted[at]}`);
        };
        close(asArray(got.value), asArray(want.value));
        close(got.grad, want.grad);
      }
    });

    test('-inf on the target is +inf; -inf elsewhere has gradient 0', () => {
      const got = lossOf('poly1Loss').valueAndGrad(real(-INF, 1, 2, 0, -INF, 1), Int32Array.of(0, 0), {
        reduction: 'none',
      });
      expect(asArray(got.value)[0]).toBe(INF);
      expect(asArray(got.value)[1]).toBeLessThan(INF);
      expect(got.grad[0]).toBe(-1);
      expect(got.grad[4]! + 0).toBe(0);
      expect(got.grad.every(Number.isFinite)).toBe(true);
    });
  });

  describe('diceLoss and tverskyLoss', () => {
    const masks = (rows: number, classes: number) => logits('diceLoss', rows, classes);
    test('dice is tversky with alpha = beta = 1/2', () => {
      for (const classes of CLASSES) {
        const { inputs, options } = masks(3, classes);
        const want = lossOf('diceLoss').valueAndGrad(...inputs, options);
        const got = lossOf('tverskyLoss').valueAndGrad(...inputs, { ...options, alpha: 0.5, beta: 0.5 });
        expect(got.value).toBe(want.value);
        expect(differs(got.grad, want.grad)).toBe(-1);
      }
    });

    test('flat arrays are one row, with classes many', () => {
      for (const name of ['diceLoss', 'tverskyLoss']) {
        const { inputs } = masks(6, 7);
        const one = lossOf(name).valueAndGrad(...inputs, { reduction: 'none' });
        expect(one.value).toHaveLength(1);
        expect(one.divisor).toBe(1);
        const row = lossOf(name).valueAndGrad(...inputs, { classes: 42 });
        expect(asArray(one.value)[0]).toBeCloseTo(row.value as number, 6);
        expect(differs(one.grad, row.grad)).toBe(-1);
        expect(lossOf(name)(...inputs, { classes: 7, reduction: 'none' })).toHaveLength(6);
        const tensors = inputs.map((data) => ({ data, dims: [6, 7] }));
        expect(lossOf(name)(...tensors, { reduction: 'none' })).toHaveLength(6);
      }
    });

    test('nothing against nothing, everything against everything, nothing against all', () => {
      const [zeros, ones] = [new Real(5), new Real(5).fill(1)];
      for (const name of ['diceLoss', 'tverskyLoss']) {
        expect(lossOf(name)(zeros, zeros)).toBe(0);
        expect(lossOf(name)(ones, ones)).toBe(0);
        expect(lossOf(name)(zeros, ones, { smooth: 0 })).toBe(1);
        expect(lossOf(name)(zeros, zeros, { smooth: 0 })).toBeNaN();
        expect(lossOf(name)(zeros, ones)).toBeCloseTo(1 - 1 / 3.5, 6);
      }
    });

    test('a probability outside [0, 1] is refused, NaN is NaN', () => {
      for (const name of ['diceLoss', 'tverskyLoss']) {
        for (const bad of [-0.25, 1.5, INF, -INF]) {
          const input = new Real(7).fill(0.5);
          input[5] = bad;
          const call = () => lossOf(name)(input, new Real(7));
          expect(call).toThrow(RangeError);
          expect(call).toThrow(new RegExp(`${name}: input\\[5\\] is ${bad}`));
        }
        expect(lossOf(name)(real(0.5, NaN), real(1, 0))).toBeNaN();
      }
    });
  });

  describe('multilabelMarginLoss', () => {
    const run = (input: ArrayLike<number>, labels: number[], classes = input.length) => {
      const got = lossOf('multilabelMarginLoss').valueAndGrad(Real.from(input), labels, {
        classes,
        reduction: 'none',
      });
      return { value: [...(got.value as Real)], grad: [...got.grad].map((g) => g + 0) };
    };

    test('-1 ends the labels: what follows does not count', () => {
      const x = [0.5, -1, 2, 0.25];
      const want = run(x, [2, -1, -1, -1]);
      expect(run(x, [2, -1, 0, 1])).toEqual(want);
      expect(run(x, [2, -1, 3, -1])).toEqual(want);
      expect(run(x, [-1, 2, 0, 1])).toEqual({ value: [0], grad: [0, 0, 0, 0] });
      expect(run(x, [0, 1, 2, 3])).toEqual({ value: [0], grad: [0, 0, 0, 0] });
    });

    test('a label named twice counts twice, as in PyTorch', () => {
      const x = [0.5, 0.25, 0];
      expect(run(x, [0, -1, -1])).toEqual({
        value: [Real.of((0.75 + 0.5) / 3)[0]],
        grad: run(x, [0, -1, -1]).grad,
      });
      const [once, twice] = [run(x, [0, -1, -1]), run(x, [0, 0, -1])];
      expect(twice.value[0]).toBeCloseTo(2 * once.value[0]!, 6);
      twice.grad.forEach((g, i) => expect(g).toBeCloseTo(2 * once.grad[i]!, 6));
    });

    test('exactly at the margin: gradient 0 in every lane', () => {
      for (const classes of [2, 3, 5, 9, 64, 67, 1029]) {
        for (const at of [0, 1, 2, 3, 4, 5, 7, classes - 1].filter((c) => c < classes)) {
          const y = at === 0 ? 1 : 0;
          const x = new Real(classes).fill(-3);
          x[y] = 2;
          x[at] = 1;
          const labels = new Array<number>(classes).fill(-1);
          labels[0] = y;
          const { value, grad } = run(x, labels);
          expect(value[0], `${at} of ${classes}`).toBe(0);
          expect(
            grad.every((g) => g === 0),
            `${at} of ${classes}`,
          ).toBe(true);
        }
      }
    });

    test('a label outside [-1, C) is refused with its position, wherever it stands', () => {
      for (const bad of [4, -2, 2 ** 31 - 1, -(2 ** 31), 1.5, NaN]) {
        for (const at of [0, 2, 5]) {
          const targets = [0, 1, 2, 3, 0, 1, 2, 3];
          targets[at] = bad;
          const call = () => lossOf('multilabelMarginLoss')(new Real(8), targets, { classes: 4 });
          expect(call).toThrow(RangeError);
          expect(call).toThrow(new RegExp(`multilabelMarginLoss: targets\\[${at}\\] is ${bad}.*\\[0, 4\\)`));
        }
      }
    });
  });

  describe('multilabelSoftMarginLoss', () => {
    test('one loss a row, the mean over its classes; over axis 1 of [N, C, d] one a position', () => {
      const bce = lossOf('binaryCrossEntropyWithLogits');
      const { inputs } = logits('multilabelSoftMarginLoss', 6, 4);
      const elements = asArray(bce(...inputs, { reduction: 'none' }));
      const none = asArray(
        lossOf('multilabelSoftMarginLoss')(...inputs, { shape: [2, 4, 3], axis: 1, reduction: 'none' }),
      );
      expect(none).toHaveLength(6);
      for (let n = 0; n < 2; n++)
        for (let d = 0; d < 3; d++) {
          const mean = [0, 1, 2, 3].reduce((sum, c) => sum + elements[(n * 4 + c) * 3 + d]!, 0) / 4;
          expect(none[n * 3 + d]).toBeCloseTo(mean, 5);
        }
      const { value, divisor, grad } = lossOf('multilabelSoftMarginLoss').valueAndGrad(...inputs, {
        classes: 4,
      });
      expect(divisor).toBe(6);
      expect(value).toBeCloseTo(bce(...inputs) as number, 5);
      const want = bce.valueAndGrad(...inputs).grad;
      grad.forEach((g, i) => expect(g).toBeCloseTo(want[i]!, 6));
    });

    test('weight is one a class', () => {
      const { inputs } = logits('multilabelSoftMarginLoss', 5, 3);
      for (const size of [1, 2, 4, 5, 15])
        expect(() =>
          lossOf('multilabelSoftMarginLoss')(...inputs, { classes: 3, weight: new Real(size) }),
        ).toThrow(RangeError);
    });
  });
});
