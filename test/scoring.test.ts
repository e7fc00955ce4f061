/** tokenLogProbs: log-probabilities, statistics and gradients against float64, in every form that logits, targets and masks come in. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createArena, crossEntropy, tokenLogProbs, type TokenLogProbsOptions } from '../src/index.js';
import { countedTargets, score, type ScoreOptions } from './reference/scoring.js';
import { randomBits, widen, type Half } from './support/halves.js';
import { differs, judge } from './support/judge.js';
import { BACKENDS, force, platforms, type Real } from './support/library.js';
import { random, seedOf } from './support/random.js';
import { same } from './support/same.js';
import { realArray } from './support/sample.js';

const tensor = <A>(data: A, dims: number[], more: { type?: string } = {}) => ({ data, dims, ...more });

const CLASSES = [1, 2, 3, 7, 33, 64, 65, 1000, 1030, 50257, 151936, 262144];
const OPTIONS: ScoreOptions[] = [{}, { temperature: 0.7 }, { softcap: 5 }, { softcap: 9, temperature: 2.5 }];

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  /** All that a call gives, against the reference; the reference of nudged logits says how well a number can be known. */
  function check(x: Real, targets: Int32Array, options: ScoreOptions, where: string): void {
    const rows = targets.length;
    const classes = x.length / rows;
    const { value, grad, divisor } = tokenLogProbs.valueAndGrad(x, targets, { ...options, stats: true });
    const { logProbs, entropy, argmax, accuracy } = value;
    expect(logProbs).toBeInstanceOf(Kind);
    expect(entropy).toBeInstanceOf(Kind);
    expect(argmax).toBeInstanceOf(Int32Array);
    const judged = (
      what: string,
      got: ArrayLike<number>,
      want: ArrayLike<number>,
      near: ArrayLike<number>,
    ) => {
      let sens = 2 ** -60;
      for (let i = 0; i < want.length; i++) sens = Math.max(sens, Math.abs(near[i]! - want[i]!) || 0);
      const verdict = judge(got, want, { precision, sens: precision === 'float32' ? sens : 0 });
      if (verdict.worst > 1) expect.fail(`${where}: ${what}${verdict.at}`);
    };
    let right = 0;
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(r * classes, (r + 1) * classes);
      const y = targets[r]!;
      if (y < 0) {
        expect([logProbs[r], entropy[r], argmax[r]]).toEqual([0, 0, -1]);
        expect(grad.subarray(r * classes, (r + 1) * classes).every((g) => g === 0)).toBe(true);
        continue;
      }
      const want = score(row, options);
      const near = score(row, options, 2 ** -24);
      judged('log p', [logProbs[r]!], [want.logProbs[y]!], [near.logProbs[y]!]);
      judged('entropy', [entropy[r]!], [want.entropy], [near.entropy]);
      judged('gradient', grad.subarray(r * classes, (r + 1) * classes), want.gradient(y), near.gradient(y));
      // Where capped logits are as good as equal, float32 may see a tie.
      if (options.softcap === undefined) expect(argmax[r], where).toBe(want.order[0]);
      if (argmax[r] === y) right++;
    }
    const counted = targets.filter((y) => y >= 0).length;
    expect(accuracy).toBe(right / counted);
    expect(divisor).toBe(counted);
    // The plain forms give the same bits.
    const plain = tokenLogProbs(x, targets, options);
    expect(differs(plain, logProbs), `${where}: without stats`).toBe(-1);
    const slopes = tokenLogProbs.valueAndGrad(x, targets, options);
    // A 0 may have either sign.
    same(
      { ...slopes, grad: slopes.grad.map((g) => g + 0) },
      { value: logProbs, grad: grad.map((g) => g + 0) },
      where,
    );
    const stats = tokenLogProbs(x, targets, { ...options, stats: true });
    expect(differs(stats.entropy, entropy), where).toBe(-1);
    expect(stats.argmax).toEqual(argmax);
  }

  test.each(CLASSES)('%i classes', (classes) => {
    const r = random(seedOf(`classes ${classes}`));
    const rows = classes > 100_000 ? 2 : classes > 2000 ? 3 : 9;
    for (const options of classes > 100_000 ? [OPTIONS[0]!, OPTIONS[3]!] : OPTIONS) {
      for (const spread of [1, 8]) {
        const x = Kind.from({ length: rows * classes }, () => spread * r.normal());
        const targets = Int32Array.from({ length: rows }, () => r.integer(0, classes - 1));
        // A confident row, a tie for the first place, a row that does not count.
        if (rows > 3) {
          x[4 * classes + targets[4]!] = 12 * spread;
          if (classes > 3) x[5 * classes + 1] = x[5 * classes + 3] = 10 * spread;
          targets[2] = -100;
        }
        check(x, targets, options, `${classes} classes, spread ${spread}, ${JSON.stringify(options)}`);
      }
    }
  });

  test('a row longer than a region of kernel memory', () => {
    const r = random(3);
    const classes = 600_001;
    const x = Kind.from({ length: classes }, () => 2 * r.normal());
    check(x, Int32Array.of(599_999), {}, 'long row');
    const want = tokenLogProbs(x, [7], { stats: true });
    expect(want.argmax[0]).toBe(x.indexOf(x.reduce((a, b) => Math.max(a, b))));
    const softcapped = tokenLogProbs(x, [7], { stats: true, softcap: 30, temperature: 2 });
    expect(softcapped.entropy[0]).toBeGreaterThan(want.entropy[0]!);
  });

  test('confident rows keep their digits at every vocabulary', () => {
    for (const classes of [1000, 50257, 151936]) {
      const r = random(classes);
      const x = Kind.from({ length: classes }, () => r.normal());
      x[classes >> 1] = 18;
      check(x, Int32Array.of(classes >> 1), {}, `confident, ${classes}`);
    }
  });

  test('shift and mask by their definition, for [B, T, V] and flat logits', () => {
    const [batch, length, classes] = [3, 6, 11];
    const r = random(5);
    const x = Kind.from({ length: batch * length * classes }, () => r.normal());
    const tokens = Int32Array.from({ length: batch * length }, () => r.integer(0, classes - 1));
    const mask = Int32Array.from(tokens, () => r.integer(0, 3) && 1);
    const dims = [batch, length, classes];
    for (const shift of [0, 1, 2, 5, 6, 100]) {
      for (const given of [undefined, mask]) {
        for (const sequence of [length, batch * length]) {
          const kept = Int32Array.from(countedTargets(tokens, sequence, { shift }, given));
          const want = tokenLogProbs.valueAndGrad(x, kept, { ignoreIndex: -1, stats: true });
          const options = { shift, mask: given ?? null, stats: true } as const;
          const forms =
            sequence === length
              ? [
                  tokenLogProbs.valueAndGrad(tensor(x, dims), tensor(tokens, [batch, length]), options),
                  tokenLogProbs.valueAndGrad(x, tokens, { ...options, shape: dims }),
                ]
              : [tokenLogProbs.valueAndGrad(x, tokens, options)];
          for (const got of forms) {
            const where = `shift ${shift}, sequences of ${sequence}`;
            expect(got.value.logProbs).toHaveLength(batch * length);
            expect(differs(got.value.logProbs, want.value.logProbs), where).toBe(-1);
            expect(differs(got.value.entropy, want.value.entropy), where).toBe(-1);
            expect(got.value.argmax).toEqual(want.value.argmax);
            expect(got.value.accuracy).toBe(want.value.accuracy);
            expect(differs(got.grad, want.grad), where).toBe(-1);
            expect(got.divisor).toBe(want.divisor);
          }
        }
      }
    }
  });

  test('masks of every integer kind, targets of every integer kind', () => {
    const x = Kind.from({ length: 40 }, (_, i) => Math.sin(i));
    const tokens = [4, 0, 3, 2, 1, 4, 4, 0];
    const bits = [1, 1, 0, 1, 0, 1, 1, 1];
    const want = tokenLogProbs(x, tokens, { shift: 1, mask: bits });
    const lists = (from: number[]) => [
      from,
      Int32Array.from(from),
      Uint8Array.from(from),
      BigInt64Array.from(from, BigInt),
      tensor(BigInt64Array.from(from, BigInt), [8], { type: 'int64' }),
      tensor(Uint8Array.from(from), [1, 8], { type: 'uint8' }),
    ];
    for (const targets of lists(tokens) as Int32Array[])
      for (const mask of [...lists(bits), bits.map(Boolean), bits.map(BigInt)] as Int32Array[])
        expect(differs(tokenLogProbs(x, targets, { shift: 1, mask }), want)).toBe(-1);
  });

  test('over another axis, given arrays, in place, in an arena, with bound options: the same bits', () => {
    const r = random(6);
    for (const [rows, classes] of [
      [10, 5],
      [6, 70],
      [4, 1030],
    ] as const) {
      const x = Kind.from({ length: rows * classes }, () => 3 * r.normal());
      const y = Int32Array.from({ length: rows }, () => r.integer(0, classes - 1));
      const gradOutput = Kind.from({ length: rows }, () => r.normal());
      for (const options of [
        {},
        { gradOutput },
        { temperature: 2, gradOutput: -0.5 },
      ] as TokenLogProbsOptions[]) {
        const want = tokenLogProbs.valueAndGrad(x, y, { ...options, stats: false });
        const [out, grad] = [new Kind(rows).fill(7), new Kind(x.length).fill(7)];
        const got = tokenLogProbs.valueAndGrad(x, y, { ...options, stats: false, out, grad });
        expect(got.value).toBe(out);
        expect(got.grad).toBe(grad);
        same(got, want, 'given');
        const place = x.slice();
        same(tokenLogProbs.with(options).valueAndGrad(place, y, { grad: place }), want, 'in place, bound');
        const arena = createArena({ bytes: 1024 * 1024 });
        const own = precision === 'float32' ? arena.float32(x.length) : arena.float64(x.length);
        own.set(x);
        same(tokenLogProbs.valueAndGrad(own, y, { ...options, stats: false }), want, 'arena');
        const stats = tokenLogProbs(own, y, { ...options, stats: true });
        expect(stats.argmax).toEqual(tokenLogProbs(x, y, { ...options, stats: true }).argmax);
        own.fill(0);
        const across = Kind.from(
          { length: x.length },
          (_, i) => x[(i % rows) * classes + Math.floor(i / rows)]!,
        );
        const { value, grad: slopes } = tokenLogProbs.valueAndGrad(across, y, {
          ...options,
          stats: true,
          shape: [classes, rows],
          axis: 0,
        });
        expect(differs(value.logProbs, want.value as Real)).toBe(-1);
        expect(value.argmax).toEqual(stats.argmax);
        expect(differs(value.entropy, stats.entropy)).toBe(-1);
        slopes.forEach((g, i) => expect(g).toBe(want.grad[(i % rows) * classes + Math.floor(i / rows)]));
      }
    }
  });

  test('it is −crossEntropy, and no -0 anywhere', () => {
    const x = Kind.from({ length: 30 }, (_, i) => Math.cos(i * i));
    const y = [0, -100, 4];
    const losses = crossEntropy(x, y, { reduction: 'none', classes: 10 });
    const logs = tokenLogProbs(x, y, { classes: 10 });
    logs.forEach((l, i) => expect(Object.is(l, 0 - losses[i]!)).toBe(true));
  });

  test('a row alone is the row in a batch', () => {
    const r = random(8);
    for (const classes of [5, 64, 65, 1030]) {
      const x = Kind.from({ length: 7 * classes }, () => 3 * r.normal());
      const y = Int32Array.from({ length: 7 }, () => r.integer(0, classes - 1));
      const all = tokenLogProbs(x, y, { stats: true });
      for (let i = 0; i < 7; i++) {
        const alone = tokenLogProbs(x.subarray(i * classes, (i + 1) * classes), [y[i]!], { stats: true });
        expect(alone.logProbs[0]).toBe(all.logProbs[i]);
        expect(alone.entropy[0]).toBe(all.entropy[i]);
        expect(alone.argmax[0]).toBe(all.argmax[i]);
      }
    }
  });

  test.each([3, 70, 1030])('NaN, +inf and −inf stay in their row: %i classes', (classes) => {
    const x = Kind.from({ length: 7 * classes }, (_, i) => Math.sin(i));
    const y = new Int32Array(7).fill(1);
    const clean = tokenLogProbs.valueAndGrad(x, y, { stats: true });
    x[classes + 2] = NaN;
    x[2 * classes + 2] = Infinity;
    x.fill(-Infinity, 3 * classes, 4 * classes);
    x[4 * classes + 2] = -Infinity; // not the target: no probability
    x[5 * classes + 1] = -Infinity; // the target
    const { value, grad } = tokenLogProbs.valueAndGrad(x, y, { stats: true });
    const slopes = (row: number) => grad.subarray(row * classes, (row + 1) * classes);
    for (const row of [0, 6]) {
      expect(value.logProbs[row]).toBe(clean.value.logProbs[row]);
      expect(value.entropy[row]).toBe(clean.value.entropy[row]);
    }
    for (const row of [1, 2, 3]) {
      expect(value.logProbs[row]).toBeNaN();
      expect(value.entropy[row]).toBeNaN();
      expect(slopes(row).every(Number.isNaN)).toBe(true);
    }
    // A NaN is the largest, as in PyTorch; of equal values the first.
    expect([...value.argmax.subarray(1, 4)]).toEqual([2, 2, 0]);
    expect(value.logProbs[4]).toBeLessThan(0);
    expect(slopes(4)[2]! + 0).toBe(0);
    expect(value.logProbs[5]).toBe(-Infinity);
    expect(Number.isFinite(value.entropy[5])).toBe(true);
    expect(slopes(5)[1]).toBe(1);
    // A row that does not count is not read.
    x[0] = NaN;
    const ignored = tokenLogProbs.valueAndGrad(x.subarray(0, classes), [-100], { stats: true });
    expect([ignored.value.logProbs[0], ignored.value.entropy[0], ignored.value.argmax[0]]).toEqual([
      0, 0, -1,
    ]);
    expect(ignored.value.accuracy).toBeNaN();
    expect(ignored.grad.every((g) => g === 0)).toBe(true);
  });

  test('an ignored token may be any number, of every kind of array', () => {
    for (const ignoreIndex of [255, 100, -1, 1]) {
      for (const classes of [3, 70]) {
        const x = Kind.from({ length: 3 * classes }, (_, i) => i);
        const y = [2, ignoreIndex, ignoreIndex];
        for (const targets of [Int32Array.from(y), BigInt64Array.from(y, BigInt), y]) {
          const got = tokenLogProbs(x, targets, { stats: true, ignoreIndex });
          expect([...got.argmax]).toEqual([classes - 1, -1, -1]);
          expect(got.accuracy).toBe(classes === 3 ? 1 : 0);
          expect([...got.entropy].slice(1)).toEqual([0, 0]);
        }
      }
    }
  });

  test('in place, the statistics are those of the logits', () => {
    for (const classes of [4, 70, 1030]) {
      const x = Kind.from({ length: 3 * classes }, (_, i) => i % 7);
      x[2] = NaN;
      x[classes + 3] = Infinity;
      const y = [1, 1, 1];
      const want = tokenLogProbs.valueAndGrad(x, y, { stats: true });
      const arena = createArena({ bytes: 1e6 });
      const own = precision === 'float32' ? arena.float32(x.length) : arena.float64(x.length);
      own.set(x);
      for (const place of [x.slice(), own]) {
        const got = tokenLogProbs.valueAndGrad(place, y, { stats: true, grad: place });
        expect(got.grad).toBe(place);
        expect([...got.value.argmax]).toEqual([2, 3, want.value.argmax[2]]);
        expect(got.value.accuracy).toBe(want.value.accuracy);
        expect(differs(got.grad, want.grad)).toBe(-1);
      }
    }
  });

  test('large logits that differ by little keep it under a temperature', () => {
    if (precision === 'float32') return;
    const x = Float64Array.of(-9000.75, -9000.7500001, -9000.9);
    const want = score(
      x.map((v) => v + 9000),
      { temperature: 0.003 },
    ).logProbs[0]!;
    expect(Math.abs(tokenLogProbs(x, [0], { temperature: 0.003 })[0]! / want - 1)).toBeLessThan(1e-7);
    const js = tokenLogProbs(x, [0], { temperature: 0.003 })[0]!;
    force(backend === 'js' ? 'wasm' : 'js');
    expect(Math.abs(tokenLogProbs(x, [0], { temperature: 0.003 })[0]! / js - 1)).toBeLessThan(1e-12);
  });

  test('no rows', () => {
    const { logProbs, argmax, accuracy } = tokenLogProbs(new Kind(0), [], { classes: 3, stats: true });
    expect([logProbs.length, argmax.length]).toEqual([0, 0]);
    expect(accuracy).toBeNaN();
  });
});

