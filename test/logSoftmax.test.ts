/** logSumExp and logSoftmax: value and gradient against the float64 softmax of the reference, over axes, in place, at the edges. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createArena, logSoftmax, logSumExp, softmax as softmaxOf } from '../src/index.js';
import { softmax } from './reference/rows.js';
import { sum } from './reference/sums.js';
import { differs, judge } from './support/judge.js';
import { asArray, BACKENDS, force, functionOf, lossOf, platforms, type Real } from './support/library.js';
import { random } from './support/random.js';
import { same } from './support/same.js';
import { realArray } from './support/sample.js';

const INF = Infinity;
const NAMES = ['logSumExp', 'logSoftmax'] as const;

/** With outer 1 and an inner size the axis is 0. */
type Shape = readonly [outer: number, classes: number, inner: number];
const SHAPES: readonly Shape[] = [
  ...Array.from({ length: 70 }, (_, c) => [1 + (c % 6), c + 1, 1] as const),
  [9, 64, 1],
  [9, 66, 1],
  [3, 1000, 1],
  [2, 1030, 1],
  [1, 9, 4],
  [1025, 10, 1],
  [2, 3, 4],
  [2, 70, 9],
  [1, 20_011, 3],
  [2, 40_003, 1],
  [1, 600_001, 1],
];

interface Expected {
  value: Float64Array;
  grad: Float64Array;
}

