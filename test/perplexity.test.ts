/** perplexity and the class that sums it: values, gradients, any split of a corpus, JSON. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { crossEntropy, Perplexity, perplexity, tokenLogProbs } from '../src/index.js';
import { countedTargets, score } from './reference/scoring.js';
import { sum } from './reference/sums.js';
import { expectSlopes } from './support/differences.js';
import { judge, PERPLEXITY_BOUNDS } from './support/judge.js';
import { BACKENDS, force, platforms } from './support/library.js';
import { random, type Random } from './support/random.js';
import { realArray } from './support/sample.js';

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  test('exp of the mean negative log-probability, at every vocabulary', () => {
    const r = random(4);
    for (const classes of [2, 33, 1000, 50257, 151936]) {
      const rows = classes > 2000 ? 2 : 8;
      const x = Kind.from({ length: rows * classes }, () => 2 * r.normal());
      const y = Int32Array.from({ length: rows }, () => r.integer(0, classes - 1));
      for (const options of [{}, { temperature: 1.5 }, { softcap: 6 }]) {
        const nll = (nudge: number) =>
          [...y].map(
            (target, i) =>
              -score(x.subarray(i * classes, (i + 1) * classes), options, nudge).logProbs[target]!,
          );
        const want = Math.exp(sum(nll(0)) / rows);
        const sens = Math.abs(Math.exp(sum(nll(2 ** -24)) / rows) - want);
        const { worst, at } = judge([perplexity(x, y, options)], [want], {
          precision,
          sens: precision === 'float32' ? sens : 0,
          bounds: PERPLEXITY_BOUNDS,
        });
        expect(worst, `${classes} classes${at}`).toBeLessThanOrEqual(1);
        expect(new Perplexity(options).add(x, y).value).toBe(perplexity(x, y, options));
      }
    }
  });

  test('shift, mask and ignoreIndex leave out what they say', () => {
    const r = random(5);
    const dims = [2, 7, 70];
    const x = Kind.from({ length: 2 * 7 * 70 }, () => r.normal());
    const tokens = BigInt64Array.from({ length: 14 }, () => BigInt(r.integer(0, 69)));
    tokens[9] = -100n;
    const mask = BigInt64Array.from({ length: 14 }, () => BigInt(r.integer(0, 2)));
    const kept = countedTargets([...tokens].map(Number), 7, { shift: 1 }, [...mask].map(Number));
    const options = { shift: 1, mask: { data: mask, dims: [2, 7], type: 'int64' } };
    const got = perplexity.valueAndGrad({ data: x, dims }, { data: tokens, dims: [2, 7] }, options);
    const want = crossEntropy.valueAndGrad(x, kept, { ignoreIndex: -1 });
    expect(got.value).toBe(Math.exp(want.value));
    expect(got.divisor).toBe(kept.filter((y) => y >= 0).length);
    got.grad.forEach((g, i) => expect(Math.abs(g - got.value * want.grad[i]!)).toBeLessThan(1e-5));
    const sums = new Perplexity(options).add({ data: x, dims }, { data: tokens, dims: [2, 7] });
    expect([sums.value, sums.tokens]).toEqual([got.value, got.divisor]);
  });

  test('nothing counted, infinite, NaN', () => {
    const x = Kind.of(1, 2, 3, 4);
    const none = perplexity.valueAndGrad(x, [-100, -100]);
    expect(none.value).toBeNaN();
    expect([...none.grad, none.divisor]).toEqual([0, 0, 0, 0, 0]);
    expect(perplexity(new Kind(0), [], { classes: 5 })).toBeNaN();
    expect(perplexity(Kind.of(0, -Infinity), [1])).toBe(Infinity);
    expect(perplexity(Kind.of(0, NaN), [1])).toBeNaN();
    const place = x.slice();
    const want = perplexity.valueAndGrad(x, [0, 1], { gradOutput: 3 });
    const got = perplexity.with({ gradOutput: 3 }).valueAndGrad(place, [0, 1], { grad: place });
    expect(got.grad).toBe(place);
    expect(got).toEqual(want);
  });
});

test.each(BACKENDS)('%s: gradients against central differences, 200 configurations each', (backend) => {
  force(backend);
  const r = random(77);
  for (let k = 0; k < 200; k++) {
    const [rows, classes] = [r.integer(1, 4), r.integer(2, 6)];
    const x = Float64Array.from({ length: rows * classes }, () => 1.5 * r.normal());
    const y = Int32Array.from({ length: rows }, () => (r.next() < 0.2 ? -100 : r.integer(0, classes - 1)));
    const options = {
      ...(r.next() < 0.4 && { temperature: r.between(0.5, 2) }),
      ...(r.next() < 0.4 && { softcap: r.between(2, 10) }),
      ...(r.next() < 0.3 && { shift: 1 }),
    };
    const upstream = Float64Array.from({ length: rows }, () => r.normal());
    const total = ({ z }: { z: Float64Array }) =>
      tokenLogProbs(z, y, { ...options, stats: false }).reduce((s, v, i) => s + v * upstream[i]!, 0);
    const scored = tokenLogProbs.valueAndGrad(x, y, { ...options, stats: false, gradOutput: upstream });
    expectSlopes({ z: x }, total, { z: scored.grad });
    const whole = perplexity.valueAndGrad(x, y, options);
    expectSlopes({ z: x }, ({ z }) => perplexity(z, y, options) || 0, { z: whole.grad });
  }
});

/** A corpus of windows of different lengths. */
function windows(r: Random, count: number) {
  return Array.from({ length: count }, () => {
    const rows = r.integer(0, 9);
    return {
      x: Float32Array.from({ length: rows * 7 }, () => 4 * r.normal()),
      y: Int32Array.from({ length: rows }, () => (r.next() < 0.1 ? -100 : r.integer(0, 6))),
    };
  });
}

