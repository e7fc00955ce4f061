/** sequenceLogProbs: sums and averages of what counts, gradients, every form of mask and lengths, and what it refuses. */
import { beforeEach, describe, expect, test } from 'vitest';
import { sequenceLogProbs, type SequenceLogProbsOptions } from '../src/index.js';
import { sum } from './reference/sums.js';
import { caught } from './support/bad.js';
import { randomBits, widen, type Half } from './support/halves.js';
import { differs, judge } from './support/judge.js';
import { BACKENDS, force, platforms } from './support/library.js';
import { random } from './support/random.js';
import { same } from './support/same.js';
import { realArray } from './support/sample.js';

const tensor = <A>(data: A, dims: number[], more: object = {}) => ({ data, dims, ...more });

/** Straight from the definition. */
function expected(
  x: ArrayLike<number>,
  counts: ArrayLike<number>,
  tokens: number,
  average: boolean,
  go: number[],
) {
  const grad = new Float64Array(x.length);
  const value = go.map((g, b) => {
    const places = Array.from({ length: tokens }, (_, t) => b * tokens + t).filter((at) => counts[at] !== 0);
    for (const at of places) grad[at] = average ? g / places.length : g;
    return sum(places.map((at) => x[at]!)) / (average ? places.length : 1);
  });
  return { value, grad };
}

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  test('masks and lengths, sums and averages, against the definition', () => {
    const r = random(1);
    for (const [B, T] of [
      [1, 1],
      [3, 7],
      [5, 64],
      [2, 3000],
    ] as const)
      for (const average of [false, true])
        for (const by of ['all', 'mask', 'lengths']) {
          const x = Kind.from({ length: B * T }, () => -r.between(0, 12));
          const lengths = Int32Array.from({ length: B }, (_, b) => (b === 1 ? 0 : r.integer(0, T)));
          const counts = x.map((_, i) =>
            by === 'all' ? 1 : by === 'mask' ? r.integer(0, 1) : Number(i % T < lengths[Math.floor(i / T)]!),
          );
          const gradOutput = Array.from({ length: B }, () => r.normal());
          const options: SequenceLogProbsOptions = {
            shape: [B, T],
            average,
            ...(by === 'mask' && { mask: Uint8Array.from(counts) }),
            ...(by === 'lengths' && { lengths }),
          };
          const want = expected(x, counts, T, average, gradOutput);
          const got = sequenceLogProbs.valueAndGrad(x, { ...options, gradOutput });
          const where = `${B} x ${T}, ${by}, ${average}`;
          expect(got.value).toBeInstanceOf(Kind);
          expect(got.grad).toBeInstanceOf(Kind);
          const [value, grad] = [got.value, got.grad].map((array, k) =>
            judge(array, k ? want.grad : want.value, { precision }),
          );
          if (value!.worst > 1) expect.fail(`${where}: value${value!.at}`);
          if (grad!.worst > 1) expect.fail(`${where}: grad${grad!.at}`);
          expect(got.divisor).toBe(sum(counts));
          expect(differs(sequenceLogProbs(x, options), got.value)).toBe(-1);
          // A number upstream is the same number for each.
          const all = sequenceLogProbs.valueAndGrad(x, { ...options, gradOutput: 0.5 });
          same(
            all,
            sequenceLogProbs.valueAndGrad(x, { ...options, gradOutput: new Kind(B).fill(0.5) }),
            where,
          );
          // Given arrays, in place, bound.
          const [out, place] = [new Kind(B).fill(7), x.slice()];
          const given = sequenceLogProbs.with(options).valueAndGrad(place, { gradOutput, out, grad: place });
          expect(given.value).toBe(out);
          expect(given.grad).toBe(place);
          same(given, got, where);
        }
  });

  test('sums are in float64: many small ones after a large one', () => {
    const x = new Kind(1 << 16).fill(-(2 ** -12));
    x[0] = -4096;
    expect(sequenceLogProbs(x)[0]).toBe(new Kind([-4096 - ((1 << 16) - 1) * 2 ** -12])[0]);
  });

  test('what does not count is not read; what counts is, be it NaN or −inf', () => {
    const x = Kind.of(NaN, -1, -2, -3, NaN, -4);
    const mask = [0, 1, 1, 1, 0, 1];
    expect([...sequenceLogProbs(x, { shape: [2, 3], mask })]).toEqual([-3, -7]);
    expect([...sequenceLogProbs(x, { shape: [2, 3], lengths: [0, 1] })]).toEqual([0, -3]);
    const open = sequenceLogProbs.valueAndGrad(x, { shape: [2, 3] });
    expect([...open.value]).toEqual([NaN, NaN]);
    expect([...open.grad]).toEqual([1, 1, 1, 1, 1, 1]);
    const infinite = sequenceLogProbs.valueAndGrad(Kind.of(-1, -Infinity), { average: true });
    expect([...infinite.value]).toEqual([-Infinity]);
    expect([...infinite.grad]).toEqual([0.5, 0.5]);
  });

  test('nothing counts: 0, average NaN, gradient 0', () => {
    const x = Kind.of(-1, -2, -3, -4);
    for (const options of [
      { shape: [2, 2], mask: [0, 0, 1, 1] },
      { shape: [2, 2], lengths: [0, 2] },
    ]) {
      const total = sequenceLogProbs.valueAndGrad(x, options);
      expect([...total.value]).toEqual([0, -7]);
      expect([...total.grad]).toEqual([0, 0, 1, 1]);
      const mean = sequenceLogProbs.valueAndGrad(x, { ...options, average: true });
      expect([...mean.value]).toEqual([NaN, -3.5]);
      expect([...mean.grad]).toEqual([0, 0, 0.5, 0.5]);
    }
    // Sequences of no tokens, no sequences, and one flat sequence of nothing.
    expect(sequenceLogProbs(new Kind(0), { shape: [3, 0] })).toEqual(new Kind(3));
    expect(sequenceLogProbs(new Kind(0), { shape: [3, 0], average: true })).toEqual(new Kind(3).fill(NaN));
    expect(sequenceLogProbs(new Kind(0), { shape: [0, 4] })).toEqual(new Kind(0));
    expect(sequenceLogProbs.valueAndGrad(new Kind(0))).toEqual({
      value: new Kind(1),
      grad: new Kind(0),
      divisor: 0,
    });
  });
});