/** Over the middle of [outer, classes, inner], with one upstream gradient an element of the value. */
function expected(
  name: (typeof NAMES)[number],
  x: ArrayLike<number>,
  [outer, classes, inner]: Shape,
  upstream: (i: number) => number,
): Expected {
  const rows = outer * inner;
  const value = new Float64Array(name === 'logSumExp' ? rows : x.length);
  const grad = new Float64Array(x.length);
  for (let r = 0; r < rows; r++) {
    const at = (c: number) => (Math.floor(r / inner) * classes + c) * inner + (r % inner);
    const s = softmax(Float64Array.from({ length: classes }, (_, c) => x[at(c)]!));
    if (name === 'logSumExp') {
      value[r] = s.lse;
      s.p.forEach((p, c) => (grad[at(c)] = upstream(r) * p));
    } else {
      const total = sum(s.p.map((_, c) => upstream(at(c))));
      s.p.forEach((p, c) => {
        value[at(c)] = -s.nll(c);
        grad[at(c)] = upstream(at(c)) - p * total;
      });
    }
  }
  return { value, grad };
}

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);
  const moved = (got: Float64Array, want: Float64Array) =>
    precision === 'float64'
      ? 0
      : want.reduce((most, v, i) => Math.max(most, Math.abs(v - got[i]!) || 0), 2 ** -50);

  describe.each(NAMES)('%s', (name) => {
    const call = functionOf(name);
    const run = (x: number[], options = {}) => {
      const { value, grad } = call.valueAndGrad(Kind.from(x), options);
      return { value: [...(value as Real)].map((v) => v + 0), grad: [...grad].map((g) => g + 0) };
    };

    test('rows, axes and tensors, with every kind of upstream gradient', { timeout: 60_000 }, () => {
      const r = random(9);
      for (const shape of SHAPES) {
        const [outer, classes, inner] = shape;
        const x = Kind.from({ length: outer * classes * inner }, () => 3 * r.normal());
        const count = name === 'logSumExp' ? outer * inner : x.length;
        const g = Kind.from({ length: count }, () => r.normal());
        const dims = inner === 1 ? [outer, classes] : outer === 1 ? [classes, inner] : [...shape];
        const options = { shape: dims, axis: inner === 1 ? -1 : outer === 1 ? 0 : 1 };
        const nudged = Float64Array.from(x, (v) => v * (1 + 2 ** -24));
        for (const [gradOutput, upstream] of [
          [undefined, () => 1],
          [-0.75, () => -0.75],
          [g, (i: number) => g[i]!],
        ] as const) {
          const want = expected(name, x, shape, upstream);
          const near = expected(name, nudged, shape, upstream);
          const got = call.valueAndGrad(x, { ...options, gradOutput });
          expect(got.value).toBeInstanceOf(Kind);
          expect(got.grad).toBeInstanceOf(Kind);
          const check = (what: keyof Expected, have: ArrayLike<number>) => {
            // Of opposite terms nearly nothing may be left; then what they were is the measure.
            const left = precision === 'float64' ? 1e-13 : classes > 100_000 ? 5e-5 : 0;
            const absolute = what === 'grad' ? left : 0;
            const sens = moved(near[what], want[what]);
            const { worst, at } = judge(have, want[what], { precision, sens, absolute });
            expect(worst, `${name} [${shape}] ${what}${at}`).toBeLessThanOrEqual(1);
          };
          check('value', asArray(got.value));
          check('grad', got.grad);
          const { axis } = options;
          const more = { gradOutput, axis };
          for (const tensor of [
            { data: x, dims },
            { data: x, shape: dims },
          ])
            same(call.valueAndGrad(tensor, more), got, 'tensor');
          expect(differs(asArray(call(x, { ...options, gradOutput })), asArray(got.value))).toBe(-1);
          if (inner > 1) continue;
          same(call.valueAndGrad(x, { classes, gradOutput }), got, 'classes');
          if (outer === 1) same(call.valueAndGrad(x, { gradOutput }), got, 'one row');
        }
      }
    });

    test('given arrays, in place, in an arena: the same bits', () => {
      const r = random(10);
      for (const [rows, classes] of [
        [6, 5],
        [5, 70],
        [3, 1030],
        [2, 40_003],
      ] as const) {
        const x = Kind.from({ length: rows * classes }, () => 2 * r.normal());
        const count = name === 'logSumExp' ? rows : x.length;
        const gradOutput = Kind.from({ length: count }, () => r.normal());
        for (const options of [{ classes }, { classes, gradOutput }]) {
          const want = call.valueAndGrad(x, options);
          const [out, grad] = [new Kind(count).fill(7), new Kind(x.length).fill(7)];
          const got = call.valueAndGrad(x, { ...options, out, grad });
          expect(got.value).toBe(out);
          expect(got.grad).toBe(grad);
          same(got, want, 'given');
          const place = x.slice();
          same(call.valueAndGrad(place, { ...options, grad: place }), want, 'gradient in place');
          if (count === x.length) {
            const value = x.slice();
            same(call.valueAndGrad(value, { ...options, out: value }), want, 'value in place');
            const plain = x.slice();
            expect(call(plain, { ...options, out: plain })).toBe(plain);
            expect(differs(plain, asArray(want.value))).toBe(-1);
          }
          const arena = createArena({ bytes: 4 * 1024 * 1024 });
          const own = precision === 'float32' ? arena.float32(x.length) : arena.float64(x.length);
          own.set(x);
          same(call.valueAndGrad(own, options), want, 'arena');
          same(call.valueAndGrad(own, { ...options, grad: own }), want, 'arena, in place');
        }
      }
    });

    test('a row alone is the row in a batch', () => {
      const r = random(11);
      for (const classes of [3, 64, 66, 1030]) {
        const x = Kind.from({ length: 7 * classes }, () => 4 * r.normal());
        const all = call.valueAndGrad(x, { classes });
        const width = asArray(all.value).length / 7;
        for (let row = 0; row < 7; row++) {
          const part = (of: Real, n: number) => of.slice(row * n, (row + 1) * n);
          const alone = call.valueAndGrad(part(x, classes));
          same(alone, { value: part(all.value as Real, width), grad: part(all.grad, classes) }, `row ${row}`);
        }
      }
    });

    test('no overflow, no cancellation; −inf beside other logits', () => {
      const big = precision === 'float32' ? 1e30 : 1e300;
      const tiny = Math.exp(-30);
      const wanted = {
        logSumExp: [[big], [30], [5]],
        logSoftmax: [
          [0, -2 * big],
          [-tiny, -30],
          [-INF, 0],
        ],
      }[name];
      const rows = [
        [big, -big],
        [30, 0],
        [-INF, 5],
      ];
      rows.forEach((row, k) => {
        const { value, grad } = run(row);
        value.forEach((v, i) => {
          const want = wanted[k]![i]!;
          if (Number.isFinite(want)) expect(Math.abs(v - want)).toBeLessThanOrEqual(1e-6 * Math.abs(want));
          else expect(v).toBe(want);
        });
        expect(grad.every(Number.isFinite)).toBe(true);
      });
    });

    test('NaN, +inf and a row of −inf are NaN in their row, and in no other', () => {
      for (const classes of [3, 70, 1030]) {
        const x = Kind.from({ length: 5 * classes }, (_, i) => Math.sin(i));
        const clean = call.valueAndGrad(x, { classes });
        x[classes] = NaN;
        x[3 * classes - 1] = INF;
        x.fill(-INF, 3 * classes, 4 * classes);
        const got = call.valueAndGrad(x, { classes });
        const check = (have: ArrayLike<number>, before: ArrayLike<number>) => {
          const width = have.length / 5;
          for (let i = 0; i < have.length; i++) {
            const row = Math.floor(i / width);
            if (row > 0 && row < 4) expect(have[i], `row ${row}`).toBeNaN();
            else expect(Object.is(have[i], before[i])).toBe(true);
          }
        };
        check(asArray(got.value), asArray(clean.value));
        check(got.grad, clean.grad);
      }
    });

    test('no rows, and rows of one class', () => {
      expect(call(new Kind(0), { classes: 3 })).toHaveLength(0);
      expect(call.valueAndGrad({ data: new Kind(0), dims: [0, 3] }).grad).toHaveLength(0);
      const { value, grad } = run([5, -2], { classes: 1 });
      expect(value).toEqual(name === 'logSumExp' ? [5, -2] : [0, 0]);
      expect(grad).toEqual(name === 'logSumExp' ? [1, 1] : [0, 0]);
    });
  });

  test('logSoftmax is a distribution; the gradient of logSumExp is softmax', () => {
    const r = random(13);
    const ulp = precision === 'float32' ? 2 ** -23 : 2 ** -52;
    for (const classes of [1, 2, 9, 64, 65, 1030]) {
      const x = Kind.from({ length: 4 * classes }, () => 3 * r.normal());
      const logs = logSoftmax(x, { classes });
      const p = softmaxOf(x, { classes });
      const { grad } = logSumExp.valueAndGrad(x, { classes });
      for (let row = 0; row < 4; row++) {
        const total = sum(Float64Array.from(logs.subarray(row * classes, (row + 1) * classes), Math.exp));
        expect(Math.abs(total - 1)).toBeLessThanOrEqual(40 * ulp);
      }
      grad.forEach((g, i) => expect(Math.abs(g - p[i]!)).toBeLessThanOrEqual(8 * ulp * p[i]!));
    }
  });

  test('nllLoss of logSoftmax is crossEntropy', () => {
    const r = random(12);
    const x = Kind.from({ length: 350 }, () => 2 * r.normal());
    const y = Int32Array.from({ length: 5 }, () => r.integer(0, 69));
    const logs = functionOf('logSoftmax')(x, { classes: 70 });
    const got = lossOf('nllLoss').valueAndGrad(logs, y, { reduction: 'sum' });
    const want = lossOf('crossEntropy').valueAndGrad(x, y, { reduction: 'sum' });
    expect(got.value).toBeCloseTo(want.value as number, 4);
    const back = functionOf('logSoftmax').valueAndGrad(x, {
      classes: 70,
      gradOutput: got.grad,
    });
    back.grad.forEach((g, i) => expect(g).toBeCloseTo(want.grad[i]!, 5));
  });
});

