/** topLogProbs: the order and the numbers against a full sort in float64, whatever the order, the ties and the accidents of the logits. */
import { beforeEach, describe, expect, test } from 'vitest';
import { tokenLogProbs, topLogProbs } from '../src/index.js';
import { score } from './reference/scoring.js';
import { randomBits, widen } from './support/halves.js';
import { differs, judge } from './support/judge.js';
import { BACKENDS, force, platforms } from './support/library.js';
import { random } from './support/random.js';
import { realArray } from './support/sample.js';

const OPTIONS = [{}, { temperature: 0.5 }, { softcap: 40 }];

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  /** The best k of each row, for each of ks. */
  function check(
    x: Float32Array | Float64Array,
    classes: number,
    ks: number[],
    options: object,
    where: string,
  ) {
    const rows = x.length / classes;
    const wanted = Array.from({ length: rows }, (_, r) => {
      const row = x.subarray(r * classes, (r + 1) * classes);
      return { row, want: score(row, options), near: score(row, options, 2 ** -24) };
    });
    for (const k of ks) {
      const { indices, logProbs } = topLogProbs(x, { ...options, classes, k });
      expect(indices).toBeInstanceOf(Int32Array);
      expect(logProbs).toBeInstanceOf(Kind);
      expect([indices.length, logProbs.length]).toEqual([rows * k, rows * k]);
      wanted.forEach(({ row, want, near }, r) => {
        const ids = want.order.slice(0, k);
        const got = indices.subarray(r * k, (r + 1) * k);
        const at = differs(got, ids);
        if (at >= 0) expect.fail(`${where}, k ${k}, row ${r}: place ${at} is ${got[at]}, not ${ids[at]}`);
        let sens = 0;
        for (const c of ids) sens = Math.max(sens, Math.abs(near.logProbs[c]! - want.logProbs[c]!) || 0);
        const logs = ids.map((c) => want.logProbs[c]!);
        const verdict = judge(logProbs.subarray(r * k, (r + 1) * k), logs, { precision, sens });
        if (verdict.worst > 1) expect.fail(`${where}, k ${k}, row ${r}: log p${verdict.at}`);
        // The same bits as the score of that token, where WebAssembly does not take short rows by columns or long ones by blocks.
        if (backend === 'js' || (classes > 64 && classes < 200_000))
          expect(tokenLogProbs(row, [ids[0]!], options)[0]).toBe(logProbs[r * k]);
      });
    }
  }

  test.each([1, 2, 3, 5, 16, 17, 33, 64, 65, 100, 257, 1000, 1030, 50257])('%i classes', (classes) => {
    const r = random(classes);
    const rows = classes > 2000 ? 1 : 4;
    const all = [1, 2, 5, 8, 9, 50, 600, classes - 1, classes].filter((k) => k >= 1 && k <= classes);
    const ks = [...new Set(all)];
    for (const options of OPTIONS) {
      const x = Kind.from({ length: rows * classes }, () => 3 * r.normal());
      // Capped logits that differ in float64 may be a tie in float32: not among the first of a few.
      const wanted = 'softcap' in options ? ks.filter((k) => k < 10) : ks;
      check(x, classes, wanted, options, JSON.stringify(options));
      // Few values: nearly all of them ties.
      check(x.map(Math.round), classes, wanted, options, `ties, ${JSON.stringify(options)}`);
    }
  });

  test('rising, falling, equal, and large only at the very end', () => {
    const ks = [1, 5, 20];
    for (const classes of [20, 64, 333, 1030, 20_000]) {
      const ask = (value: (c: number) => number, where: string) =>
        check(
          Kind.from({ length: classes }, (_, c) => value(c)),
          classes,
          ks,
          {},
          `${where} ${classes}`,
        );
      ask((c) => c / 64, 'rising');
      ask((c) => -c / 64, 'falling');
      ask(() => -2.5, 'equal');
      ask(() => 0, 'zero');
      ask((c) => (c < classes - 7 ? -(c % 5) : c - classes), 'late');
    }
  });

  test('−inf where there are fewer finite logits than asked for', () => {
    for (const classes of [9, 70, 1030]) {
      const x = new Kind(classes).fill(-Infinity);
      x[classes - 2] = 1;
      x[4] = 2;
      const { indices, logProbs } = topLogProbs(x, { k: 5 });
      expect([...indices]).toEqual([4, classes - 2, 0, 1, 2]);
      expect([...logProbs].slice(2)).toEqual([-Infinity, -Infinity, -Infinity]);
      expect(logProbs[0]! + Math.log1p(Math.exp(-1))).toBeCloseTo(0, 6);
    }
  });

  test('NaN first, as in PyTorch, and its row alone', () => {
    for (const classes of [7, 70, 1030, 5000]) {
      const x = Kind.from({ length: 4 * classes }, (_, i) => Math.sin(i * i));
      const clean = topLogProbs(x, { k: 4, classes });
      x[classes + 5] = NaN;
      x[classes + 2] = NaN;
      x[2 * classes + 6] = Infinity;
      x.fill(-Infinity, 3 * classes);
      const { indices, logProbs } = topLogProbs(x, { k: 4, classes });
      expect([...indices.subarray(0, 4)]).toEqual([...clean.indices.subarray(0, 4)]);
      expect(differs(logProbs.subarray(0, 4), clean.logProbs.subarray(0, 4))).toBe(-1);
      expect(logProbs.subarray(4).every(Number.isNaN)).toBe(true);
      for (const row of [1, 2])
        expect([...indices.subarray(row * 4, row * 4 + 4)]).toEqual(
          score(x.subarray(row * classes, (row + 1) * classes)).order.slice(0, 4),
        );
      expect([...indices.subarray(12)]).toEqual([0, 1, 2, 3]);
    }
  });

  test('a shape, another axis: k in place of the classes', () => {
    const r = random(2);
    const [outer, inner] = [3, 5];
    for (const classes of [4, 70, 2000]) {
      const x = Kind.from({ length: outer * classes * inner }, () => r.normal());
      const rows = new Kind(x.length);
      for (let i = 0; i < x.length; i++) {
        const [o, c, j] = [Math.floor(i / (classes * inner)), Math.floor(i / inner) % classes, i % inner];
        rows[(o * inner + j) * classes + c] = x[i]!;
      }
      const want = topLogProbs(rows, { k: 3, classes });
      const got = topLogProbs({ data: x, dims: [outer, classes, inner] }, { k: 3, axis: 1 });
      for (let o = 0; o < outer; o++)
        for (let j = 0; j < inner; j++)
          for (let n = 0; n < 3; n++) {
            const at = (o * 3 + n) * inner + j;
            const from = (o * inner + j) * 3 + n;
            expect(got.indices[at]).toBe(want.indices[from]);
            expect(got.logProbs[at]).toBe(want.logProbs[from]);
          }
      const flat = topLogProbs(rows, { k: 3, shape: [outer * inner, classes] });
      expect(flat.indices).toEqual(want.indices);
    }
    expect(topLogProbs(new Kind(0), { k: 1, classes: 3 }).indices).toHaveLength(0);
  });

  test('a row longer than a region of kernel memory', () => {
    const x = Kind.from({ length: 600_001 }, (_, c) => Math.sin(c * 0.7) * 4);
    check(x, x.length, [5], {}, 'long');
  });
});

