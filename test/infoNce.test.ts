/** infoNceLoss: every mode against its definition in float64, its gradients against central differences, its forms and refusals. */
import { beforeEach, describe, expect, test } from 'vitest';
import { infoNceLoss, type InfoNceLossOptions, type InfoNceMode } from '../src/index.js';
import { infoNce } from './reference/infoNce.js';
import { expectSlopes } from './support/differences.js';
import { differs, INFO_NCE_BOUNDS, judge } from './support/judge.js';
import { asArray, BACKENDS, force, platforms, type Real } from './support/library.js';
import { random } from './support/random.js';
import { realArray } from './support/sample.js';

const MODES: InfoNceMode[] = ['inbatch', 'symmetric', 'ntxent', 'unpaired', 'paired'];
const wants = (mode: InfoNceMode) => mode === 'unpaired' || mode === 'paired';

interface Made {
  query: Real;
  positive: Real;
  negatives?: Real;
}

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  function make(mode: InfoNceMode, n: number, dim: number, m: number): Made {
    const r = random(n * dim);
    const real = (length: number) => Kind.from({ length }, () => r.normal());
    const negatives = real(mode === 'paired' ? n * m * dim : m * dim);
    return { query: real(n * dim), positive: real(n * dim), ...(wants(mode) && { negatives }) };
  }

  const near = (got: ArrayLike<number>, want: ArrayLike<number>, where: string) => {
    const ofLargest = precision === 'float32' ? 1e-5 : 1e-12;
    const { worst, at } = judge(got, want, { precision, bounds: INFO_NCE_BOUNDS, ofLargest });
    if (worst > 1) expect.fail(`${where}${at}`);
  };

  test.each(MODES)('%s: losses, reductions, given arrays, tensors', (mode) => {
    for (const [n, dim, m] of [
      [1, 3, 1],
      [5, 4, 6],
      [33, 17, 9],
      [300, 8, 20],
    ] as const) {
      for (const [temperature, normalize] of [
        [0.07, true],
        [0.5, false],
      ] as const) {
        const where = `${mode} ${n} x ${dim}, ${temperature}: `;
        const { query, positive, negatives } = make(mode, n, dim, m);
        const options = { mode, temperature, normalize, dim, ...(negatives && { negatives }) };
        const want = infoNce({ query, positive, negatives, dim, mode, temperature, normalize });
        const none = infoNceLoss(query, positive, { ...options, reduction: 'none' });
        expect(none).toBeInstanceOf(Kind);
        near(none, want, where);
        const mean = infoNceLoss.valueAndGrad(query, positive, options);
        expect(mean.divisor).toBe(want.length);
        near(asArray(mean.value), [want.reduce((a, b) => a + b) / want.length], where);
        near(
          asArray(infoNceLoss(query, positive, { ...options, reduction: 'sum' })),
          [want.reduce((a, b) => a + b)],
          where,
        );
        const grads = Object.values(mean.grad);
        expect(grads.map(({ length }) => length)).toEqual(
          [query, positive, negatives].flatMap((each) => (each ? [each.length] : [])),
        );
        // In place, each in its own input's; and one of them left out.
        const [q, p] = [query.slice(), positive.slice()];
        const placed = infoNceLoss.valueAndGrad(q, p, { ...options, grad: { query: q, positive: p } });
        expect(placed.grad.query).toBe(q);
        expect(differs(q, mean.grad.query)).toBe(-1);
        expect(differs(p, mean.grad.positive)).toBe(-1);
        const half = infoNceLoss.valueAndGrad(query, positive, { ...options, grad: { positive: null } });
        expect(half.grad.positive).toBeNull();
        expect(differs(half.grad.query, mean.grad.query)).toBe(-1);
        const dims = [n, dim];
        const shape = mode === 'paired' ? [n, m, dim] : [m, dim];
        const tensors = infoNceLoss.valueAndGrad({ data: query, dims }, { data: positive, dims }, {
          ...options,
          dim: undefined,
          ...(negatives && { negatives: { data: negatives, dims: shape } }),
        } as InfoNceLossOptions);
        expect(tensors.value).toBe(mean.value);
      }
    }
  });

  test('a row of zeros stays, tiny and huge rows have their directions', () => {
    const x = Kind.of(0, 0, 0, 1e-30, 0, 1e-30, 3, -4, 0);
    const y = Kind.of(1, 2, 2, 1, 0, 1, 6, -8, 0);
    const { value, grad } = infoNceLoss.valueAndGrad(x, y, { dim: 3 });
    expect(Number.isFinite(value)).toBe(true);
    for (const g of [grad.query, grad.positive]) expect(g.every((v) => !Number.isNaN(v))).toBe(true);
    const want = infoNce({
      query: [...x],
      positive: [...y],
      dim: 3,
      mode: 'inbatch',
      temperature: 0.07,
      normalize: true,
    });
    expect(value).toBeCloseTo(want.reduce((a, b) => a + b) / 3, 4);
    const big = precision === 'float32' ? 1e30 : 1e200;
    const huge = infoNceLoss(
      x.map((v) => v * big),
      y,
      { dim: 3 },
    );
    expect(Number.isFinite(huge)).toBe(true);
  });

  test('an empty batch, and NaN in its row', () => {
    const empty = infoNceLoss.valueAndGrad(new Kind(0), new Kind(0), { dim: 3 });
    expect(empty.value).toBeNaN();
    expect(empty.grad.query).toHaveLength(0);
    const { query, positive, negatives } = make('paired', 4, 3, 2);
    query[4] = NaN;
    const none = infoNceLoss(query, positive, { dim: 3, mode: 'paired', negatives, reduction: 'none' });
    expect([...none].map(Number.isNaN)).toEqual([false, true, false, false]);
  });
});