describe('the class Perplexity', () => {
  beforeEach(() => force('auto'));

  test('merged over any split, in any order and through JSON, is the unsplit run within 1e-12', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 8 }),
        (seed, count, parts) => {
          const r = random(seed);
          const corpus = windows(r, count);
          const whole = new Perplexity();
          for (const { x, y } of corpus) whole.add(x, y, { classes: 7 });
          const shards = Array.from({ length: parts }, () => new Perplexity());
          for (const { x, y } of corpus) r.pick(shards).add(x, y, { classes: 7 });
          const merged = new Perplexity();
          while (shards.length) {
            const [shard] = shards.splice(r.integer(0, shards.length - 1), 1);
            merged.merge(r.next() < 0.5 ? shard! : Perplexity.fromJSON(JSON.parse(JSON.stringify(shard))));
          }
          expect(merged.tokens).toBe(whole.tokens);
          if (whole.tokens === 0) {
            expect(merged.value).toBeNaN();
            return;
          }
          for (const key of ['nll', 'value', 'bitsPerToken'] as const)
            expect(Math.abs(merged[key] / whole[key] - 1)).toBeLessThanOrEqual(1e-12);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a window cut anywhere, down to single rows of few classes, sums to the whole', () => {
    const r = random(6);
    for (const [rows, classes] of [
      [8, 5],
      [12, 2],
      [30, 70],
    ] as const) {
      const x = Float32Array.from({ length: rows * classes }, () => 3 * r.normal());
      const y = Int32Array.from({ length: rows }, () => r.integer(0, classes - 1));
      const whole = new Perplexity().add(x, y);
      for (const size of [1, 2, 5]) {
        const parts = new Perplexity();
        for (let at = 0; at < rows; at += size)
          parts.merge(
            new Perplexity().add(x.subarray(at * classes, (at + size) * classes), y.subarray(at, at + size)),
          );
        expect(Math.abs(parts.value / whole.value - 1)).toBeLessThanOrEqual(1e-12);
      }
    }
  });

  test('a million small parts lose nothing', () => {
    const x = Float32Array.of(0.3, -0.2, 0.9);
    const one = new Perplexity().add(x, [1]);
    const all = Perplexity.fromJSON({ nll: 1e9, tokens: 1 });
    for (let i = 0; i < 100_000; i++) all.merge(one);
    const want = 1e9 + 100_000 * one.nll;
    expect(Math.abs(all.nll / want - 1)).toBeLessThanOrEqual(2 ** -52);
  });

  test('its numbers are those of its sums', () => {
    const logits = Float32Array.of(1, 2, 0.5, 0, 3, 1);
    const sums = new Perplexity().add(logits, [1, 0]).add(logits.subarray(0, 3), [-100]);
    const nll = -tokenLogProbs(logits, [1, 0]).reduce((a, b) => a + b);
    expect(sums.tokens).toBe(2);
    expect(sums.nll).toBeCloseTo(nll, 6);
    expect(sums.value).toBe(perplexity(logits, [1, 0]));
    expect(sums.bitsPerToken).toBe(sums.nll / 2 / Math.LN2);
    expect(sums.bitsPerByte(11)).toBe(sums.nll / 11 / Math.LN2);
    expect(JSON.parse(JSON.stringify(sums))).toEqual({ nll: sums.nll, tokens: 2 });
    // 2 ** bits per token is the perplexity.
    expect(2 ** sums.bitsPerToken).toBeCloseTo(sums.value, 12);
    const uniform = new Perplexity().add(new Float64Array(64), [0, 5, 9, 15]);
    expect(uniform.value).toBeCloseTo(16, 12);
    expect(uniform.bitsPerToken).toBeCloseTo(4, 12);
  });

  test('no token: NaN; an infinite or undefined sum survives JSON', () => {
    const none = new Perplexity();
    expect([none.nll, none.tokens]).toEqual([0, 0]);
    for (const number of [none.value, none.bitsPerToken, none.bitsPerByte(5)]) expect(number).toBeNaN();
    const copy = (p: Perplexity) => Perplexity.fromJSON(JSON.parse(JSON.stringify(p)));
    expect(copy(none).merge(none).value).toBeNaN();
    const infinite = new Perplexity().add([0, -Infinity], [1]).add([0, 0], [1]);
    expect([infinite.value, copy(infinite).value]).toEqual([Infinity, Infinity]);
    const nan = new Perplexity().add([NaN, 0], [1]).add([0, 0], [1]);
    expect([nan.value, copy(nan).value, nan.merge(infinite).value]).toEqual([NaN, NaN, NaN]);
  });

  test('a refused batch adds nothing; what is wrong is named', () => {
    const sums = new Perplexity({ shift: 1 });
    const cases: [() => unknown, typeof RangeError, RegExp][] = [
      [
        () => sums.add(new Float32Array(6), [0, 9]),
        RangeError,
        /Perplexity\.add: targets\[1\] is 9.*\[0, 3\)/,
      ],
      [() => sums.add(new Int32Array(6) as never, [0, 1]), TypeError, /Perplexity\.add: logits/],
      [
        () => sums.add(new Float32Array(6), [0, 1], { stats: true } as never),
        TypeError,
        /unknown option 'stats'/,
      ],
      [() => new Perplexity({ shft: 1 } as never), TypeError, /Perplexity: unknown option 'shft'/],
      [() => new Perplexity({ temperature: -1 }), RangeError, /temperature is -1/],
      [() => sums.merge({ nll: 1, tokens: 1 } as never), TypeError, /merge.*fromJSON/],
      [() => sums.bitsPerByte(0), RangeError, /bytes is 0/],
      [() => sums.bitsPerByte(NaN), RangeError, /bytes is NaN/],
      [() => sums.bitsPerByte('7' as never), TypeError, /bytes is a string/],
      [() => Perplexity.fromJSON(null as never), TypeError, /sums is null/],
      [() => Perplexity.fromJSON({ nll: 'x', tokens: 1 }), TypeError, /nll is a string/],
      [() => Perplexity.fromJSON({ nll: 5, tokens: 0 }), RangeError, /tokens is 0/],
      [() => Perplexity.fromJSON({ nll: -1, tokens: 1 }), RangeError, /nll is/],
      [() => Perplexity.fromJSON({ nll: 1, tokens: 1.5 }), RangeError, /tokens is 1.5/],
      [() => Perplexity.fromJSON({ nll: 1 } as never), TypeError, /tokens is undefined/],
      [() => Perplexity.fromJSON({ nll: 1, tokens: '1' } as never), TypeError, /tokens is a string/],
    ];
    for (const [bad, error, says] of cases) {
      expect(bad, String(says)).toThrow(error);
      expect(bad).toThrow(says);
    }
    expect([sums.nll, sums.tokens]).toEqual([0, 0]);
  });
});

test('perplexity refuses by name', () => {
  const x = new Float32Array(6);
  const shared = new ArrayBuffer(24);
  const targets = new Int32Array(shared, 0, 2);
  const cases: [object, typeof RangeError, RegExp][] = [
    [{ gradOutput: [1, 2] }, TypeError, /gradOutput is an array.*number/],
    [{ gradOutput: null }, TypeError, /gradOutput/],
    [{ grad: new Float32Array(5) }, RangeError, /grad has 5.*6/],
    [{ reduction: 'sum' }, TypeError, /unknown option 'reduction'/],
    [{ stats: true }, TypeError, /unknown option 'stats'/],
    [{ out: x }, TypeError, /unknown option 'out'/],
    [{ mask: [1] }, RangeError, /mask has 1/],
    [{ grad: new Float32Array(shared) }, RangeError, /grad overlaps/],
  ];
  for (const [options, error, says] of cases) {
    const bad = () => perplexity.valueAndGrad(x, targets, options);
    expect(bad, String(says)).toThrow(error);
    expect(bad).toThrow(says);
    expect(bad).toThrow('perplexity: ');
  }
});