test.each(BACKENDS)('%s: number[] is read as float64, 16-bit tensors as float32', (backend) => {
  force(backend);
  for (const call of [logSumExp, logSoftmax]) {
    expect(call([1, 2, 3])).toBeInstanceOf(Float64Array);
    const half = { data: Uint16Array.of(0x3c00, 0x4000), type: 'float16' as const, dims: [2] };
    const [got, want] = [call.valueAndGrad(half), call.valueAndGrad(Float32Array.of(1, 2))];
    expect([...got.value, ...got.grad]).toEqual([...want.value, ...want.grad]);
    expect(got.grad).toBeInstanceOf(Float32Array);
  }
});

test.each(NAMES)('%s refuses what it cannot read, by name, and writes nothing', (name) => {
  const call = functionOf(name);
  const x = new Float32Array(6);
  const grad = new Float32Array(6).fill(7);
  const count = name === 'logSumExp' ? 2 : 6;
  for (const [input, options, error, says] of [
    [null, {}, TypeError, 'input'],
    [new Int32Array(6), {}, TypeError, 'Int32Array'],
    [
      [
        [1, 2],
        [3, 4],
      ],
      {},
      TypeError,
      '.flat()',
    ],
    [x, { classes: 4 }, RangeError, '4'],
    [x, { shape: [2, 4] }, RangeError, '8'],
    [x, { shape: [2, 3], axis: 2 }, RangeError, 'axis'],
    [x, { reduction: 'sum' }, TypeError, 'reduction'],
    [x, { clases: 3 }, TypeError, 'clases'],
    [x, { classes: 3, gradOutput: new Float32Array(count + 1) }, RangeError, 'gradOutput'],
    [x, { classes: 3, gradOutput: 'x' }, TypeError, 'gradOutput'],
    [x, { classes: 3, out: new Float32Array(count + 1) }, RangeError, 'out'],
    [x, { classes: 3, out: new Float64Array(count) }, TypeError, 'out'],
    [x, { classes: 3, grad: new Float32Array(5) }, RangeError, 'grad'],
    [x, { classes: 3, grad: new Float32Array(x.buffer, 4, 5) }, RangeError, 'grad'],
    [grad.subarray(1), { grad: grad.subarray(0, 5) }, RangeError, 'grad'],
    [x, { classes: 3, grad, out: grad.subarray(0, count) }, RangeError, 'overlap'],
  ] as const) {
    const bad = () => call.valueAndGrad(input, { grad, ...options });
    expect(bad, says).toThrow(error);
    expect(bad).toThrow(name);
    expect(bad).toThrow(says);
  }
  expect(grad.every((g) => g === 7)).toBe(true);
});
