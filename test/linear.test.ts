/** linearCrossEntropy: what crossEntropy gives on the logits that it never holds, with the gradients behind them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { crossEntropy, linearCrossEntropy, type LinearCrossEntropyOptions } from '../src/index.js';
import { expectSlopes } from './support/differences.js';
import { widen } from './support/halves.js';
import { differs, judge } from './support/judge.js';
import { asArray, BACKENDS, force, platforms, type Real } from './support/library.js';
import { random } from './support/random.js';
import { realArray } from './support/sample.js';

interface Made {
  n: number;
  h: number;
  v: number;
  hidden: Real;
  head: Real;
  bias: Real;
  targets: Int32Array;
}

const OPTIONS: LinearCrossEntropyOptions[] = [
  {},
  { labelSmoothing: 0.1, temperature: 2 },
  { softcap: 3, zLoss: 0.01, reduction: 'sum' },
  { reduction: 'none', shift: 1 },
  { divisor: 7, gradOutput: -0.5, ignoreIndex: -100 },
];

/** Around the panels of 4 rows and 8 (4) columns, several chunks and several blocks of the head, one class. */
const SIZES = [
  [1, 1, 1],
  [5, 4, 7],
  [4, 8, 8],
  [9, 7, 10],
  [3, 16, 33],
  [300, 20, 50],
  [13, 33, 70],
  [40, 5, 3000],
  [520, 3, 65],
] as const;

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  function make([n, h, v]: readonly [number, number, number], seed = n): Made {
    const r = random(seed);
    const real = (length: number, scale = 1) => Kind.from({ length }, () => scale * r.normal());
    const targets = Int32Array.from({ length: n }, (_, i) => (i % 5 === 3 ? -100 : r.integer(0, v - 1)));
    return { n, h, v, hidden: real(n * h), head: real(v * h, 1 / Math.sqrt(h)), bias: real(v, 0.5), targets };
  }

  /** In float64, by crossEntropy on the logits and products written out. */
  function expected({ n, h, v, hidden, head, bias, targets }: Made, options: object, withBias: boolean) {
    const logits = new Float64Array(n * v);
    for (let i = 0; i < n; i++)
      for (let c = 0; c < v; c++) {
        let sum = withBias ? bias[c]! : 0;
        for (let k = 0; k < h; k++) sum += hidden[i * h + k]! * head[c * h + k]!;
        logits[i * v + c] = sum;
      }
    const { value, grad } = crossEntropy.valueAndGrad(logits, targets, { ...options, classes: v });
    const grads = {
      hidden: new Float64Array(n * h),
      head: new Float64Array(v * h),
      bias: new Float64Array(v),
    };
    for (let i = 0; i < n; i++)
      for (let c = 0; c < v; c++) {
        const g = (grad as Float64Array)[i * v + c]!;
        grads.bias[c]! += g;
        for (let k = 0; k < h; k++) {
          grads.hidden[i * h + k]! += g * head[c * h + k]!;
          grads.head[c * h + k]! += g * hidden[i * h + k]!;
        }
      }
    return { value, grads };
  }

  /** Sums of products lose what their terms were rounded by: differences are judged by the largest of them. */
  const near = (got: ArrayLike<number>, want: ArrayLike<number>, where: string) => {
    const { worst, at } = judge(got, want, { precision, ofLargest: precision === 'float32' ? 3e-6 : 1e-13 });
    if (worst > 1) expect.fail(`${where}${at}`);
  };

  test.each(SIZES)('[%i, %i] x [%i]', (...size) => {
    const made = make(size);
    const { hidden, head, bias, targets } = made;
    for (const options of OPTIONS) {
      for (const withBias of [true, false]) {
        const where = `${size} ${JSON.stringify(options)} ${withBias}: `;
        const all = { ...options, bias: withBias ? bias : null } as LinearCrossEntropyOptions;
        const want = expected(made, options, withBias);
        const got = linearCrossEntropy.valueAndGrad(hidden, head, targets, all);
        near(asArray(got.value as number | Real), asArray(want.value as number | Real), `${where}value `);
        near(got.grad.hidden, want.grads.hidden, `${where}hidden `);
        near(got.grad.head, want.grads.head, `${where}head `);
        if (withBias) near(got.grad.bias, want.grads.bias, `${where}bias `);
        else expect(got.grad.bias).toBeUndefined();
        for (const grad of Object.values(got.grad)) expect(grad).toBeInstanceOf(Kind);
        // The same bits without a gradient, with some of them, into given arrays, in place of hidden.
        const plain = linearCrossEntropy(hidden, head, targets, all);
        expect(differs(asArray(plain as number | Real), asArray(got.value as number | Real))).toBe(-1);
        const frozen = linearCrossEntropy.valueAndGrad(hidden, head, targets, {
          ...all,
          grad: { head: null },
        });
        expect(frozen.grad.head).toBeNull();
        expect(differs(frozen.grad.hidden, got.grad.hidden)).toBe(-1);
        const place = hidden.slice();
        const into = new Kind(head.length).fill(7);
        const given = linearCrossEntropy.valueAndGrad(place, head, targets, {
          ...all,
          grad: { hidden: place, head: into },
        });
        expect(given.grad.hidden).toBe(place);
        expect(given.grad.head).toBe(into);
        expect(differs(place, got.grad.hidden)).toBe(-1);
        expect(differs(into, got.grad.head)).toBe(-1);
      }
    }
  });

  test('accumulate adds to what is there', () => {
    const made = make([30, 9, 40]);
    const { hidden, head, bias, targets } = made;
    const once = linearCrossEntropy.valueAndGrad(hidden, head, targets, { bias, reduction: 'sum' }).grad;
    const grad = { hidden: hidden.map(() => 1), head: head.map(() => 2), bias: bias.map(() => 3) };
    linearCrossEntropy.valueAndGrad(hidden, head, targets, {
      bias,
      reduction: 'sum',
      accumulate: true,
      grad,
    });
    for (const [key, start] of [
      ['hidden', 1],
      ['head', 2],
      ['bias', 3],
    ] as const)
      near(
        grad[key],
        once[key].map((g) => g + start),
        key,
      );
    // Two halves with the divisor of the whole are the whole.
    const count = targets.filter((y) => y >= 0).length;
    const whole = linearCrossEntropy.valueAndGrad(hidden, head, targets, { bias });
    const sums = { head: new Kind(head.length), bias: new Kind(bias.length) };
    let value = 0;
    for (const at of [0, 15]) {
      const part = linearCrossEntropy.valueAndGrad(
        hidden.subarray(at * 9, (at + 15) * 9),
        head,
        targets.subarray(at, at + 15),
        { bias, divisor: count, accumulate: true, grad: sums },
      );
      value += part.value;
      near(part.grad.hidden, whole.grad.hidden.subarray(at * 9, (at + 15) * 9), 'half');
    }
    near([value], [whole.value], 'value');
    near(sums.head, whole.grad.head, 'head');
    near(sums.bias, whole.grad.bias, 'bias');
    // Nothing counted: what is there stays, and without accumulate it is 0.
    const none = new Int32Array(30).fill(-100);
    const before = sums.head.slice();
    linearCrossEntropy.valueAndGrad(hidden, head, none, { accumulate: true, grad: { head: sums.head } });
    expect(differs(sums.head, before)).toBe(-1);
    const empty = linearCrossEntropy.valueAndGrad(hidden, head, none, { grad: { head: sums.head } });
    expect(empty.value).toBeNaN();
    expect(sums.head.every((g) => g === 0)).toBe(true);
  });

  test('a row alone is the row in a batch: chunks do not show', () => {
    const { n, h, hidden, head, bias, targets } = make([530, 6, 70]);
    const all = linearCrossEntropy(hidden, head, targets, { bias, reduction: 'none' });
    for (const i of [0, 1, 5, 255, 256, 257, 511, n - 1]) {
      const one = linearCrossEntropy(hidden.subarray(i * h, (i + 1) * h), head, targets.subarray(i, i + 1), {
        bias,
        reduction: 'none',
      });
      expect(Object.is(one[0], all[i])).toBe(true);
    }
  });

  test('a row that does not count is never read, and an infinite head not for it', () => {
    const { h, hidden, head, targets } = make([9, 6, 11]);
    const want = linearCrossEntropy.valueAndGrad(hidden, head, targets);
    const spoiled = hidden.slice();
    targets.forEach((y, i) => {
      if (y < 0) spoiled.fill(NaN, i * h, (i + 1) * h);
    });
    const got = linearCrossEntropy.valueAndGrad(spoiled, head, targets);
    expect(got.value).toBe(want.value);
    expect(differs(got.grad.hidden, want.grad.hidden)).toBe(-1);
    expect(differs(got.grad.head, want.grad.head)).toBe(-1);
    head[5] = Infinity;
    const { grad } = linearCrossEntropy.valueAndGrad(spoiled, head, targets, { reduction: 'sum' });
    targets.forEach((y, i) => {
      if (y < 0) expect(grad.hidden.subarray(i * h, (i + 1) * h).every((g) => g === 0)).toBe(true);
    });
  });

  test('tensors [B, T, H] with shift and mask; weights a class', () => {
    const [b, t] = [3, 5];
    const { h, v, hidden, head, bias, targets } = make([b * t, 6, 12]);
    const mask = Uint8Array.from(targets, (_, i) => Number(i % 4 !== 1));
    const weight = Float64Array.from({ length: v }, (_, c) => 0.5 + c / v);
    const kept = Int32Array.from(targets, (_, i) =>
      (i % t) + 1 < t && mask[i + 1] ? targets[i + 1]! : -100,
    );
    const want = linearCrossEntropy.valueAndGrad(hidden, head, kept, { bias, weight });
    const got = linearCrossEntropy.valueAndGrad(
      { data: hidden, dims: [b, t, h] },
      { data: head, dims: [v, h] },
      { data: BigInt64Array.from(targets, BigInt), dims: [b, t] },
      { bias: { data: bias, dims: [v] }, weight, shift: 1, mask },
    );
    expect(got.value).toBe(want.value);
    expect(got.divisor).toBe(want.divisor);
    for (const key of ['hidden', 'head', 'bias'] as const)
      expect(differs(got.grad[key], want.grad[key])).toBe(-1);
    const bound = linearCrossEntropy.with({ shape: [b, t, h], shift: 1, mask, weight, bias });
    expect(bound(hidden, head, targets)).toBe(want.value);
  });

  test('no rows', () => {
    const head = Kind.of(1, 2, 3, 4);
    const options = { shape: [0, 2], reduction: 'sum' } as const;
    const { value, grad } = linearCrossEntropy.valueAndGrad(new Kind(0), head, [], options);
    expect(value).toBe(0);
    expect([...grad.head]).toEqual([0, 0, 0, 0]);
    expect(grad.hidden).toHaveLength(0);
  });
});

