/** The edge-case table of the numerics contract: kinks and pointwise losses, on both backends, in both precisions. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry } from './cases.js';
import { boundsOf, judge } from './support/judge.js';
import {
  asArray,
  BACKENDS,
  force,
  gradsOf,
  lossOf,
  platforms,
  PRECISIONS,
  REDUCTIONS,
  several,
} from './support/library.js';
import { fill, random } from './support/random.js';
import { argumentsOf, places, realArray, sample } from './support/sample.js';
import { verify } from './support/verify.js';

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

    /** Lengths of one vector and its tail, and around a block. */
    const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1023, 1024, 1025];

    test.each([
      ['quantileLoss', [1.25], [1.25], {}],
      ['quantileLoss', [-2], [-2], { quantile: 0.875 }],
      ['hingeEmbeddingLoss', [1], [-1], {}],
      ['hingeEmbeddingLoss', [0.5], [-1], { margin: 0.5 }],
      ['marginRankingLoss', [0.75, 0.75], [1], {}],
      ['marginRankingLoss', [0.75, 0.75], [-1], {}],
      ['marginRankingLoss', [1.5, 1], [1], { margin: 0.5 }],
      ['marginRankingLoss', [1, 1.5], [-1], { margin: 0.5 }],
    ])('%s of %s and %s, %o: a tie in every lane and in the tail', (name, x, [t], options) => {
      for (const n of LENGTHS) {
        for (const at of [...positions(Math.min(n, 9)), n - 1].filter((i) => i < n)) {
          // Beside the tie the loss is positive and its gradient is not 0.
          const others = name === 'marginRankingLoss' ? [[0, 9], 1] : [[-9], -1];
          const inputs = x.map((_, k) => new Real(n).fill((others[0] as number[])[k]!));
          const target = new Real(n).fill(others[1] as number);
          x.forEach((v, k) => (inputs[k]![at] = v));
          target[at] = t!;
          const got = lossOf(name).valueAndGrad(...inputs, target, { ...options, reduction: 'none' });
          const where = `${at} of ${n}`;
          expect(asArray(got.value)[at]! + 0, where).toBe(0);
          for (const grad of gradsOf(got.grad)) {
            expect(grad[at]! + 0, where).toBe(0);
            expect(grad.filter((g) => g === 0).length, where).toBe(1);
          }
        }
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
            const { inputs } = argumentsOf(
              sample({ entry: entry(name), config: 'none', size: { rows: 1, classes: n }, precision }),
            );
            const loss = lossOf(name);
            const clean = loss.valueAndGrad(...inputs, { reduction: 'none' });
            for (const input of places(entry(name), inputs)) {
              const keep = input[at]!;
              input[at] = NaN;
              const got = loss.valueAndGrad(...inputs, { reduction: 'none' });
              expect(asArray(got.value)[at]).toBeNaN();
              for (let i = 0; i < n; i++) {
                if (i === at) continue;
                expect(Object.is(asArray(got.value)[i], asArray(clean.value)[i]), `${i} of ${n}`).toBe(true);
              }
              gradsOf(got.grad).forEach((grad, k) => {
                const before = gradsOf(clean.grad)[k]!;
                const other = grad.findIndex((g, i) => i !== at && !Object.is(g, before[i]));
                if (other >= 0) expect.fail(`gradient ${other} of ${n}, NaN at ${at}: ${grad[other]}`);
                // That of klDiv is −t, whatever the input is.
                if (name !== 'klDiv' || !Object.is(grad[at], before[at])) expect(grad[at]).toBeNaN();
              });
              for (const reduction of REDUCTIONS.slice(0, 2))
                expect(loss(...inputs, { reduction })).toBeNaN();
              input[at] = keep;
            }
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

  /** The values and gradients of elements, in order. */
  const run = (name: string, inputs: ArrayLike<number>[], options = {}) => {
    const got = lossOf(name).valueAndGrad(...inputs.map((x) => Real.from(x)), {
      ...options,
      reduction: 'none',
    });
    return {
      value: [...(got.value as Float64Array)].map((v) => v + 0),
      grads: gradsOf(got.grad).map((g) => [...g].map((v) => v + 0)),
    };
  };
  const near = (got: number[], want: number[], name = '') => {
    const verdict = judge(got, want, { precision, bounds: boundsOf(name), sens: 1e-7 });
    expect(verdict.worst, verdict.at).toBeLessThanOrEqual(1);
  };

  describe('divergences', () => {
    test('klDiv: a target probability of 0 costs nothing, whatever its log-probability is', () => {
      const { value, grads } = run('klDiv', [
        [-1, -INF, 0, -1e30],
        [0, 0, 0, 0],
      ]);
      expect(value).toEqual([0, 0, 0, 0]);
      expect(grads[0]).toEqual([0, 0, 0, 0]);
      const logs = run(
        'klDiv',
        [
          [-1, -INF, 0],
          [-INF, -INF, -INF],
        ],
        { logTarget: true },
      );
      expect(logs.value).toEqual([0, 0, 0]);
      expect(logs.grads[0]).toEqual([0, 0, 0]);
    });

    test('klDiv: −inf where the target has mass is +inf; NaN and negative targets are NaN', () => {
      const { value, grads } = run('klDiv', [
        [-INF, -1, -1, NaN],
        [0.5, NaN, -0.25, 0],
      ]);
      expect(value).toEqual([INF, NaN, NaN, NaN]);
      expect(grads[0]![0]).toBe(-0.5);
      const logs = run(
        'klDiv',
        [
          [-INF, NaN],
          [-0.5, -INF],
        ],
        { logTarget: true },
      );
      expect(logs.value).toEqual([INF, NaN]);
    });

    test("klDiv: 'batchmean' divides the sum by shape[0], for flat arrays their length or their rows", () => {
      const s = sample({ entry: entry('klDiv'), config: 'none', size: { rows: 6, classes: 7 }, precision });
      const { inputs } = argumentsOf(s);
      const loss = lossOf('klDiv');
      const sum = loss.valueAndGrad(...inputs, { reduction: 'sum' });
      const tensors = (dims: number[]) => inputs.map((data) => ({ data, dims }));
      for (const [given, options, divisor] of [
        [inputs, {}, 42],
        [inputs, { classes: 7 }, 6],
        [inputs, { shape: [3, 14] }, 3],
        [inputs, { shape: [2, 3, 7] }, 2],
        [tensors([6, 7]), {}, 6],
        [tensors([42]), {}, 42],
        [tensors([1, 6, 7]), {}, 1],
      ] as const) {
        const got = loss.valueAndGrad(...given, { ...options, reduction: 'batchmean' });
        expect(got.divisor).toBe(divisor);
        expect(got.value).toBe((sum.value as number) / divisor);
        near(
          [...got.grad],
          [...sum.grad].map((g) => g / divisor),
        );
      }
      expect(lossOf('klDiv')(new Real(0), new Real(0), { reduction: 'batchmean' })).toBeNaN();
    });

    test('poisson: a rate of 0, an overflow, a negative rate', () => {
      const rate = run(
        'poissonNllLoss',
        [
          [0, 0, 1],
          [0, 2, 0],
        ],
        { logInput: false },
      );
      near(rate.value, [0, -2 * Math.log(1e-8), 1]);
      near(rate.grads[0]!, [1, 1 - 2e8, 1]);
      const big = precision === 'float32' ? 100 : 800;
      const log = run('poissonNllLoss', [
        [big, -INF, -big, INF],
        [1, 0, 0, 1],
      ]);
      // The last is inf − inf, as in PyTorch.
      expect(log.value).toEqual([INF, 0, log.value[2], NaN]);
      expect(log.grads[0]!.slice(0, 2)).toEqual([INF, 0]);
      expect(log.value[2]).toBeLessThan(1e-37);
      expect(run('poissonNllLoss', [[-1], [1]], { logInput: false }).value[0]).toBeNaN();
      // Without eps a rate and a count of 0 are 0 · log 0.
      expect(
        run(
          'poissonNllLoss',
          [
            [0, 0],
            [0, 1],
          ],
          { logInput: false, eps: 0 },
        ).value,
      ).toEqual([0, INF]);
    });

    test('poisson: Stirling’s term counts from above 1', () => {
      const t = [0, 0.5, 1, 1.5, 2, 100];
      const plain = run('poissonNllLoss', [t.map(() => 0), t]);
      const full = run('poissonNllLoss', [t.map(() => 0), t], { full: true });
      near(
        full.value,
        plain.value.map(
          (v, i) =>
            v + (t[i]! > 1 ? t[i]! * Math.log(t[i]!) - t[i]! + 0.5 * Math.log(2 * Math.PI * t[i]!) : 0),
        ),
      );
      expect(full.grads).toEqual(plain.grads);
      const rates = run('poissonNllLoss', [t.map((x) => x || 3), t], { full: true, logInput: false });
      // The rate is the count: what is left is ½ log(2πt), less what eps adds to the logarithm.
      near(
        rates.value.slice(3),
        t.slice(3).map((x) => 0.5 * Math.log(2 * Math.PI * x) - x * Math.log1p(1e-8 / x)),
      );
      // Near the optimum e^x − t·x and Stirling's terms are large and cancel.
      const count = 10_000;
      const logs = Float32Array.from([-1e-3, 0, 1e-3], (u) => Math.log(count) + u);
      const counts = logs.map(() => count);
      const wanted = Array.from(logs, (x) => {
        const u = x - Math.log(count);
        return count * (Math.expm1(u) - u) + 0.5 * Math.log(2 * Math.PI * count);
      });
      near(run('poissonNllLoss', [[...logs], [...counts]], { full: true }).value, wanted);
    });
  });

  describe('gaussianNllLoss', () => {
    test('a variance below eps is eps in the loss and in its gradient, which goes through unchanged', () => {
      const eps = 0.25;
      const low = run(
        'gaussianNllLoss',
        [
          [1, 1, 1, 1],
          [0, 0, 0, 0],
          [0, 0.125, 0.25, 0.5],
        ],
        { eps },
      );
      near(
        low.value,
        [0.25, 0.25, 0.25, 0.5].map((v) => 0.5 * (Math.log(v) + 1 / v)),
      );
      near(low.grads[0]!, [4, 4, 4, 2]);
      near(low.grads[1]!, [-6, -6, -6, -1]);
    });

    test('a negative variance is refused, NaN is NaN, +inf is +inf', () => {
      for (const bad of [-1, -1e-30, -INF])
        for (const at of [0, 3, 6]) {
          const variance = new Real(7).fill(1);
          variance[at] = bad;
          const call = () => lossOf('gaussianNllLoss')(new Real(7), new Real(7), variance);
          expect(call).toThrow(RangeError);
          expect(call).toThrow(new RegExp(`gaussianNllLoss: variance\\[${at}\\]`));
        }
      const { value, grads } = run('gaussianNllLoss', [
        [1, 1, 1],
        [0, 0, 0],
        [1, NaN, 1],
      ]);
      expect(value).toEqual([0.5, NaN, 0.5]);
      expect(grads[1]![1]).toBeNaN();
      expect(run('gaussianNllLoss', [[1], [0], [INF]]).value).toEqual([INF]);
      expect(run('gaussianNllLoss', [[1], [0], [-0]]).value[0]).toBeGreaterThan(1e5);
    });
  });

  describe('margins and logistic losses', () => {
    test('softMarginLoss at ±1e4 and ±inf: exact on both sides', () => {
      everyLane(1e4, 1, (at, v, g) => expect([v, g], at).toEqual([0, 0]), 'softMarginLoss');
      everyLane(-1e4, -1, (at, v, g) => expect([v, g], at).toEqual([0, 0]), 'softMarginLoss');
      everyLane(-1e4, 1, (at, v, g) => expect([v, g], at).toEqual([1e4, -1]), 'softMarginLoss');
      everyLane(1e4, -1, (at, v, g) => expect([v, g], at).toEqual([1e4, 1]), 'softMarginLoss');
      everyLane(-INF, 1, (at, v, g) => expect([v, g], at).toEqual([INF, -1]), 'softMarginLoss');
      everyLane(INF, 1, (at, v, g) => expect([v, g], at).toEqual([0, 0]), 'softMarginLoss');
    });

    test('log-cosh: small differences keep their square, large ones do not overflow', () => {
      const d = precision === 'float32' ? Math.fround(1e-4) : 1e-4;
      const half = (d * d) / 2 - d ** 4 / 12;
      everyLane(1 + d, 1, (_, v) => expect(v).toBeGreaterThan(4.9e-9), 'logCoshLoss');
      near(
        run('logCoshLoss', [
          [d, -d],
          [0, 0],
        ]).value,
        [half, half],
      );
      near(run('logCoshLoss', [[d], [0]]).grads[0]!, [Math.tanh(d)]);
      const huge = Real.of(1e30)[0]!;
      const far = run('logCoshLoss', [
        [huge, -huge, INF, 50],
        [0, 0, 0, 0],
      ]);
      near(far.value, [huge, huge, INF, 50 - Math.LN2]);
      expect(far.grads[0]).toEqual([1, -1, 1, 1]);
      // Both forms meet at 1.
      const joint = [0.999, 1, 1.001, 0.9999999, 1.0000002].map((x) => Real.of(x)[0]!);
      near(
        run('logCoshLoss', [joint, joint.map(() => 0)]).value,
        joint.map((x) => Math.log(Math.cosh(x))),
      );
    });

    test('infinite scores: the right side costs nothing, the wrong one is +inf', () => {
      expect(
        run('hingeEmbeddingLoss', [
          [INF, -INF, INF],
          [-1, -1, 1],
        ]),
      ).toEqual({
        value: [0, INF, INF],
        grads: [[0, -1, 1]],
      });
      expect(
        run('marginRankingLoss', [
          [INF, -INF],
          [0, 0],
          [1, 1],
        ]),
      ).toEqual({
        value: [0, INF],
        grads: [
          [0, -1],
          [0, 1],
        ],
      });
      expect(
        run(
          'quantileLoss',
          [
            [INF, -INF],
            [0, 0],
          ],
          { quantile: 0.25 },
        ),
      ).toEqual({
        value: [INF, INF],
        grads: [[0.75, -0.25]],
      });
    });
  });
});

// e^x − t·x and Stirling's terms are of the order of 1e5 there, and what they leave is of the order of 1.
test('poissonNllLoss, full, in float32 near the optimum of counts up to 1e4', () => {
  const r = random(14);
  const size = { rows: 1, classes: 37 };
  const s = sample({ entry: entry('poissonNllLoss'), config: 'none', size, precision: 'float32' });
  for (const count of [0, 1, 2, 3, 10, 100, 1000, 10_000])
    for (const logInput of [true, false])
      for (const far of [0, 1e-6, 1e-4, 1e-3, 1e-2, 0.1]) {
        const rates = fill(37, () => Math.max(count, 0.5) * (1 + far * r.normal()));
        const x = rates.map((rate) => Math.fround(logInput ? Math.log(rate) : rate));
        const inputs = [x, fill(37, () => count)];
        verify(
          { ...s, inputs, options: { full: true, logInput } },
          { options: { reduction: 'none' }, where: `count ${count}, ${far} from it` },
        );
      }
});

describe('gaussianNllLoss: one variance a row', () => {
  test.each(PRECISIONS)('%s: tensors [N, 1] and [N], flat arrays with and without a shape', (precision) => {
    const r = random(12);
    for (const [rows, classes] of [
      [1, 5],
      [4, 1],
      [5, 3],
      [7, 64],
      [3, 1030],
      [33, 1000],
    ] as const) {
      const s = sample({
        entry: entry('gaussianNllLoss'),
        config: 'full',
        size: { rows, classes },
        precision,
      });
      const round = precision === 'float32' ? Math.fround : (x: number) => x;
      s.inputs[2] = fill(rows, () => round(r.between(0.1, 3)));
      for (const reduction of REDUCTIONS) {
        const gradOutput = reduction === 'none' ? fill(rows * classes, () => round(r.normal())) : 0.5;
        const options = { reduction, gradOutput };
        const dims = [rows, classes];
        const as =
          (...of: number[][]) =>
          ({ inputs, options }: { inputs: unknown[]; options: object }) => ({
            inputs: inputs.map((data, i) => ({ data, dims: of[i]! })),
            options: { ...options },
          });
        verify(s, { options, where: 'flat' });
        verify(s, { options, as: as(dims, dims, [rows, 1]), where: '[N, 1]' });
        verify(s, { options, as: as(dims, dims, [rows]), where: '[N]' });
        verify(s, {
          options,
          as: ({ inputs, options }) => ({ inputs, options: { ...options, shape: dims } }),
          where: 'with a shape',
        });
      }
    }
  });

  test.each(BACKENDS)('%s: in place, given arrays, and a shape that does not fit', (backend) => {
    force(backend);
    const loss = several('gaussianNllLoss');
    const inputs = () =>
      [Float32Array.of(1, 2, 3, 4, 5, 6), new Float32Array(6), Float32Array.of(1, 2)] as const;
    const want = loss.valueAndGrad(...inputs());
    expect(want.grad['variance']).toHaveLength(2);
    const [x, t, v] = inputs();
    const got = loss.valueAndGrad(x, t, v, { grad: { input: x, variance: v } });
    expect(got.grad['variance']).toBe(v);
    expect([...v]).toEqual([...want.grad['variance']!]);
    expect([...x]).toEqual([...want.grad['input']!]);
    for (const variance of [
      new Float32Array(4).fill(1),
      new Float32Array(0),
      { data: new Float32Array(3).fill(1), dims: [1, 3] },
    ]) {
      const call = () => loss(inputs()[0], t, variance, { shape: [2, 3] });
      expect(call).toThrow(RangeError);
      expect(call).toThrow(/gaussianNllLoss: .*variance/);
    }
  });
});
