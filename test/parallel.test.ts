/**
 * losskit/parallel: what a pool gives has the bits of one thread, for every loss and however its arrays are stored; errors come before anything is
 * written.
 */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { linearCrossEntropy } from '../src/index.js';
import type { ThreadPool } from '../src/parallel/pool.js';
import { cases, entry, lossesOf, type Entry, type Size } from './cases.js';
import { force, functionOf, lossOf, platforms, REDUCTIONS } from './support/library.js';
import { type Graded, share, shareAll, smallPool } from './support/pool.js';
import { fill, random } from './support/random.js';
import { same } from './support/same.js';
import { argumentsOf, flatOptions, gradArrays, gradOption, realArray, sample } from './support/sample.js';

const TIMEOUT = { timeout: 240_000 };

let pool: ThreadPool;
let messages: ThreadPool;

beforeAll(async () => {
  pool = await smallPool(2, true);
  messages = await smallPool(2, false);
});

/** Rows around the chunks: fewer than threads, uneven, many. */
const SIZES: Size[] = [
  { rows: 3, classes: 5 },
  { rows: 37, classes: 67 },
  { rows: 11, classes: 1027 },
  { rows: 1301, classes: 10 },
];

type Way = 'shared' | 'ordinary' | 'results alone' | 'blocking' | 'blocking, ordinary' | 'messages';
const WAYS: Way[] = ['shared', 'ordinary', 'results alone', 'blocking', 'blocking, ordinary', 'messages'];

/** The call of `name`, by the pool, with its arrays stored in a way. */
async function by(
  way: Way,
  name: string,
  inputs: readonly unknown[],
  options: Record<string, unknown>,
): Promise<Graded> {
  const loss = functionOf(name);
  const isShared = way === 'shared' || way === 'blocking';
  const args = isShared
    ? [...inputs.map(share), shareAll(options)]
    : way === 'results alone'
      ? [...inputs, shareAll(options)]
      : [...inputs, options];
  if (way.startsWith('blocking')) return pool.callSync('valueAndGradSync', loss, args, true) as Graded;
  return (await (way === 'messages' ? messages : pool).call(loss, args, true)) as Graded;
}

/** Arguments with arrays for all results, so that their kind of memory is the caller's. */
function withResults(
  each: Entry,
  inputs: readonly unknown[],
  options: Record<string, unknown>,
  losses: number,
) {
  const grads = gradArrays(each, inputs as Float32Array[], NaN);
  const out = (inputs[0] as Float32Array).slice(0, losses);
  return {
    ...options,
    grad: gradOption(each, grads),
    ...(options.reduction === 'none' && losses > 0 && out.length === losses ? { out } : {}),
  };
}

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));

  test.each(cases.map((each) => [each.name, each] as const))('%s', TIMEOUT, async (name, each) => {
    const r = random(name.length);
    let round = 0;
    for (const config of Object.keys(each.options))
      for (const size of SIZES) {
        const reduction = REDUCTIONS[round++ % 3]!;
        const s = sample({ entry: each, config, size, precision, seed: reduction });
        const losses = lossesOf(each, size);
        const gradOutput =
          reduction === 'none' ? Float32Array.from({ length: losses }, () => r.normal()) : r.pick([1, -3]);
        const given = argumentsOf(s, { reduction, gradOutput });
        const want = lossOf(name).valueAndGrad(...given.inputs, given.options);
        const options = withResults(each, given.inputs, given.options, losses);
        const ways = round % 4 === 0 ? WAYS : [WAYS[round % WAYS.length]!];
        for (const way of ways)
          same(
            await by(way, name, given.inputs, options),
            want,
            `${config} ${size.rows}x${size.classes} ${way}`,
          );
      }
  });

  test.each([
    { shape: [2, 3, 40, 30], axis: 1 },
    { shape: [1, 19, 64, 64], axis: 1 },
    { shape: [9, 70, 33], axis: 1 },
    { shape: [300, 300], axis: 0 },
  ])('shape $shape, axis $axis', TIMEOUT, async ({ shape, axis }) => {
    const elements = shape.reduce((a, b) => a * b, 1);
    const classes = shape[axis]!;
    for (const name of ['crossEntropy', 'softTargetCrossEntropy', 'mseLoss', 'multilabelSoftMarginLoss']) {
      for (const reduction of REDUCTIONS) {
        const each = entry(name);
        const size = { rows: elements / classes, classes };
        const config = Object.keys(each.options).at(-1)!;
        const s = sample({ entry: each, config, size, precision });
        if (s.options.shift) continue;
        const { inputs, options } = argumentsOf(s, { reduction, shape, axis });
        delete options.classes;
        const want = lossOf(name).valueAndGrad(...inputs, options);
        for (const way of WAYS) {
          const results = withResults(each, inputs, options, 0);
          same(await by(way, name, inputs, { ...results, reduction }), want, `${name} ${reduction} ${way}`);
        }
      }
    }
  });

  test('in place', async () => {
    for (const name of ['crossEntropy', 'mseLoss', 'softTargetCrossEntropy']) {
      const each = entry(name);
      const s = sample({ entry: each, config: 'none', size: { rows: 41, classes: 130 }, precision });
      const { inputs, options } = argumentsOf(s);
      const want = lossOf(name).valueAndGrad(...inputs, options);
      for (const store of [share, <A>(array: A) => (array as Float32Array).slice() as A]) {
        for (const blocking of [false, true]) {
          const args = inputs.map(store);
          const all = [...args, { ...options, grad: args[0] }];
          const got = blocking
            ? pool.callSync('valueAndGradSync', lossOf(name), all, true)
            : await pool.call(lossOf(name), all, true);
          same(got as Graded, want, name);
        }
      }
    }
  });

  test('a bad label is refused before anything is written', async () => {
    const Real = realArray(precision);
    const x = share(fill(5000, (i) => Math.sin(i)));
    const y = share(fill(5000, (i) => (i === 4321 ? 0.5 : i % 2 ? 1 : -1)));
    const input = share(new Real(x));
    const target = share(new Real(y));
    for (const store of [share, <A>(array: A) => array]) {
      const grad = store(new Real(5000).fill(7));
      const args = [input, target, { grad }];
      await expect(pool.call(lossOf('hingeLoss'), args, true)).rejects.toThrow(/target\[4321\] is 0.5/);
      expect(() => pool.callSync('valueAndGradSync', lossOf('hingeLoss'), args, true)).toThrow(
        /target\[4321\]/,
      );
      await expect(messages.call(lossOf('hingeLoss'), args, true)).rejects.toThrow(RangeError);
      expect(grad.every((g) => g === 7)).toBe(true);
    }
    // The next good call is right.
    target[4321] = 1;
    const want = lossOf('hingeLoss').valueAndGrad(input, target);
    same((await pool.call(lossOf('hingeLoss'), [input, target], true)) as Graded, want, 'after');
  });
});