test.each(BACKENDS)('%s: 16-bit logits', (backend) => {
  force(backend);
  for (const type of ['float16', 'bfloat16'] as const) {
    const bits = randomBits(random(1), 3 * 2000, type, -4, 3);
    const wide = Float32Array.from(bits, (b) => widen(b, type));
    const got = topLogProbs({ data: bits, dims: [3, 2000], type }, { k: 20 });
    const want = topLogProbs(wide, { k: 20, classes: 2000 });
    expect(got.indices).toEqual(want.indices);
    expect(differs(got.logProbs, want.logProbs)).toBe(-1);
  }
});

test('refuses what it cannot rank, by name', () => {
  const x = new Float32Array(12);
  const cases: [unknown, unknown, typeof RangeError, RegExp][] = [
    [x, { k: 5, classes: 4 }, RangeError, /k is 5.*4/],
    [x, { k: 13 }, RangeError, /k is 13.*12/],
    [x, { k: 0 }, RangeError, /k is 0/],
    [x, { k: 1.5 }, RangeError, /k is 1.5/],
    [x, { k: NaN }, RangeError, /k is NaN/],
    [x, { k: '2' }, TypeError, /k is a string/],
    [x, {}, TypeError, /k is undefined/],
    [x, undefined, TypeError, /k is undefined/],
    [x, { k: null }, TypeError, /k is null/],
    [x, { k: 1, top: 3 }, TypeError, /unknown option 'top'/],
    [x, { k: 1, classes: 5 }, RangeError, /5/],
    [x, { k: 1, temperature: 0 }, RangeError, /temperature/],
    [x, { k: 1, shape: [3, 4], axis: 2 }, RangeError, /axis/],
    [new Int32Array(4), { k: 1 }, TypeError, /Int32Array/],
    [{ data: x, dims: [12], location: 'webgpu' }, { k: 1 }, TypeError, /await logits\.getData\(\)/],
  ];
  for (const [logits, options, error, says] of cases) {
    const bad = () => topLogProbs(logits as Float32Array, options as { k: number });
    expect(bad, String(says)).toThrow(error);
    expect(bad).toThrow(says);
    expect(bad).toThrow('topLogProbs: ');
  }
});