describe.each(BACKENDS)('%s', (backend) => {
  beforeEach(() => force(backend));

  test.each(['float16', 'bfloat16'] as Half[])('%s logits are their float32 values', (type) => {
    const r = random(type.length);
    for (const classes of [2, 33, 1000, 50257, 151936]) {
      const rows = classes > 2000 ? 2 : 5;
      const bits = randomBits(r, rows * classes, type, -8, 3);
      bits[classes >> 1] = 0; // zeros and subnormals in between
      bits[classes - 1] = 0x8003;
      const wide = Float32Array.from(bits, (b) => widen(b, type));
      const y = Int32Array.from({ length: rows }, () => r.integer(0, classes - 1));
      const dims = [rows, classes];
      const got = tokenLogProbs.valueAndGrad(tensor(bits, dims, { type }), y, { stats: true });
      const want = tokenLogProbs.valueAndGrad(wide, y, { stats: true });
      expect(got.value.logProbs).toBeInstanceOf(Float32Array);
      expect(differs(got.value.logProbs, want.value.logProbs)).toBe(-1);
      expect(differs(got.value.entropy, want.value.entropy)).toBe(-1);
      expect(got.value.argmax).toEqual(want.value.argmax);
      expect(differs(got.grad, want.grad)).toBe(-1);
    }
  });
});