describe.each(BACKENDS)('%s', (backend) => {
  beforeEach(() => force(backend));
  const x = Float32Array.of(-1, -2, -3, -4, -5, -6);

  test('shapes: flat is one sequence, the last axis holds the tokens, a tensor brings its own', () => {
    expect([...sequenceLogProbs(x)]).toEqual([-21]);
    expect([...sequenceLogProbs(tensor(x, [6]))]).toEqual([-21]);
    expect([...sequenceLogProbs(tensor(x, [3, 2]))]).toEqual([-3, -7, -11]);
    expect([...sequenceLogProbs({ data: x, shape: [3, 1, 2] })]).toEqual([-3, -7, -11]);
    expect([...sequenceLogProbs(tensor(x, [3, 2]), { shape: [2, 3] })]).toEqual([-6, -15]);
    expect([...sequenceLogProbs(x, { lengths: [4] })]).toEqual([-10]);
  });

  test('every kind of mask and lengths', () => {
    const lists = (bits: number[]) => [
      bits,
      ...[Int8Array, Uint8Array, Int16Array, Int32Array, Uint32Array].map((A) => A.from(bits)),
      BigInt64Array.from(bits, BigInt),
      BigUint64Array.from(bits, BigInt),
      tensor(BigInt64Array.from(bits, BigInt), [bits.length], { type: 'int64' }),
      tensor(Uint8Array.from(bits), [bits.length], { type: 'bool' }),
    ];
    for (const mask of [...lists([1, 0, 1, 0, 0, 1]), [true, false, true, false, false, true]] as number[][])
      expect([...sequenceLogProbs(x, { shape: [2, 3], mask })]).toEqual([-4, -6]);
    for (const lengths of lists([3, 1]) as number[][])
      expect([...sequenceLogProbs(x, { shape: [2, 3], lengths })]).toEqual([-6, -4]);
    // Off again, where they were bound.
    const bound = sequenceLogProbs.with({ shape: [2, 3], mask: [1, 1, 1, 0, 0, 0] });
    expect([...bound(x, { mask: null, lengths: [1, 3] })]).toEqual([-1, -15]);
  });

  test('number[] and 16-bit floats', () => {
    const plain = sequenceLogProbs.valueAndGrad([...x], { shape: [2, 3] });
    expect(plain.value).toEqual(Float64Array.of(-6, -15));
    expect(plain.grad).toEqual(new Float64Array(6).fill(1));
    for (const type of ['float16', 'bfloat16'] as Half[]) {
      const bits = randomBits(random(5), 60, type, -6, 3);
      const half = sequenceLogProbs.valueAndGrad(tensor(bits, [4, 15], { type }), { average: true });
      const wide = Float32Array.from(bits, (b) => widen(b, type));
      expect(half.value).toBeInstanceOf(Float32Array);
      same(half, sequenceLogProbs.valueAndGrad(wide, { shape: [4, 15], average: true }), type);
    }
  });

  test('parameters', () => {
    expect(sequenceLogProbs.parameters.map(({ name, default: value }) => [name, value])).toEqual([
      ['mask', null],
      ['lengths', null],
      ['average', false],
    ]);
    expect(sequenceLogProbs.with({ average: true }).parameters).toBe(sequenceLogProbs.parameters);
  });

  test('refuses what does not fit, by name and position, and writes nothing', () => {
    const out = new Float32Array(2).fill(7);
    const grad = new Float32Array(6).fill(7);
    const zeros = new Float32Array(6);
    const remote = { dims: [6], location: 'gpu-buffer', data: null };
    const cases: [unknown, unknown, typeof RangeError, RegExp][] = [
      [null, {}, TypeError, /tokenLogProbs is null/],
      [new Int32Array(6), {}, TypeError, /tokenLogProbs is Int32Array/],
      [[[1, 2], [3]], {}, TypeError, /nested/],
      [remote, {}, TypeError, /await tokenLogProbs\.getData\(\)/],
      [new Uint16Array(6), {}, TypeError, /float16/],
      [x, { shape: [2, 4] }, RangeError, /shape \[2, 4\] is 8 elements, but tokenLogProbs has 6/],
      [x, { shape: [2, 1.5] }, RangeError, /shape/],
      [x.subarray(0, 1), { shape: [] }, RangeError, /shape \[\], expected \[T\]/],
      [x, { mask: [1, 1] }, RangeError, /mask has 2 elements, expected 6/],
      [x, { mask: 'all' }, TypeError, /mask is a string/],
      [x, { mask: remote }, TypeError, /await mask\.getData\(\)/],
      [x, { lengths: [1, 2, 3] }, RangeError, /lengths has 3 elements, expected 2, one a sequence/],
      [x, { lengths: [3, 4] }, RangeError, /lengths\[1\] is 4, expected an integer in \[0, 3\]/],
      [x, { lengths: [-1, 3] }, RangeError, /lengths\[0\] is -1/],
      [x, { lengths: [3, 0.5] }, RangeError, /lengths\[1\] is 0.5/],
      [x, { lengths: new Float32Array(2) }, TypeError, /lengths is Float32Array/],
      [x, { lengths: [1, 2], mask: [1, 1, 1, 1, 1, 1] }, TypeError, /mask and lengths/],
      [x, { average: 'yes' }, TypeError, /average/],
      [x, { reduction: 'mean' }, TypeError, /unknown option 'reduction'/],
      [x, { axis: 0 }, TypeError, /unknown option 'axis'/],
      [x, { gradOutput: [1, 2, 3] }, RangeError, /gradOutput has 3 elements, expected 2/],
      [x, { gradOutput: 'x' }, TypeError, /gradOutput/],
      [x, { out: new Float32Array(3) }, RangeError, /out has 3 elements, expected 2/],
      [x, { out: new Float64Array(2) }, TypeError, /out is Float64Array/],
      [x, { out: x.subarray(0, 2) }, RangeError, /out overlaps/],
      [x, { out: grad.subarray(4), grad }, RangeError, /out overlaps/],
      [x, { grad: new Float32Array(5) }, RangeError, /grad has 5 elements, expected 6/],
      [x, { mask: grad, grad }, RangeError, /grad overlaps/],
      [x, { lengths: new Int32Array(zeros.buffer, 0, 2), grad: zeros }, RangeError, /grad overlaps/],
      [x, { gradOutput: grad.subarray(0, 2), grad }, RangeError, /grad overlaps/],
      [x, 5, TypeError, /options/],
    ];
    for (const [input, options, error, says] of cases) {
      const given = typeof options === 'object' ? { shape: [2, 3], out, grad, ...options } : options;
      const thrown = caught(() => sequenceLogProbs.valueAndGrad(input as Float32Array, given as object));
      expect(String(thrown)).toMatch(says);
      expect(thrown, String(thrown)).toBeInstanceOf(error);
      expect((thrown as Error).message.startsWith('sequenceLogProbs: ')).toBe(true);
      expect([...out, ...grad].every((v) => v === 7)).toBe(true);
    }
    expect(() => sequenceLogProbs(x, { lengths: [3, 3] })).toThrow(
      'a flat array is one sequence without shape',
    );
    expect(() => sequenceLogProbs.with({ length: [1] } as object)).toThrow(TypeError);
    expect([...sequenceLogProbs(x)]).toEqual([-21]);
  });
});