describe.each(['float32', 'float64'] as const)('linearCrossEntropy, %s', (precision) => {
  const Real = realArray(precision);
  const r = random(5);
  const numbers = (n: number, scale: number) => new Real(n).map(() => scale * r.normal());
  // Chunks of up to 256 rows: three of them, uneven; several blocks of the head.
  const [rows, width, classes] = [600, 40, 700];
  const hidden = numbers(rows * width, 1);
  const head = numbers(classes * width, 0.3);
  const bias = numbers(classes, 0.5);
  const targets = Int32Array.from({ length: rows }, (_, i) =>
    i % 7 === 3 ? -100 : r.integer(0, classes - 1),
  );
  const weight = new Real(classes).map(() => r.between(0.5, 2));

  test.each([
    ['plain', {}],
    ['bias', { bias }],
    ['all', { bias, labelSmoothing: 0.1, zLoss: 1e-3, weight, softcap: 20, reduction: 'sum' }],
    ['none', { bias, reduction: 'none' }],
  ] as const)('%s', TIMEOUT, async (_, options) => {
    force('wasm');
    const withBias = 'bias' in options;
    for (const kept of [share, <A>(array: A) => array]) {
      for (const accumulate of [false, true]) {
        const arrays = () => ({
          hidden: new Real(hidden.length).fill(0.5),
          head: new Real(head.length).fill(0.25),
          ...(withBias && { bias: new Real(classes).fill(1) }),
        });
        const wanted = linearCrossEntropy.valueAndGrad(hidden, head, targets, {
          ...options,
          accumulate,
          grad: arrays() as never,
        });
        for (const blocking of [false, true]) {
          const grad = shareAll(arrays());
          const args = [kept(hidden), kept(head), targets, { ...options, accumulate, grad }];
          const got = (
            blocking
              ? pool.callSync('valueAndGradSync', linearCrossEntropy, args, true)
              : await pool.call(linearCrossEntropy, args, true)
          ) as Graded;
          same(got, wanted as unknown as Graded, `accumulate ${accumulate} blocking ${blocking}`);
        }
        const ordinary = await pool.call(
          linearCrossEntropy,
          [hidden, head, targets, { ...options, accumulate, grad: arrays() }],
          true,
        );
        same(ordinary as Graded, wanted as unknown as Graded, 'ordinary');
      }
    }
    const value = linearCrossEntropy(hidden, head, targets, options as never);
    const got = await pool.call(linearCrossEntropy, [hidden, head, targets, options], false);
    same({ value: got.value as never, grad: [] }, { value: value as never, grad: [] }, 'value');
  });

  test('a frozen head', async () => {
    force('wasm');
    const wanted = linearCrossEntropy.valueAndGrad(hidden, head, targets, { grad: { head: null } });
    const got = await pool.call(linearCrossEntropy, [hidden, head, targets, { grad: { head: null } }], true);
    expect((got.grad as { head: null }).head).toBeNull();
    expect((got.grad as { hidden: Float32Array }).hidden).toEqual(wanted.grad.hidden);
  });
});