test.each(BACKENDS)('%s: central differences of the value, 40 configurations', (backend) => {
  force(backend);
  const r = random(40);
  for (let k = 0; k < 40; k++) {
    const [n, h, v] = [r.integer(1, 4), r.integer(1, 4), r.integer(1, 5)];
    const real = (length: number) => Float64Array.from({ length }, () => r.normal());
    const inputs = { hidden: real(n * h), head: real(v * h), bias: real(v) };
    const targets = Int32Array.from({ length: n }, () => r.integer(0, v - 1));
    const options = OPTIONS[k % 3]!;
    const value = (at: typeof inputs) =>
      linearCrossEntropy(at.hidden, at.head, targets, { ...options, bias: at.bias }) as number;
    const { grad } = linearCrossEntropy.valueAndGrad(inputs.hidden, inputs.head, targets, {
      ...options,
      bias: inputs.bias,
    });
    expectSlopes(inputs, value, grad);
  }
});

test.each(BACKENDS)('%s: 16-bit hidden states and head; number[]', (backend) => {
  force(backend);
  const type = 'bfloat16';
  const bits = (length: number, seed: number) => {
    const r = random(seed);
    return Uint16Array.from({ length }, () => r.integer(0x3f00, 0x3fff) | (r.integer(0, 1) << 15));
  };
  const wide = (b: Uint16Array) => Float32Array.from(b, (x) => widen(x, type));
  const [hidden, head] = [bits(4 * 6, 1), bits(9 * 6, 2)];
  const y = [1, 8, 0, 4];
  const got = linearCrossEntropy.valueAndGrad(
    { data: hidden, dims: [4, 6], type },
    { data: head, dims: [9, 6], type },
    y,
  );
  const want = linearCrossEntropy.valueAndGrad(wide(hidden), wide(head), y);
  expect(got.value).toBe(want.value);
  expect(got.grad.head).toBeInstanceOf(Float32Array);
  expect(differs(got.grad.head, want.grad.head)).toBe(-1);
  const plain = linearCrossEntropy.valueAndGrad([...wide(hidden)], [...wide(head)], y);
  expect(plain.grad.hidden).toBeInstanceOf(Float64Array);
});

