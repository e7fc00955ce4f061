/** The helpers beside the losses: softmax, sigmoid, classWeights, against plain float64 formulas. */
import { beforeEach, describe, expect, test } from 'vitest';
import { classWeights, sigmoid, softmax } from '../src/index.js';
import { logistic, sum } from './reference/sums.js';
import { judge } from './support/judge.js';
import { force, platforms } from './support/library.js';
import { random } from './support/random.js';
import { realArray } from './support/sample.js';

const INF = Infinity;

/** Softmax over the middle of [outer, classes, inner], in float64. */
function expected(x: ArrayLike<number>, outer: number, classes: number, inner: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (c: number) => (o * classes + c) * inner + i;
      const row = Array.from({ length: classes }, (_, c) => x[at(c)]!);
      const max = Math.max(...row);
      const e = row.map((v) => Math.exp(v - max));
      const total = sum(e);
      e.forEach((v, c) => (out[at(c)] = v / total));
    }
  }
  return out;
}

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Real = realArray(precision);
  const within = (got: ArrayLike<number>, want: Float64Array, moved: Float64Array) => {
    const sens =
      precision === 'float32' ? want.reduce((most, v, i) => Math.max(most, Math.abs(v - moved[i]!)), 0) : 0;
    const verdict = judge(got, want, { precision, sens });
    expect(verdict.worst, verdict.at).toBeLessThanOrEqual(1);
  };
  const nudged = (x: ArrayLike<number>) => Float64Array.from(x, (v) => v * (1 + 2 ** -24));

  test('softmax: rows, axes and tensors', () => {
    const r = random(9);
    for (const [outer, classes, inner] of [
      [1, 1, 1],
      [1, 7, 1],
      [3, 5, 1],
      [9, 66, 1],
      [2, 1030, 1],
      [2, 3, 4],
      [2, 70, 9],
      [1, 20_011, 3],
      [2, 40_003, 1],
    ] as const) {
      const x = Real.from({ length: outer * classes * inner }, () => 3 * r.normal());
      const want = expected(x, outer, classes, inner);
      const moved = expected(nudged(x), outer, classes, inner);
      const shape = inner === 1 ? [outer, classes] : [outer, classes, inner];
      const axis = inner === 1 ? -1 : 1;
      const flat = softmax(x, { shape, axis });
      expect(flat).toBeInstanceOf(Real);
      within(flat, want, moved);
      expect(softmax({ data: x, dims: shape }, { axis })).toEqual(flat);
      expect(softmax({ data: x, shape }, { axis })).toEqual(flat);
      if (inner === 1) expect(softmax(x, { classes })).toEqual(flat);
      if (inner === 1 && outer === 1) expect(softmax(x), 'without classes: one row').toEqual(flat);
    }
  });

  test('softmax: -inf has probability 0; NaN, +inf and a row of -inf give NaN in their row alone', () => {
    const x = Real.from([0, -INF, 0, NaN, 0, 0, INF, 0, 0, -INF, -INF, -INF, 1, 1, 1]);
    const got = [...softmax(x, { classes: 3 })];
    expect(got.slice(0, 3)).toEqual([0.5, 0, 0.5]);
    expect(got.slice(3, 12).every(Number.isNaN)).toBe(true);
    got.slice(12).forEach((p) => expect(p).toBeCloseTo(1 / 3, 6));
    expect([...softmax(Real.from([1e4, 0, -1e4]))]).toEqual([1, 0, 0]);
  });

  test('sigmoid', () => {
    const r = random(10);
    for (const n of [0, 1, 3, 4, 5, 1031, 40_003]) {
      const x = Real.from({ length: n }, () => 8 * r.normal());
      const got = sigmoid(x);
      expect(got).toBeInstanceOf(Real);
      within(got, Float64Array.from(x, logistic), Float64Array.from(nudged(x), logistic));
    }
    const edges = [...sigmoid(Real.from([-INF, INF, NaN, 0, 1e30, -1e30]))].map((p) => p + 0);
    expect(edges).toEqual([0, 1, NaN, 0.5, 1, 0]);
    const small = sigmoid(Real.from([-80]))[0]!;
    expect(Math.abs(small - Math.exp(-80)) / Math.exp(-80)).toBeLessThan(1e-5);
  });

  test('inputs are not written to', () => {
    const x = Real.from([1, 2, 3]);
    softmax(x);
    sigmoid(x);
    expect([...x]).toEqual([1, 2, 3]);
  });
});

test('number[] is read as float64, 16-bit tensors as float32', () => {
  expect(softmax([1, 2, 3])).toBeInstanceOf(Float64Array);
  expect(sigmoid([1, 2, 3])).toBeInstanceOf(Float64Array);
  const half = { data: Uint16Array.of(0x3c00, 0x4000), type: 'float16' as const, dims: [2] };
  expect([...softmax(half)]).toEqual([...softmax(Float32Array.of(1, 2))]);
  expect([...sigmoid(half)]).toEqual([...sigmoid(Float32Array.of(1, 2))]);
});

test('classWeights: N / (C · count), 0 for absent classes', () => {
  const targets = [0, 0, 0, 2, 2, 3, 0, 0];
  const want = [8 / (5 * 5), 0, 8 / (5 * 2), 8 / (5 * 1), 0].map(Math.fround);
  for (const given of [
    targets,
    Int32Array.from(targets),
    Uint8Array.from(targets),
    BigInt64Array.from(targets, BigInt),
  ]) {
    const got = classWeights(given, { classes: 5 });
    expect(got).toBeInstanceOf(Float32Array);
    expect([...got]).toEqual(want);
  }
  const tensor = { data: BigInt64Array.from(targets, BigInt), dims: [2, 4] };
  expect([...classWeights(tensor, { classes: 5 })]).toEqual(want);
});

test('helpers refuse what they cannot read, by name', () => {
  expect(() => classWeights([0, 5], { classes: 5 })).toThrow(RangeError);
  expect(() => classWeights([0, 5], { classes: 5 })).toThrow(/classWeights: .*targets\[1\].*5.*\[0, 5\)/);
  expect(() => classWeights([0, -1], { classes: 5 })).toThrow(/classWeights/);
  expect(() => classWeights([0, 0.5], { classes: 5 })).toThrow(/classWeights.*integer/);
  expect(() => softmax(null as never)).toThrow(/softmax/);
  expect(() => softmax(new Float32Array(7), { classes: 3 })).toThrow(RangeError);
  expect(() => softmax(new Float32Array(6), { axis: 4, shape: [2, 3] })).toThrow(/softmax.*axis/);
  expect(() => sigmoid('x' as never)).toThrow(TypeError);
  expect(() => sigmoid(new Int32Array(3) as never)).toThrow(/sigmoid/);
});