test.each(BACKENDS)('%s refuses what it cannot score, by name, and writes nothing', (backend) => {
  force(backend);
  const x = new Float32Array(12);
  const y = Int32Array.of(0, 1, 2);
  const out = new Float32Array(3).fill(7);
  const grad = new Float32Array(12).fill(7);
  const remote = (...dims: number[]) => ({
    dims,
    location: 'gpu-buffer',
    get data(): never {
      throw new Error('not on the CPU');
    },
  });
  const cases: [unknown, unknown, object, typeof RangeError, RegExp][] = [
    [x, Int32Array.of(0, 4, 1), {}, RangeError, /targets\[1\] is 4.*\[0, 4\).*ignoreIndex \(-100\)/],
    [x, Int32Array.of(0, -1, 1), { shift: 1 }, RangeError, /targets\[1\] is -1/],
    [x, [0, 1.5, 2], {}, RangeError, /targets\[1\].*integer/],
    [x, BigInt64Array.of(0n, 1n, 2n ** 60n), {}, RangeError, /targets\[2\]/],
    [x, new Float32Array(3), {}, TypeError, /targets is Float32Array/],
    [new Int32Array(12), y, {}, TypeError, /logits is Int32Array/],
    [null, y, {}, TypeError, /logits is null/],
    [new Uint16Array(12), y, {}, TypeError, /float16/],
    [tensor(new Uint16Array(12), [3, 4]), y, {}, TypeError, /float16/],
    [remote(3, 4), y, {}, TypeError, /logits.*gpu-buffer.*await logits\.getData\(\)/],
    [x, remote(3), {}, TypeError, /targets.*await targets\.getData\(\)/],
    [x, y, { mask: remote(3) }, TypeError, /mask.*await mask\.getData\(\)/],
    [x, y, { mask: [1, 1] }, RangeError, /mask has 2.*3/],
    [x, y, { mask: 'all' }, TypeError, /mask/],
    [
      tensor(x, [1, 4, 3]),
      tensor(y, [1, 3]),
      { axis: 1, mask: tensor(new Uint8Array(3), [3, 1]) },
      RangeError,
      /mask has shape \[3, 1\], expected \[1, 3\]/,
    ],
    [x, tensor(new Uint16Array(3), [3], { type: 'float16' }), {}, TypeError, /targets is a float16 tensor/],
    [{ data: x, dims: [3, 4], location: 'none' }, y, {}, TypeError, /logits.*disposed/],
    [x, y, { shift: -1 }, RangeError, /shift is -1/],
    [x, y, { shift: 0.5 }, RangeError, /shift is 0.5/],
    [x, y, { temperature: 0 }, RangeError, /temperature is 0/],
    [x, y, { softcap: -3 }, RangeError, /softcap is -3/],
    [x, y, { ignoreIndex: 0.5 }, RangeError, /ignoreIndex/],
    [x, y, { stats: 'yes' }, TypeError, /stats/],
    [x, y, { reduction: 'mean' }, TypeError, /unknown option 'reduction'/],
    [x, y, { weight: [1, 1, 1, 1] }, TypeError, /unknown option 'weight'/],
    [x, y, { classes: 5 }, RangeError, /5/],
    [x, y, { shape: [3, 5] }, RangeError, /15/],
    [x, y, { out: new Float32Array(2) }, RangeError, /out has 2.*3/],
    [x, y, { out: new Float64Array(3) }, TypeError, /out/],
    [x, y, { out: x.subarray(0, 3) }, RangeError, /out overlaps/],
    [x, y, { out: new Float32Array(y.buffer) }, RangeError, /out overlaps/],
    [x, y, { grad: new Float32Array(11) }, RangeError, /grad has 11.*12/],
    [x, y, { grad: new Float32Array(x.buffer, 4) }, RangeError, /grad has 11/],
    [x.subarray(0, 6), [0, 1, 0], { grad: x.subarray(3, 9) }, RangeError, /grad overlaps/],
    [x, y, { gradOutput: [1, 2] }, RangeError, /gradOutput has 2.*3/],
    [x, y, { gradOutput: 'x' }, TypeError, /gradOutput/],
  ];
  for (const [logits, targets, options, error, says] of cases) {
    const bad = () =>
      tokenLogProbs.valueAndGrad(logits as Float32Array, targets as Int32Array, { out, grad, ...options });
    expect(bad, String(says)).toThrow(error);
    expect(bad).toThrow(says);
    expect(bad).toThrow('tokenLogProbs: ');
  }
  expect(out.every((v) => v === 7) && grad.every((v) => v === 7)).toBe(true);
  expect(tokenLogProbs(x, y)[0]).toBeCloseTo(-Math.log(4), 6);
});
