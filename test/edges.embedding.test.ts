/** The edge cases of losses of whole vectors: kinks in every lane, zero, huge and nearly parallel vectors, norms of every power. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry } from './cases.js';
import { judge, type Precision } from './support/judge.js';
import { asArray, force, gradsOf, platforms, PRECISIONS, several, type Real } from './support/library.js';
import type { ReferenceOptions } from './reference/index.js';
import { fill, random } from './support/random.js';
import {
  answer,
  argumentsOf,
  places,
  realArray,
  sample,
  sensitivity,
  type Sample,
} from './support/sample.js';
import { verify } from './support/verify.js';

const INF = Infinity;
const [cosine, triplet] = [several('cosineEmbeddingLoss'), several('tripletMarginLoss')];
/** One vector and its tail, and around a block. */
const DIMS = [2, 3, 4, 5, 6, 7, 8, 9, 1023, 1024, 1025];
const placesOf = (dim: number) => [0, 1, 2, 3, 4, 5, 6, 7, 8, dim - 1].filter((i) => i < dim);

/** Vectors as given, one a row. */
const vectors = (
  name: string,
  precision: Precision,
  rows: number,
  inputs: Float64Array[],
  options: ReferenceOptions = {},
): Sample => {
  const dim = inputs[0]!.length / rows;
  return { entry: entry(name), precision, shape: [rows, dim], axis: -1, inputs, options };
};

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Real = realArray(precision);
  const plain = (grad: Record<string, Real>) =>
    Object.fromEntries(Object.entries(grad).map(([name, g]) => [name, [...g].map((v) => v + 0)]));

  describe('kinks: gradient 0 in every lane', () => {
    /** Vectors of 0 but for one place. */
    const unit = (dim: number, at: number, value: number) => {
      const made = new Real(dim);
      made[at] = value;
      return made;
    };
    /** The row under test between two rows with a loss. */
    const between = (before: Real, row: Real) => Real.from([...before, ...row, ...before]);
    const check = (got: { value: unknown; grad: Record<string, Real> }, dim: number, where: string) => {
      const values = [...(got.value as Real)];
      expect(values[1]! + 0, where).toBe(0);
      expect(Math.min(values[0]!, values[2]!), where).toBeGreaterThan(0);
      for (const grad of Object.values(got.grad)) {
        expect(
          grad.subarray(dim, 2 * dim).every((g) => g === 0),
          where,
        ).toBe(true);
        expect(
          grad.subarray(2 * dim).some((g) => g !== 0),
          where,
        ).toBe(true);
      }
    };

    test('cosineEmbeddingLoss: orthogonal vectors at margin 0', () => {
      for (const dim of DIMS)
        for (const at of placesOf(dim)) {
          const other = (at + 1) % dim;
          const [x, y] = [unit(dim, at, 1.5), unit(dim, other, -2)];
          const aslant = new Real(dim).fill(1);
          aslant[other] = 3;
          const given = [between(aslant, x), between(new Real(dim).fill(1), y), Real.of(-1, -1, -1)];
          check(cosine.valueAndGrad(...given, { dim, reduction: 'none' }), dim, `${at} of ${dim}`);
        }
    });

    test('tripletMarginLoss: exactly at the margin, of every norm, with and without swap', () => {
      for (const dim of DIMS)
        for (const at of placesOf(dim))
          for (const [p, swap] of [
            [2, false],
            [1, false],
            [2, true],
            [1, true],
            [3, false],
          ] as const) {
            const far = (at + 3) % dim;
            // |a − p| = 1, |a − n| = 2, and |p − n| is no less.
            const zero = new Real(dim);
            const [positive, negative] = [unit(dim, at, 1), unit(dim, far, far === at ? -2 : 2)];
            const given = [
              between(unit(dim, at, 0.5), zero),
              between(unit(dim, at, 4), positive),
              between(unit(dim, far, -1), negative),
            ];
            const options = { dim, reduction: 'none', eps: 0, p, swap };
            check(triplet.valueAndGrad(...given, options), dim, `${at} of ${dim}, p ${p}, swap ${swap}`);
          }
    });
  });

  describe('cosineEmbeddingLoss', () => {
    const run = (x: number[], y: number[], target: number[], margin = 0) =>
      cosine.valueAndGrad(Real.from(x), Real.from(y), Real.from(target), { margin, reduction: 'none' });

    // 1 − cos of the rounded cosine would have no digit left: it is as far off as the rounding of the vectors makes it.
    test('nearly parallel vectors: 1 − cos is not taken from a rounded cosine', () => {
      for (const dim of [2, 3, 5, 64, 384, 1031])
        for (const apart of [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]) {
          const r = random(dim);
          const round = precision === 'float32' ? Math.fround : (v: number) => v;
          const x = fill(dim, () => round(r.normal()));
          const y = x.map((v) => round(v * (1 + apart * r.normal())));
          const s = vectors('cosineEmbeddingLoss', precision, 1, [x, y, Float64Array.of(1)]);
          const want = answer(s);
          const sens = sensitivity(s, {}, want);
          const { inputs, options } = argumentsOf(s);
          const got = cosine.valueAndGrad(...inputs, options);
          const where = `${dim}, ${apart}`;
          const check = (what: string, have: ArrayLike<number>, wanted: Float64Array, sens: number) => {
            const verdict = judge(have, wanted, { precision, absolute: 8 * sens });
            expect(verdict.worst, `${where}: ${what}${verdict.at}`).toBeLessThanOrEqual(1);
          };
          check('value', asArray(got.value), want.values, sens.value);
          gradsOf(got.grad).forEach((grad, k) => check(`grad ${k}`, grad, want.grads[k]!, sens.grads[k]!));
          expect(sens.value, where).toBeLessThan(0.2 * want.values[0]!);
        }
    });

    test('the same vector, and its opposite', () => {
      for (const dim of [1, 2, 5, 67]) {
        const x = Array.from({ length: dim }, (_, i) => (i % 5) + 1);
        const minus = x.map((v) => -v);
        const tiny = precision === 'float32' ? 1e-6 : 1e-11;
        for (const [y, label, want] of [
          [x, 1, 0],
          [minus, 1, 2],
          [x, -1, 1],
          [minus, -1, 0],
        ] as const) {
          const { value, grad } = run(x, [...y], [label]);
          expect(Math.abs(asArray(value)[0]! - want)).toBeLessThan(tiny);
          for (const g of Object.values(grad)) for (const v of g) expect(Math.abs(v)).toBeLessThan(tiny);
        }
      }
    });

    test('a zero vector has cosine 0', () => {
      const { value } = run([0, 0, 0, 0], [1, 2, 1, 2], [1, -1]);
      expect([...(value as Real)].map((v) => v + 0)).toEqual([1, 0]);
      expect([...(run([0, 0], [0, 0], [1]).value as Real)]).toEqual([1]);
    });

    test('huge vectors do not overflow, tiny ones are as PyTorch has them', () => {
      const huge = precision === 'float32' ? 1e30 : 1e200;
      const [one] = run([3, 4, 0], [4, 3, 1], [1]).value as Real;
      const [scaled] = run([3 * huge, 4 * huge, 0], [4 * huge, 3 * huge, huge], [1]).value as Real;
      expect(Math.abs(scaled! - one!)).toBeLessThan(1e-6);
      const { grad } = run([3 * huge, 4 * huge, 0], [4, 3, 1], [1]);
      for (const g of Object.values(grad)) expect(g.every(Number.isFinite)).toBe(true);
      // Squares below 1e-12 count for less than what is added to them.
      const [tiny] = run([1e-8, 0], [1, 0], [1]).value as Real;
      expect(tiny).toBeCloseTo(1 - 1e-8 / Math.sqrt(1e-16 + 1e-12), 5);
    });

    test('one row: [D] against one label', () => {
      const tensor = (data: Real, dims: number[]) => ({ data, dims });
      const [x, y] = [Real.of(1, 2, 3), Real.of(3, 2, 2)];
      const want = run([1, 2, 3], [3, 2, 2], [1]);
      for (const label of [Real.of(1), tensor(Real.of(1), [1]), tensor(Real.of(1), [])]) {
        const got = cosine.valueAndGrad(tensor(x, [3]), tensor(y, [3]), label, { reduction: 'none' });
        expect(got.value).toEqual(want.value);
        expect(got.grad).toEqual(want.grad);
      }
    });
  });

  describe('tripletMarginLoss', () => {
    const run = (rows: number[][], options = {}) => {
      const given = rows.map((row) => Real.from(row));
      const { value, grad } = triplet.valueAndGrad(...given, { dim: rows[0]!.length, eps: 0, ...options });
      return { value, grad: plain(grad) };
    };

    test('a distance of 0 has gradient 0; eps, added to every component, moves it from there', () => {
      const x = [1, 2, 3];
      for (const p of [1, 1.5, 2, 3])
        expect(run([x, x, x], { p })).toEqual({
          value: 1,
          grad: { anchor: [0, 0, 0], positive: [0, 0, 0], negative: [0, 0, 0] },
        });
      const far = [1, 2, 3.5];
      const moved = run([x, x, far], { eps: 0.25 });
      const [near, away] = [Math.sqrt(3) / 4, Math.hypot(0.25, 0.25, 0.25)];
      expect(moved.value).toBeCloseTo(1 + near - away, 6);
      moved.grad['positive']!.forEach((g) => expect(g).toBeCloseTo(-1 / Math.sqrt(3), 6));
      [1, 1, -1].forEach((sign, i) => expect(moved.grad['negative']![i]).toBeCloseTo(sign / Math.sqrt(3), 6));
    });

    test('swap takes the smaller distance; of two equal ones half each, as PyTorch', () => {
      const [a, p, n] = [
        [-1, 0],
        [1, 0],
        [1, 2],
      ];
      const plain = run([a!, p!, n!]);
      const swapped = run([a!, p!, n!], { swap: true });
      expect(plain.value).toBeCloseTo(3 - Math.sqrt(8), 6);
      expect(swapped).toEqual({
        value: 1,
        grad: { anchor: [-1, 0], positive: [1, 1], negative: [0, -1] },
      });
      // The negative nearer to the anchor: nothing to swap.
      const other = [-1, 2];
      expect(run([a!, p!, other], { swap: true })).toEqual(run([a!, p!, other]));
      const even = run([a!, p!, [0, 1]], { swap: true });
      const half = Math.SQRT1_2 / 2;
      const want = { anchor: [-1 + half, half], positive: [1 - half, half], negative: [0, -2 * half] };
      for (const [name, wanted] of Object.entries(want))
        wanted.forEach((g, i) => expect(even.grad[name]![i], `${name}[${i}]`).toBeCloseTo(g, 6));
    });

    test('flat arrays need dim', () => {
      const x = Real.of(1, 2, 3, 4);
      expect(() => triplet(x, x, x)).toThrow(RangeError);
      expect(() => triplet(x, x, x)).toThrow(/tripletMarginLoss.*dim/);
      expect(triplet({ data: x, dims: [4] }, x, x, { reduction: 'none' })).toHaveLength(1);
      expect(triplet(x, x, x, { dim: 2, reduction: 'none' })).toHaveLength(2);
      expect(triplet(x, x, x, { shape: [1, 2, 2], reduction: 'none' })).toHaveLength(2);
    });

    test('large components, large powers: no overflow', () => {
      const huge = precision === 'float32' ? 1e30 : 1e200;
      for (const p of [2, 3, 50]) {
        const got = run(
          [
            [0, 0],
            [3 * huge, 4 * huge],
            [huge, 0],
          ],
          { p },
        );
        expect(got.value).toBeGreaterThan(2 * huge);
        expect(got.value).toBeLessThan(7 * huge);
        for (const g of Object.values(got.grad)) expect(g.every(Number.isFinite)).toBe(true);
      }
    });
  });

  test.each(cases.filter(({ family }) => family === 'embedding').map((each) => [each.name, each] as const))(
    '%s: NaN in any vector is NaN in its row, and in the total',
    (name, each) => {
      for (const dim of [1, 3, 70, 1030]) {
        const s = sample({ entry: each, config: 'none', size: { rows: 4, classes: dim }, precision });
        if (name === 'cosineEmbeddingLoss') s.inputs[2] = Float64Array.of(1, -1, -1, 1);
        const { inputs, options } = argumentsOf(s);
        for (const input of places(each, inputs))
          for (const row of [1, 3]) {
            const at = row * dim + (dim >> 1);
            const keep = input[at]!;
            input[at] = NaN;
            const got = several(name).valueAndGrad(...inputs, { ...options, reduction: 'none' });
            expect(several(name)(...inputs, options)).toBeNaN();
            input[at] = keep;
            for (let r = 0; r < 4; r++) {
              expect(Number.isNaN(asArray(got.value)[r])).toBe(r === row);
              for (const grad of Object.values(got.grad)) {
                const own = grad.subarray(r * dim, (r + 1) * dim);
                expect(r === row ? own.every(Number.isNaN) : own.every(Number.isFinite)).toBe(true);
              }
            }
          }
      }
    },
  );

  test('infinite distances: the negative one is as far as can be, the positive one is +inf', () => {
    const zero = Real.of(0, 0);
    const far = Real.of(INF, 0);
    expect(triplet(zero, zero, far, { dim: 2 })).toBe(0);
    expect(triplet(zero, far, zero, { dim: 2 })).toBe(INF);
  });
});

