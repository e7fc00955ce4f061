/**
 * What must hold between calls. Where the contract promises the same bits (row alone = row in a batch, in place = out
 * of place, arena = streamed, forward = valueAndGrad, repeat = repeat) they are compared as bits, −0 apart from 0.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { createArena } from '../src/index.js';
import { cases, configurations, entry, type Entry, type Size } from './cases.js';
import { differs } from './support/judge.js';
import { asArray, force, lossOf, platforms, REDUCTIONS, type Real } from './support/library.js';
import { same } from './support/same.js';
import { argumentsOf, realArray, sample } from './support/sample.js';

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
            same(loss.valueAndGrad(input, target, options), first, `${where}: repeat`);
            same({ value: loss(input, target, options), grad: first.grad }, first, `${where}: forward`);
            const place = input.slice();
            same(loss.valueAndGrad(place, target, { ...options, grad: place }), first, `${where}: in place`);

            const arena = createArena({ bytes: 8 * 1024 * 1024 });
            const real = (from: Real) =>
              precision === 'float32' ? arena.float32(from.length) : arena.float64(from.length);
            const inside = real(input) as Real;
            inside.set(input);
            const index = target instanceof Int32Array ? arena.int32(target.length) : (real(target) as Real);
            index.set(target);
            const grad = real(input) as Real;
            same(loss.valueAndGrad(inside, index, { ...options, grad }), first, `${where}: arena`);
            same(
              { value: loss(inside, index, options), grad: first.grad },
              first,
              `${where}: arena, forward`,
            );
            same(loss.valueAndGrad(inside, target, options), first, `${where}: half in the arena`);
            same(
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
          same(
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
        same({ value: asArray(alone.value)[0]!, grad: alone.grad }, among, `element ${i}`);
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
        same({ value: value as number, grad }, want, `${reduction}, C ${size.classes}`);
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
      same(bound.valueAndGrad(input, target), want, 'bound');
      expect(Object.is(bound(input, target), want.value)).toBe(true);
      const wrong = { ...options, reduction: 'none', gradOutput: 2 };
      const over = { reduction: 'sum', gradOutput: 1, divisor: undefined };
      const sum = lossOf(name).valueAndGrad(input, target, { ...options, reduction: 'sum' });
      same(lossOf(name).with(wrong).valueAndGrad(input, target, over), sum, 'the call wins');
      same(
        lossOf(name)
          .with({ reduction: 'none' })
          .with({ ...options, reduction: 'sum' })
          .valueAndGrad(input, target),
        sum,
        'with with',
      );
    },
  );

  test('undefined in a call is not given: the bound option stays', () => {
    const criterion = lossOf('mseLoss').with({ reduction: 'sum', divisor: 2 });
    const [x, y] = [Real.from([3, 1]), Real.from([1, 0])];
    expect(criterion(x, y, { reduction: undefined })).toBe(5);
    expect(criterion(x, y, { reduction: 'mean' })).toBe(2.5);
    expect(criterion(x, y, { reduction: 'mean', divisor: undefined })).toBe(2.5);
    expect(criterion(x, y, { reduction: 'mean', divisor: 4 })).toBe(1.25);
  });

  test('bound arrays are held by reference', () => {
    const weight = Real.from([1, 1, 1]);
    const criterion = lossOf('crossEntropy').with({ weight, reduction: 'sum' });
    const input = Real.from([0.5, -1, 2]);
    const before = criterion(input, [0]) as number;
    weight[0] = 2;
    expect(criterion(input, [0])).toBe(2 * before);
  });
});
