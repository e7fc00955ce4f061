/** Defects that a review found, each with the smallest call that showed it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  crossEntropy,
  distillationLoss,
  gaussianNllLoss,
  infoNceLoss,
  jsDivergence,
  linearCrossEntropy,
  logSumExp,
  mseLoss,
  multiMarginLoss,
  poissonNllLoss,
  poly1Loss,
  quantileLoss,
  smoothL1Loss,
  softmaxFocalLoss,
  tripletMarginLoss,
  useBackend,
} from '../src/index.js';
import { BACKENDS } from './support/library.js';

afterEach(() => useBackend('auto'));

describe.each(BACKENDS)('%s', (name) => {
  test('softcap leaves the gradient of an ignored row 0 where its logits are NaN', () => {
    useBackend(name);
    for (const classes of [3, 70]) {
      const logits = new Float32Array(2 * classes).fill(1);
      logits[0] = NaN;
      const { grad } = crossEntropy.valueAndGrad(logits, Int32Array.of(-100, 0), { softcap: 30 });
      expect([...grad.subarray(0, classes)]).toEqual(new Array(classes).fill(0));
    }
  });

  test('pointwise weights a class may be 16-bit floats', () => {
    useBackend(name);
    const weight = { data: Uint16Array.of(0x3c00, 0x4000), type: 'float16', dims: [2] };
    const { grad } = mseLoss.valueAndGrad(new Float32Array(40).fill(1), new Float32Array(40), {
      weight,
      reduction: 'sum',
    });
    expect([...grad.subarray(0, 4)]).toEqual([2, 4, 2, 4]);
  });

  test('grad and out may not overlap the mask', () => {
    useBackend(name);
    const grad = new Float32Array(8);
    const mask = new Uint8Array(grad.buffer, 0, 2).fill(1);
    expect(() => crossEntropy.valueAndGrad(new Float32Array(8), [0, 1], { mask, grad })).toThrow(RangeError);
    const out = new Float32Array(grad.buffer, 0, 2);
    expect(() => crossEntropy(new Float32Array(8), [0, 1], { mask, out, reduction: 'none' })).toThrow(
      RangeError,
    );
  });

  test('weight 0 on an infinite loss gives gradient 0', () => {
    useBackend(name);
    const options = { weight: [0, 1], reduction: 'sum' } as const;
    const focal = softmaxFocalLoss.valueAndGrad(Float32Array.of(-Infinity, 1), [0], { ...options, gamma: 0 });
    expect([focal.value, ...focal.grad].map(Math.abs)).toEqual([0, 0, 0]);
    const margin = multiMarginLoss.valueAndGrad(Float32Array.of(1, Infinity), [0], { ...options, p: 2 });
    expect(margin.value).toBe(0);
    expect([...margin.grad].map(Math.abs)).toEqual([0, 0]);
  });

  test('options beyond the range of float32 give limits, not NaN', () => {
    useBackend(name);
    const logits = Float32Array.of(1, 2, 3);
    expect(crossEntropy(logits, [2], { temperature: 1e-39 })).toBe(0);
    expect(crossEntropy(logits, [2], { softcap: 1e39 })).toBeCloseTo(crossEntropy(logits, [2]), 6);
    expect(smoothL1Loss(Float32Array.of(1, 2), Float32Array.of(1, 3), { beta: 1e-46 })).toBeCloseTo(0.5, 6);
  });

  test('a NaN score of the only class is NaN', () => {
    useBackend(name);
    const { value, grad } = multiMarginLoss.valueAndGrad(Float32Array.of(NaN), [0]);
    expect([value, grad[0]]).toEqual([NaN, NaN]);
  });

  test('1 − quantile is that of the number given, not of its float32', () => {
    useBackend(name);
    const { value, grad } = quantileLoss.valueAndGrad(Float32Array.of(5), Float32Array.of(1), {
      quantile: 1 - 1e-8,
    });
    expect(value / 4e-8).toBeCloseTo(1, 6);
    expect(grad[0]! / 1e-8).toBeCloseTo(1, 6);
  });

  test('a p-norm of huge p is the largest component', () => {
    useBackend(name);
    const rows = [
      [1, 2, 3],
      [2, 3, 7],
      [1, 4, 5],
    ] as const;
    const [a, p, n] = rows.map((row) => Float64Array.from(row)) as [Float64Array, Float64Array, Float64Array];
    expect(tripletMarginLoss(a, p, n, { dim: 3, p: 1e300 })).toBe(3);
    const [a32, p32, n32] = rows.map((row) => Float32Array.from(row)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    expect(tripletMarginLoss(a32, p32, n32, { dim: 3, p: 1e12 })).toBeCloseTo(3, 6);
  });

  test('a count of 0 at a rate of 0 has slope 1', () => {
    useBackend(name);
    const zero = new Float32Array(1);
    const { value, grad } = poissonNllLoss.valueAndGrad(zero, zero, { logInput: false, eps: 0 });
    expect([value, grad[0]]).toEqual([0, 1]);
  });

  test('poly-1 with a negative epsilon keeps its digits in a confident row', () => {
    useBackend(name);
    for (const score of [1, 7, 9]) {
      const q = 1 / (1 + Math.exp(score));
      const want = Math.log1p(Math.exp(-score)) - q;
      const { value, grad } = poly1Loss.valueAndGrad(Float32Array.of(score, 0), [0], { epsilon: -1 });
      // The reference cancels, too: to 1e-16 of its terms.
      expect(Math.abs(value - want)).toBeLessThan(5e-7 * want + 1e-16);
      expect(Math.abs(grad[0]! + q * q)).toBeLessThan(5e-7 * q * q);
    }
  });

  test('the Poisson gradient keeps its digits at the optimum of a rate near 1', () => {
    useBackend(name);
    const x = Float32Array.of(-4e-4, 3e-3, 0.4, -0.6);
    const counts = Float32Array.of(1, 1, 1.5, 0.5);
    for (const full of [false, true]) {
      const { grad } = poissonNllLoss.valueAndGrad(x, counts, { full, reduction: 'sum' });
      for (const [i, g] of grad.entries()) {
        const want = Math.expm1(x[i]!) - (counts[i]! - 1);
        expect(Math.abs(g - want)).toBeLessThan(5e-7 * Math.abs(want) + 6e-8 * Math.abs(x[i]! * counts[i]!));
      }
    }
  });

  test('plain calls ignore gradOutput', () => {
    useBackend(name);
    const [x, t] = [Float32Array.of(1, 2), Float32Array.of(2, 4)];
    expect(mseLoss(x, t, { gradOutput: [1, 2, 3] })).toBe(2.5);
    expect([...logSumExp(x, { gradOutput: [1, 2, 3] })]).toHaveLength(1);
    expect(() => mseLoss.valueAndGrad(x, t, { gradOutput: [1, 2, 3] })).toThrow(TypeError);
  });

  test('an empty batch may have its variance a row', () => {
    useBackend(name);
    const none = new Float32Array(0);
    for (const dims of [[0], [0, 1]]) {
      const empty = { data: none, dims: [0, 3] };
      const { value, grad } = gaussianNllLoss.valueAndGrad(empty, empty, { data: none, dims });
      expect(value).toBeNaN();
      expect(grad.variance).toHaveLength(0);
    }
  });
});

describe.each(BACKENDS)('%s, linear and divergences', (name) => {
  beforeEach(() => useBackend(name));

  test('16-bit hidden states of more rows than the head has classes', () => {
    const half = (n: number, dims: number[], bits: number) => ({
      data: new Uint16Array(n).fill(bits),
      type: 'bfloat16',
      dims,
    });
    const [hidden, head, bias] = [half(512, [64, 8], 0x3f80), half(32, [4, 8], 0x3f80), half(4, [4], 0)];
    const { grad } = linearCrossEntropy.valueAndGrad(hidden, head, new Int32Array(64), { bias });
    expect([...grad.bias]).toEqual([-0.75, 0.25, 0.25, 0.25]);
    const wide = linearCrossEntropy(
      half(256 * 4096, [256, 4096], 0x3c00),
      half(20 * 4096, [20, 4096], 0x3c00),
      new Int32Array(256),
    );
    expect(wide).toBeCloseTo(Math.log(20), 5);
  });

  test('divergences of rows that are close keep their digits, and are not negative', () => {
    for (const e of [1e-2, 1e-3, 1e-4]) {
      const x = Float32Array.from({ length: 50 }, (_, i) => Math.sin(i) * 3);
      const q = x.map((v, i) => v + Math.cos(7 * i) * e);
      for (const options of [{}, { direction: 'reverse' }] as const) {
        const got = distillationLoss(x, q, options);
        const want = distillationLoss(Float64Array.from(x), Float64Array.from(q), options);
        expect(Math.abs(got / want - 1)).toBeLessThan(2e-3);
        expect(got).toBeGreaterThan(0);
      }
      const same = Float32Array.from(x);
      expect(distillationLoss(x, same)).toBe(0);
      expect(jsDivergence(x, same, { beta: 0.3 })).toBe(0);
    }
  });

  test('jsDivergence near the ends of beta', () => {
    const cases: [number[], number[], number, number][] = [
      [[60, 0], [0, 60], 1 - 2e-8, 3.7455067e-7],
      [[200, 0], [0, 200], 2e-8, 3.7455067e-7],
      [[1, -Infinity, 0], [1, 2, 0], 1e-9, 1.4084864e-8],
      [[1, 2, 0], [1, -Infinity, 0], 1 - 1e-9, 1.4084864e-8],
      [[0.5, -1, 2, 0.25], [2, 0.5, -1, 0.75], 1e-6, 1.09756771e-6],
    ];
    for (const [x, q, beta, want] of cases)
      for (const Kind of [Float32Array, Float64Array]) {
        const { value, grad } = jsDivergence.valueAndGrad(Kind.from(x), Kind.from(q), { beta });
        expect(Math.abs(value / want - 1), `${beta}`).toBeLessThan(1e-6);
        expect([...grad].every(Number.isFinite)).toBe(true);
      }
  });

  test('nothing to add to: a given gradient of the head is 0; gradOutput 0 gives 0 beside a NaN', () => {
    const head = { data: Float32Array.of(1, 2, 3, 4), dims: [2, 2] };
    const hidden = { data: new Float32Array(0), dims: [0, 2] };
    const into = Float32Array.of(9, 9, 9, 9);
    linearCrossEntropy.valueAndGrad(hidden, head, [], { reduction: 'sum', grad: { head: into } });
    expect([...into]).toEqual([0, 0, 0, 0]);
    const { grad } = infoNceLoss.valueAndGrad(Float32Array.of(3, 4), Float32Array.of(NaN, 0), {
      dim: 2,
      gradOutput: 0,
    });
    expect([...grad.query, ...grad.positive]).toEqual([0, 0, 0, 0]);
  });
});