test('refuses what does not fit, by name, and writes nothing', () => {
  const [hidden, head, y] = [new Float32Array(12), new Float32Array(20), Int32Array.of(0, 4, 2)];
  const kept = { hidden: new Float32Array(12).fill(7), head: new Float32Array(20).fill(7) };
  const cases: [unknown[], object, typeof RangeError, RegExp][] = [
    [[hidden, head, Int32Array.of(0, 5, 2)], {}, RangeError, /targets\[1\] is 5.*\[0, 5\)/],
    [[hidden, new Float32Array(19), y], {}, RangeError, /head has 19 elements, expected \[classes, 4\]/],
    [[hidden, { data: head, dims: [4, 5] }, y], {}, RangeError, /head has shape \[4, 5\]/],
    [[hidden, new Float32Array(0), y], {}, RangeError, /head/],
    [[hidden, new Float64Array(20), y], {}, TypeError, /head is float64 and hidden float32/],
    [[hidden, null, y], {}, TypeError, /head is null/],
    [[new Float32Array(13), head, y], {}, RangeError, /hidden has 13/],
    [[hidden, head, y], { bias: new Float32Array(4) }, RangeError, /bias has 4 elements, expected 5/],
    [[hidden, head, y], { bias: new Float64Array(5) }, TypeError, /bias is float64/],
    [[hidden, head, y], { weight: [1, 2] }, RangeError, /weight has 2.*5/],
    [[hidden, head, y], { accumulate: 1 }, TypeError, /accumulate/],
    [[hidden, head, y], { classes: 5 }, TypeError, /unknown option 'classes'/],
    [[hidden, head, y], { grad: new Float32Array(12) }, TypeError, /grad is Float32Array/],
    [[hidden, head, y], { grad: { ...kept, bias: new Float32Array(5) } }, TypeError, /unknown key 'bias'/],
    [[hidden, head, y], { grad: { head: new Float32Array(19) } }, RangeError, /grad\.head has 19.*20/],
    [[hidden, head, y], { grad: { head } }, RangeError, /grad\.head overlaps/],
    [[hidden, head, y], { grad: { hidden: head.subarray(0, 12) } }, RangeError, /grad\.hidden overlaps/],
    [
      [hidden, head, y],
      { grad: { hidden: kept.head.subarray(0, 12), head: kept.head } },
      RangeError,
      /overlap/,
    ],
    [[hidden, head, y], { mask: [1] }, RangeError, /mask has 1/],
  ];
  for (const [inputs, options, error, says] of cases) {
    const bad = () =>
      linearCrossEntropy.valueAndGrad(...(inputs as [Float32Array, Float32Array, Int32Array]), {
        grad: kept,
        ...options,
      } as LinearCrossEntropyOptions);
    expect(bad, String(says)).toThrow(error);
    expect(bad).toThrow(says);
    expect(bad).toThrow('linearCrossEntropy: ');
  }
  expect(Object.values(kept).every((array) => array.every((g) => g === 7))).toBe(true);
});