describe.each(PRECISIONS)('%s: against the reference', (precision) => {
  const round = precision === 'float32' ? Math.fround : (v: number) => v;
  const made = (rows: number, dim: number, seed: number) => {
    const r = random(seed);
    return fill(rows * dim, () => round(r.normal()));
  };

  test.each([1, 1.25, 1.5, 2, 2.5, 3, 4, 7.5, 50])('tripletMarginLoss: p %d', (p) => {
    if (p > 10 && precision === 'float64') return; // a power of 49 makes more of the last bit than the bound has
    for (const dim of [1, 2, 3, 4, 5, 7, 9, 16, 33, 384, 1025])
      for (const swap of [false, true]) {
        // Far from the margin and from a tie of the distances, where float32 may fall to the other side.
        const [anchor, positive, noise] = [made(4, dim, 1), made(4, dim, 2), made(4, dim, 3)];
        const negative = noise.map((v, i) => round(0.5 * v + 0.75 * anchor[i]! + 0.25 * positive[i]!));
        const margin = 8 * dim ** (1 / p);
        const inputs = [anchor, positive, negative];
        verify(vectors('tripletMarginLoss', precision, 4, inputs, { p, swap, margin }), {
          options: { reduction: 'none' },
          where: `p ${p}`,
        });
      }
  });

  test('cosineEmbeddingLoss: vectors of very different lengths, zero ones among them', () => {
    for (const dim of [2, 3, 8, 67, 1025]) {
      const [x, y] = [made(6, dim, 4), made(6, dim, 5)];
      [1, 1e-3, 1e6, 1e-6, 0, 1e4].forEach((scale, r) => {
        for (let i = r * dim; i < (r + 1) * dim; i++) x[i] = round(x[i]! * scale);
      });
      const label = Float64Array.of(1, 1, 1, 1, 1, 1);
      verify(vectors('cosineEmbeddingLoss', precision, 6, [x, y, label]), { options: { reduction: 'none' } });
    }
  });
});
