/**
 * What must hold between calls. Where the contract promises the same bits (row alone = row in a batch, in place = out
 * of place, arena = streamed, forward = valueAndGrad, repeat = repeat) they are compared as bits, −0 apart from 0.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { createArena } from '../src/index.js';
import { cases, configurations, entry, type Entry, type Size } from './cases.js';
import { differs, judge, ulp32 } from './support/judge.js';
import { asArray, force, lossOf, platforms, REDUCTIONS, type Real } from './support/library.js';
import { fill, random } from './support/random.js';
import { answer, argumentsOf, realArray, sample, sensitivity, type Sample } from './support/sample.js';

type Answer = { value: number | Real; grad: Real };

function sameBits(a: Answer, b: Answer, where: string): void {
  const value = differs(asArray(a.value), asArray(b.value));
  if (value >= 0)
    expect.fail(`${where}: value[${value}] ${asArray(a.value)[value]} and ${asArray(b.value)[value]}`);
  const grad = differs(a.grad, b.grad);
  if (grad >= 0) expect.fail(`${where}: grad[${grad}] ${a.grad[grad]} and ${b.grad[grad]}`);
}

const table = cases.map((each) => [each.name, each] as const);
const rowWise = table.filter(([, each]) => each.family === 'rows');

/** Every kernel: few classes, more than 64, more than a block, many tiles, rows longer than a tile. */
const ROWS: Size[] = [
  { rows: 6, classes: 7 },
  { rows: 5, classes: 66 },
  { rows: 4, classes: 1030 },
  { rows: 90, classes: 1000 },
  { rows: 3, classes: 40_003 },
];
const POINTS: Size[] = [1, 6, 37, 1030, 50_003].map((classes) => ({ rows: 1, classes }));
const sizesOf = (each: Entry) => (each.family === 'rows' ? ROWS : POINTS);

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Real = realArray(precision);

  const each = (entry: Entry, config: string, size: Size, seed: string | number = 'relation') =>
    sample({ entry, config, size, precision, seed });

  test.each(table)(
    '%s: forward, in place, repeat and arena give the same bits',
    { timeout: 60_000 },
    (name, entry) => {
      const loss = lossOf(name);
      sizesOf(entry).forEach((size, i) => {
        for (const config of i < 3
          ? Object.keys(entry.options)
          : ['none', Object.keys(entry.options).at(-1)!]) {
          for (const reduction of REDUCTIONS) {
            const where = `${config}, ${reduction}, ${size.rows} x ${size.classes}`;
            const { input, target, options } = argumentsOf(each(entry, config, size), { reduction });
            const first = loss.valueAndGrad(input, target, options);
            sameBits(loss.valueAndGrad(input, target, options), first, `${where}: repeat`);
            sameBits({ value: loss(input, target, options), grad: first.grad }, first, `${where}: forward`);
            const place = input.slice();
            sameBits(
              loss.valueAndGrad(place, target, { ...options, grad: place }),
              first,
              `${where}: in place`,
            );

            const arena = createArena({ bytes: 8 * 1024 * 1024 });
            const real = (from: Real) =>
              precision === 'float32' ? arena.float32(from.length) : arena.float64(from.length);
            const inside = real(input) as Real;
            inside.set(input);
            const index = target instanceof Int32Array ? arena.int32(target.length) : (real(target) as Real);
            index.set(target);
            const grad = real(input) as Real;
            sameBits(loss.valueAndGrad(inside, index, { ...options, grad }), first, `${where}: arena`);
            sameBits(
              { value: loss(inside, index, options), grad: first.grad },
              first,
              `${where}: arena, forward`,
            );
            sameBits(loss.valueAndGrad(inside, target, options), first, `${where}: half in the arena`);
            sameBits(
              loss.valueAndGrad(inside, index, { ...options, grad: inside }),
              first,
              `${where}: arena, in place`,
            );
            arena.dispose();
          }
        }
      });
    },
  );

  test.each(rowWise)('%s: a row alone is the row in a batch', (name, entry) => {
    const loss = lossOf(name);
    for (const size of ROWS) {
      for (const config of Object.keys(entry.options)) {
        const { input, target, options } = argumentsOf(each(entry, config, size), { reduction: 'none' });
        if ('mask' in options || 'shift' in options) continue;
        const all = loss.valueAndGrad(input, target, options);
        const width = target.length / size.rows;
        for (let r = 0; r < size.rows; r += size.rows > 10 ? 13 : 1) {
          const from = r * size.classes;
          const alone = loss.valueAndGrad(
            input.slice(from, from + size.classes),
            target.slice(r * width, (r + 1) * width),
            options,
          );
          const inBatch = {
            value: asArray(all.value)[r]!,
            grad: all.grad.subarray(from, from + size.classes),
          };
          sameBits(
            { value: asArray(alone.value)[0]!, grad: alone.grad },
            inBatch,
            `row ${r}, ${config}, C ${size.classes}`,
          );
        }
      }
    }
  });

  test.each(table.filter(([, each]) => each.family === 'pointwise'))(
    '%s: an element alone is the element among others',
    (name, entry) => {
      const { input, target } = argumentsOf(each(entry, 'none', { rows: 1, classes: 1037 }));
      const all = lossOf(name).valueAndGrad(input, target, { reduction: 'none' });
      for (let i = 0; i < input.length; i += i < 12 ? 1 : 41) {
        const alone = lossOf(name).valueAndGrad(input.slice(i, i + 1), target.slice(i, i + 1), {
          reduction: 'none',
        });
        const among = { value: asArray(all.value)[i]!, grad: all.grad.subarray(i, i + 1) };
        sameBits({ value: asArray(alone.value)[0]!, grad: alone.grad }, among, `element ${i}`);
      }
    },
  );

  test.each(table.filter(([, each]) => each.ignores))('%s: ignored rows are rows removed', (name) => {
    for (const size of ROWS) {
      const made = each({ ...entry(name), ignores: undefined }, 'none', size);
      const { input, target, options } = argumentsOf(made);
      const drop = (r: number) => r % 3 === 1;
      const ignored = target.map((y, r) => (drop(r) ? -100 : y));
      const rows = [...target.keys()].filter((r) => !drop(r));
      const kept = new Real(rows.length * size.classes);
      rows.forEach((r, i) =>
        kept.set(input.subarray(r * size.classes, (r + 1) * size.classes), i * size.classes),
      );
      const labels = Int32Array.from(rows, (r) => target[r]!);
      for (const reduction of REDUCTIONS) {
        const got = lossOf(name).valueAndGrad(input, ignored, { ...options, reduction });
        const want = lossOf(name).valueAndGrad(kept, labels, { ...options, reduction });
        const grad = new Real(kept.length);
        rows.forEach((r, i) =>
          grad.set(got.grad.subarray(r * size.classes, (r + 1) * size.classes), i * size.classes),
        );
        const value = reduction === 'none' ? rows.map((r) => asArray(got.value)[r]!) : got.value;
        sameBits({ value: value as number, grad }, want, `${reduction}, C ${size.classes}`);
        expect(got.divisor).toBe(want.divisor);
      }
    }
  });

  test.each(table)('%s: sum = mean · divisor, and a given divisor replaces it', (name, entry) => {
    for (const config of Object.keys(entry.options)) {
      const { input, target, options } = argumentsOf(each(entry, config, { rows: 6, classes: 19 }));
      if (options['zLoss']) continue; // its term has a denominator of its own
      const loss = lossOf(name);
      const mean = loss.valueAndGrad(input, target, options);
      const sum = loss.valueAndGrad(input, target, { ...options, reduction: 'sum' });
      const none = loss.valueAndGrad(input, target, { ...options, reduction: 'none' });
      expect([sum.divisor, none.divisor], config).toEqual([mean.divisor, mean.divisor]);
      const close = (a: number, b: number) =>
        expect(Math.abs(a - b), config).toBeLessThanOrEqual(1e-14 * Math.abs(b));
      close((mean.value as number) * mean.divisor, sum.value as number);
      const given = loss.valueAndGrad(input, target, { ...options, divisor: 1024 });
      close(given.value as number, (sum.value as number) / 1024);
      expect(given.divisor).toBe(1024);
      // A power of two: the gradient is that of the sum, scaled without rounding.
      expect(
        differs(
          given.grad,
          sum.grad.map((g) => g / 1024),
        ),
      ).toBe(-1);
      const ignored = loss(input, target, { ...options, reduction: 'sum', divisor: 3 });
      expect(Object.is(ignored, sum.value), 'sum ignores divisor').toBe(true);
    }
  });

  test.each(configurations.map(({ entry, config }) => [entry.name, config, entry] as const))(
    '%s, %s: bound options are the options, and those of the call win',
    (name, config, entry) => {
      const { input, target, options } = argumentsOf(each(entry, config, { rows: 5, classes: 9 }));
      const want = lossOf(name).valueAndGrad(input, target, options);
      const bound = lossOf(name).with(options);
      sameBits(bound.valueAndGrad(input, target), want, 'bound');
      expect(Object.is(bound(input, target), want.value)).toBe(true);
      const wrong = { ...options, reduction: 'none', divisor: 7 };
      const over = { reduction: 'sum', divisor: undefined };
      const sum = lossOf(name).valueAndGrad(input, target, { ...options, reduction: 'sum' });
      sameBits(lossOf(name).with(wrong).valueAndGrad(input, target, over), sum, 'the call wins');
      sameBits(
        lossOf(name)
          .with({ reduction: 'none' })
          .with({ ...options, reduction: 'sum' })
          .valueAndGrad(input, target),
        sum,
        'with with',
      );
    },
  );

  test('bound arrays are held by reference', () => {
    const weight = Real.from([1, 1, 1]);
    const criterion = lossOf('crossEntropy').with({ weight, reduction: 'sum' });
    const input = Real.from([0.5, -1, 2]);
    const before = criterion(input, [0]) as number;
    weight[0] = 2;
    expect(criterion(input, [0])).toBe(2 * before);
  });

  /** Both answers within the bound of the same reference, which is then the reference of their equality. */
  const near = (got: Answer, s: Sample, where: string, options = {}) => {
    const base = answer(s, options);
    const sens = precision === 'float32' ? sensitivity(s, options, base) : { value: 0, grad: 0 };
    const value = judge(asArray(got.value), base.values, { precision, sens: sens.value });
    const grad = judge(got.grad, base.grad, { precision, sens: sens.grad });
    if (Math.max(value.worst, grad.worst) > 1) expect.fail(`${where}: value${value.at} grad${grad.at}`);
  };

  test('a one-hot distribution is its index', () => {
    for (const size of ROWS) {
      const s = each({ ...entry('crossEntropy'), ignores: undefined }, 'weight', size);
      const { input, options } = argumentsOf(s, { reduction: 'none' });
      const hot = new Real(input.length);
      s.target.forEach((y, r) => (hot[r * size.classes + y] = 1));
      near(lossOf('softTargetCrossEntropy').valueAndGrad(input, hot, options), s, 'one-hot', {
        reduction: 'none',
      });
    }
  });

  test('adding a constant to a row changes nothing', () => {
    for (const name of ['crossEntropy', 'softTargetCrossEntropy', 'softmaxFocalLoss']) {
      for (const size of ROWS) {
        const s = each({ ...entry(name), kinks: true }, 'none', size); // on a grid: the shift is exact
        const { target, options } = argumentsOf(s, { reduction: 'none' });
        const moved = Real.from(s.input, (x, i) => x + 64 * ((Math.floor(i / size.classes) % 5) - 2));
        near(lossOf(name).valueAndGrad(moved, target, options), s, `${name}, C ${size.classes}`, {
          reduction: 'none',
        });
      }
    }
  });

  test('focal: gamma 0 is BCE · alpha, bit for bit', () => {
    const r = random(3);
    const n = 5003;
    const input = Real.from({ length: n }, () => 6 * r.normal());
    const target = Real.from({ length: n }, () => r.integer(0, 1));
    const round = (x: number) => (precision === 'float32' ? Math.fround(x) : x);
    const options = { reduction: 'none' };
    const bce = lossOf('binaryCrossEntropyWithLogits').valueAndGrad(input, target, options);
    // The loops in TypeScript round once, after the product: there only powers of two scale what was rounded before.
    const alphas =
      backend === 'js' && precision === 'float32' ? [null, -1, 0.5] : [null, -1, 0.5, 0.25, 0.75];
    for (const alpha of alphas) {
      const focal = lossOf('sigmoidFocalLoss').valueAndGrad(input, target, { ...options, gamma: 0, alpha });
      const factor = (i: number) => (alpha === null || alpha < 0 ? 1 : target[i] === 1 ? alpha : 1 - alpha);
      const want = {
        value: Real.from(asArray(bce.value), (v, i) => round(v * factor(i))),
        grad: bce.grad.map((g, i) => round(g * factor(i))),
      };
      sameBits(focal, want, `alpha ${alpha}`);
    }
    const mean = lossOf('binaryCrossEntropyWithLogits')(input, target) as number;
    expect(lossOf('sigmoidFocalLoss')(input, target, { gamma: 0, alpha: null })).toBe(mean);
    expect(lossOf('sigmoidFocalLoss')(input, target, { gamma: 0, alpha: 0.5 })).toBe(mean / 2);
  });

  test('softmax focal: gamma 0 is cross-entropy', () => {
    for (const size of ROWS) {
      const s = each(entry('crossEntropy'), 'weight', size);
      const { input, target, options } = argumentsOf(s);
      near(
        lossOf('softmaxFocalLoss').valueAndGrad(input, target, { ...options, gamma: 0 }),
        s,
        `C ${size.classes}`,
      );
    }
  });

  // Σ e^x in float32 lanes loses such a loss: the maximum's own 1 must stay out of them.
  test('confident rows: the target at 18, the rest N(0, 1)', () => {
    for (const classes of [10, 65, 1000, 50_257, 151_936]) {
      for (const name of ['crossEntropy', 'softTargetCrossEntropy', 'softmaxFocalLoss']) {
        const s = each({ ...entry(name), ignores: undefined }, 'none', { rows: 3, classes });
        const r = random(classes);
        const at = [0, classes - 1, Math.floor(classes / 2)];
        s.input = fill(3 * classes, () => Math.fround(r.normal()));
        at.forEach((y, row) => (s.input[row * classes + y] = 18));
        if (name === 'softTargetCrossEntropy') {
          s.target = new Float64Array(3 * classes);
          at.forEach((y, row) => (s.target[row * classes + y] = 1));
        } else s.target = Float64Array.from(at);
        const { input, target, options } = argumentsOf(s, { reduction: 'none' });
        near(lossOf(name).valueAndGrad(input, target, options), s, `${name}, C ${classes}`, {
          reduction: 'none',
        });
      }
    }
  });
});

describe.each(platforms.filter(({ precision }) => precision === 'float32'))(
  '$backend: totals',
  ({ backend }) => {
    beforeEach(() => force(backend));
    test.each(table.filter(([, each]) => each.family === 'pointwise'))(
      '%s: the mean of 1,000,003 elements is within 1 ulp',
      { timeout: 60_000 },
      (name, each) => {
        const s = sample({
          entry: each,
          config: 'none',
          size: { rows: 1, classes: 1_000_003 },
          precision: 'float32',
        });
        const { input, target, options } = argumentsOf(s);
        const want = answer(s).values[0]!;
        const got = lossOf(name)(input, target, options) as number;
        expect(Math.abs(got - want) / ulp32(want)).toBeLessThanOrEqual(1);
      },
    );
  },
);