describe.each(BACKENDS)('%s', (backend) => {
  test.each(MODES)('%s: central differences, 100 configurations', (mode) => {
    force(backend);
    const r = random(mode.length);
    for (let k = 0; k < 100; k++) {
      const [n, dim, m] = [r.integer(1, 3), r.integer(2, 4), r.integer(1, 3)];
      const real = (length: number) =>
        Float64Array.from({ length }, () => 0.5 * r.normal() + (r.next() < 0.5 ? 1 : -1));
      const inputs = {
        query: real(n * dim),
        positive: real(n * dim),
        ...(wants(mode) && { negatives: real(mode === 'paired' ? n * m * dim : m * dim) }),
      } as Record<'query' | 'positive' | 'negatives', Float64Array>;
      const options = { mode, dim, temperature: r.between(0.3, 2), normalize: k % 3 > 0 };
      const losses = mode === 'ntxent' ? 2 * n : n;
      const up = Float64Array.from({ length: losses }, () => r.normal());
      const none = k % 2 === 0;
      const value = (at: typeof inputs) => {
        const all = { ...options, negatives: at.negatives };
        if (!none) return infoNceLoss(at.query, at.positive, all);
        return infoNceLoss(at.query, at.positive, { ...all, reduction: 'none' }).reduce(
          (sum, v, i) => sum + v * up[i]!,
          0,
        );
      };
      const { grad } = infoNceLoss.valueAndGrad(inputs.query, inputs.positive, {
        ...options,
        negatives: inputs.negatives,
        ...(none && { reduction: 'none', gradOutput: up }),
      } as InfoNceLossOptions);
      expectSlopes(inputs, value, grad);
    }
  });
});

test('refuses what does not fit, by name, and writes nothing', () => {
  const [q, p] = [new Float32Array(6), new Float32Array(6)];
  const kept = { query: new Float32Array(6).fill(7) };
  const cases: [unknown[], object, typeof RangeError, RegExp][] = [
    [[q, new Float32Array(9)], {}, RangeError, /query has 6 elements and positive 9/],
    [[q, new Float64Array(6)], {}, TypeError, /positive is float64/],
    [[q, p], { dim: undefined }, RangeError, /flat.*dim/],
    [[q, p], { dim: 4 }, RangeError, /dim is 4/],
    [[{ data: q, dims: [2, 3] }, p], { dim: 2 }, RangeError, /dim is 2/],
    [[q, p], { mode: 'all' }, RangeError, /mode is 'all'/],
    [[q, p], { temperature: 0 }, RangeError, /temperature is 0/],
    [[q, p], { normalize: 1 }, TypeError, /normalize/],
    [[q, p], { negatives: p }, TypeError, /negatives.*'unpaired'.*'paired'/],
    [[q, p], { mode: 'unpaired' }, TypeError, /negatives is not given/],
    [[q, p], { mode: 'unpaired', negatives: new Float32Array(7) }, RangeError, /negatives has 7.*\[M, 3\]/],
    [[q, p], { mode: 'paired', negatives: new Float32Array(9) }, RangeError, /negatives has 9.*\[2, M, 3\]/],
    [
      [q, p],
      { mode: 'unpaired', negatives: { data: new Float32Array(6), dims: [3, 2] } },
      RangeError,
      /\[3, 2\]/,
    ],
    [[q, p], { grad: { key: q } }, TypeError, /unknown key 'key'/],
    [[q, p], { classes: 3 }, TypeError, /unknown option 'classes'/],
    [[null, p], {}, TypeError, /query is null/],
  ];
  for (const [inputs, options, error, says] of cases) {
    const bad = () =>
      infoNceLoss.valueAndGrad(...(inputs as [Float32Array, Float32Array]), {
        dim: 3,
        grad: kept,
        ...options,
      } as InfoNceLossOptions);
    expect(bad, String(says)).toThrow(error);
    expect(bad).toThrow(says);
    expect(bad).toThrow('infoNceLoss: ');
  }
  expect(kept.query.every((g) => g === 7)).toBe(true);
});