describe('calls that wait', () => {
  const long = () => {
    const x = new Float32Array(300_000).fill(1);
    return pool.call(lossOf('mseLoss'), [x, new Float32Array(300_000), {}], true);
  };

  test('keep what checks share: labels of ctcLoss, converted weights', async () => {
    force('wasm');
    const each = entry('ctcLoss');
    const some = [9, 3].map((rows) =>
      sample({ entry: each, config: 'none', size: { rows, classes: 7 }, precision: 'float32' }),
    );
    const calls = some.map((s) => {
      const { inputs, options } = argumentsOf(s);
      const args = [...inputs, options];
      return { args, want: lossOf('ctcLoss').valueAndGrad(...args) };
    });
    const x = new Float32Array(400).map((_, i) => Math.sin(i));
    const y = Int32Array.from({ length: 100 }, (_, i) => i % 4);
    const weighted = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ].map((weight) => [x, y, { weight, classes: 4 }]);
    const wants = weighted.map((args) => lossOf('crossEntropy').valueAndGrad(...args));
    const got = await Promise.all([
      long(),
      ...calls.map(({ args }) => pool.call(lossOf('ctcLoss'), args, true)),
      ...weighted.map((args) => pool.call(lossOf('crossEntropy'), args, true)),
    ]);
    [...calls.map(({ want }) => want), ...wants].forEach((want, k) =>
      same(got[k + 1] as Graded, want, `call ${k}`),
    );
  });

  test.each([
    ['wasm', 'js'],
    ['js', 'wasm'],
  ] as const)('run on %s though %s is chosen meanwhile', async (first, then) => {
    const each = entry('crossEntropy');
    const s = sample({
      entry: each,
      config: 'none',
      size: { rows: 900, classes: 200 },
      precision: 'float32',
    });
    const { inputs, options } = argumentsOf(s);
    for (const store of [share, <A>(array: A) => array]) {
      const args = [...inputs.map(store), options];
      force(first);
      const want = lossOf('crossEntropy').valueAndGrad(...args);
      const calls = [0, 1].map(() => pool.call(lossOf('crossEntropy'), args, true));
      force(then);
      for (const call of calls) same((await call) as Graded, want, 'crossEntropy');
    }
  });

  test('do not suffer from one whose array is detached', async () => {
    force('wasm');
    const x = new Float32Array(10_000_000);
    const broken = pool.call(lossOf('mseLoss'), [x, new Float32Array(10_000_000), {}], true);
    const after = long();
    structuredClone(null, { transfer: [x.buffer] });
    await expect(broken.then(() => 'done')).rejects.toThrow(/detached|length|buffer/);
    expect((await after).value).toBe(1);
    expect(
      pool.callSync(
        'valueSync',
        lossOf('mseLoss'),
        [
          [1, 2],
          [1, 3],
        ],
        false,
      ).value,
    ).toBe(0.5);
  });
});

test.each(platforms)(
  '$backend $precision: weights of another kind of number',
  async ({ backend, precision }) => {
    force(backend);
    const Real = realArray(precision);
    const x = new Real(5000).map((_, i) => Math.sin(i));
    const t = new Real(5000).map((_, i) => Math.cos(i));
    const numbers = Array.from(x, (v) => Math.abs(v) + 0.1);
    for (const weight of [
      numbers,
      new Float64Array(numbers),
      Float32Array.from(numbers),
      Int8Array.from(x, () => 3),
    ]) {
      const options = { weight, reduction: 'none', gradOutput: weight };
      const want = lossOf('mseLoss').valueAndGrad(x, t, options);
      for (const way of WAYS) same(await by(way, 'mseLoss', [x, t], options), want, way);
    }
  },
);

test('losses that cannot be split run here, as a whole', async () => {
  force('wasm');
  const each = entry('nllLoss');
  const s = sample({ entry: each, config: 'none', size: { rows: 50, classes: 20 }, precision: 'float32' });
  const { inputs, options } = argumentsOf(s);
  const want = lossOf('nllLoss').valueAndGrad(...inputs, options);
  same((await pool.call(lossOf('nllLoss'), [...inputs, options], true)) as Graded, want, 'nllLoss');
  const a = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
  const info = lossOf('infoNceLoss');
  const got = await pool.call(info, [a, a, { dim: 8 }], true);
  expect(got.value).toBe(info(a, a, { dim: 8 }));
  expect(flatOptions(each, s.shape)).toBeDefined();
});
