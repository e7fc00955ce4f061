/**
 * What must hold between calls. Where the contract promises the same bits (row alone = row in a batch, in place = out
 * of place, arena = streamed, forward = valueAndGrad, repeat = repeat) they are compared as bits, −0 apart from 0.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { createArena } from '../src/index.js';
import { byRow, cases, configurations, differentiable, entry, type Entry, type Size } from './cases.js';
import { differs } from './support/judge.js';
import {
  asArray,
  force,
  gradsOf,
  lossOf,
  platforms,
  REDUCTIONS,
  several,
  type Real,
} from './support/library.js';
import { same } from './support/same.js';
import { argumentsOf, gradArrays, gradOption, places, realArray, sample } from './support/sample.js';

const table = cases.map((each) => [each.name, each] as const);
const rowWise = table.filter(([, each]) => byRow(each));

/** Every kernel: few classes, more than 64, more than a block, many tiles, rows longer than a tile. */
const ROWS: Size[] = [
  { rows: 6, classes: 7 },
  { rows: 5, classes: 66 },
  { rows: 4, classes: 1030 },
  { rows: 90, classes: 1000 },
  { rows: 3, classes: 40_003 },
];
const POINTS: Size[] = [1, 6, 37, 1030, 50_003].map((classes) => ({ rows: 1, classes }));
/** Of CTC: samples and classes. */
const SEQUENCES: Size[] = [ROWS[0]!, ROWS[1]!, { rows: 33, classes: 5 }];
const sizesOf = (each: Entry) => (byRow(each) ? ROWS : each.family === 'ctc' ? SEQUENCES : POINTS);

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Real = realArray(precision);
  // One for all: a new one has its own instances of the modules.
  force(backend);
  const arena = createArena({ bytes: 8 * 1024 * 1024 });

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
            const { inputs, options } = argumentsOf(each(entry, config, size), { reduction });
            const first = loss.valueAndGrad(...inputs, options);
            same(loss.valueAndGrad(...inputs, options), first, `${where}: repeat`);
            same({ value: loss(...inputs, options), grad: first.grad }, first, `${where}: forward`);
            const inPlace = (of: typeof inputs, what: string) => {
              const grad = gradOption(entry, places(entry, of));
              same(loss.valueAndGrad(...of, { ...options, grad }), first, `${where}: ${what}`);
            };
            inPlace(
              inputs.map((input) => input.slice()),
              'in place',
            );

            arena.reset();
            const move = (from: Real | Int32Array) => {
              const n = from.length;
              const made =
                from instanceof Int32Array
                  ? arena.int32(n)
                  : precision === 'float32'
                    ? arena.float32(n)
                    : arena.float64(n);
              made.set(from);
              return made as Real;
            };
            const inside = inputs.map(move);
            const grad = gradOption(entry, gradArrays(entry, inputs).map(move));
            same(loss.valueAndGrad(...inside, { ...options, grad }), first, `${where}: arena`);
            const value = loss(...inside, options);
            same({ value, grad: first.grad }, first, `${where}: arena, forward`);
            const half = inputs.map((input, i) => (i === 0 ? inside[0] : input));
            same(loss.valueAndGrad(...half, options), first, `${where}: half in the arena`);
            inPlace(inside, 'arena, in place');
          }
        }
      });
    },
  );

  test.each(rowWise)('%s: a row alone is the row in a batch', (name, entry) => {
    const loss = lossOf(name);
    for (const size of ROWS) {
      for (const config of Object.keys(entry.options)) {
        const { inputs, options } = argumentsOf(each(entry, config, size), { reduction: 'none' });
        if ('mask' in options || 'shift' in options) continue;
        const all = loss.valueAndGrad(...inputs, options);
        for (let r = 0; r < size.rows; r += size.rows > 10 ? 13 : 1) {
          const part = (of: Real | Int32Array) =>
            of.slice((r * of.length) / size.rows, ((r + 1) * of.length) / size.rows) as Real;
          const alone = loss.valueAndGrad(...inputs.map(part), options);
          const inBatch = { value: asArray(all.value)[r]!, grad: gradsOf(all.grad).map(part) };
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
      const { inputs } = argumentsOf(each(entry, 'none', { rows: 1, classes: 1037 }));
      const loss = lossOf(name);
      const all = loss.valueAndGrad(...inputs, { reduction: 'none' });
      for (let i = 0; i < 1037; i += i < 12 ? 1 : 41) {
        const part = (of: Real | Int32Array) => of.slice(i, i + 1) as Real;
        const alone = loss.valueAndGrad(...inputs.map(part), { reduction: 'none' });
        const among = { value: asArray(all.value)[i]!, grad: gradsOf(all.grad).map(part) };
        same({ value: asArray(alone.value)[0]!, grad: alone.grad }, among, `element ${i}`);
      }
    },
  );

  test.each(table.filter(([, each]) => each.ignores))('%s: ignored rows are rows removed', (name) => {
    for (const size of ROWS) {
      const made = each({ ...entry(name), ignores: undefined }, 'none', size);
      const { inputs, options } = argumentsOf(made);
      const [input, target] = inputs as [Real, Int32Array];
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
      const { inputs, options } = argumentsOf(each(entry, config, { rows: 6, classes: 19 }));
      // The term of zLoss has a denominator of its own; CTC's mean divides each loss by its labels.
      if (options['zLoss'] || entry.family === 'ctc') continue;
      const loss = lossOf(name);
      const mean = loss.valueAndGrad(...inputs, options);
      const sum = loss.valueAndGrad(...inputs, { ...options, reduction: 'sum' });
      const none = loss.valueAndGrad(...inputs, { ...options, reduction: 'none' });
      expect([sum.divisor, none.divisor], config).toEqual([mean.divisor, mean.divisor]);
      const close = (a: number, b: number) =>
        expect(Math.abs(a - b), config).toBeLessThanOrEqual(1e-14 * Math.abs(b));
      close((mean.value as number) * mean.divisor, sum.value as number);
      const given = loss.valueAndGrad(...inputs, { ...options, divisor: 1024 });
      close(given.value as number, (sum.value as number) / 1024);
      expect(given.divisor).toBe(1024);
      // A power of two: the gradient is that of the sum, scaled without rounding.
      const scaled = gradsOf(sum.grad).map((grad) => grad.map((g) => g / 1024) as Real);
      gradsOf(given.grad).forEach((grad, k) => expect(differs(grad, scaled[k]!)).toBe(-1));
      const ignored = loss(...inputs, { ...options, reduction: 'sum', divisor: 3 });
      expect(Object.is(ignored, sum.value), 'sum ignores divisor').toBe(true);
    }
  });

  test.each(configurations.map(({ entry, config }) => [entry.name, config, entry] as const))(
    '%s, %s: bound options are the options, and those of the call win',
    (name, config, entry) => {
      const { inputs, options } = argumentsOf(each(entry, config, { rows: 5, classes: 9 }));
      const loss = lossOf(name);
      const want = loss.valueAndGrad(...inputs, options);
      const bound = loss.with(options);
      same(bound.valueAndGrad(...inputs), want, 'bound');
      expect(Object.is(bound(...inputs), want.value)).toBe(true);
      const wrong = { ...options, reduction: 'none', gradOutput: 2 };
      const over = { reduction: 'sum', gradOutput: 1, divisor: undefined };
      const total = { ...options, reduction: 'sum' };
      const sum = loss.valueAndGrad(...inputs, total);
      same(loss.with(wrong).valueAndGrad(...inputs, over), sum, 'the call wins');
      same(
        loss
          .with({ reduction: 'none' })
          .with(total)
          .valueAndGrad(...inputs),
        sum,
        'with with',
      );
    },
  );

  test.each(table.filter(([, each]) => differentiable(each).length > 1))(
    '%s: a gradient that is null is not computed, and the others are as ever',
    (name, entry) => {
      const names = differentiable(entry).map((input) => input.name);
      for (const size of sizesOf(entry)) {
        for (const config of ['none', Object.keys(entry.options).at(-1)!]) {
          const { inputs, options } = argumentsOf(each(entry, config, size));
          const all = lossOf(name).valueAndGrad(...inputs, options);
          const wanted = gradsOf(all.grad);
          for (let choice = 0; choice < 2 ** names.length; choice++) {
            const off = names.filter((_, k) => (choice >> k) & 1);
            const grad = Object.fromEntries(off.map((each) => [each, null]));
            const got = several(name).valueAndGrad(...inputs, { ...options, grad });
            expect(Object.is(got.value, all.value)).toBe(true);
            expect(Object.keys(got.grad)).toEqual(names);
            names.forEach((key, k) => {
              if (off.includes(key)) expect(got.grad[key]).toBeNull();
              else expect(differs(got.grad[key]!, wanted[k]!), `${key} without ${off}`).toBe(-1);
            });
          }
        }
      }
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
