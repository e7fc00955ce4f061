/**
 * ctcLoss where the table-driven tests do not reach: every path counted by hand, both forms of targets, lengths of each
 * sample, what cannot be aligned, and sequences too long for one table of the recursion.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { entry } from './cases.js';
import { ctcByEnumeration } from './reference/ctc.js';
import type { ReferenceOptions } from './reference/index.js';
import { softmax } from './reference/rows.js';
import { differs, type Precision } from './support/judge.js';
import { asArray, BACKENDS, force, lossOf, platforms, PRECISIONS, type Real } from './support/library.js';
import { fill, random, type Random } from './support/random.js';
import { same } from './support/same.js';
import { realArray, type Sample } from './support/sample.js';
import { verify } from './support/verify.js';

const INF = Infinity;
const ctc = lossOf('ctcLoss');
type Integers = Int32Array | { data: Int32Array; dims: number[] };

interface Batch {
  T: number;
  C: number;
  /** The labels of each sample. */
  labels: number[][];
  /** Default T of each. */
  lengths?: number[];
}

const flat = (lists: readonly number[][]) => Int32Array.from(lists.flat());
const lengthsOf = (lists: readonly number[][]) => Int32Array.from(lists, (list) => list.length);

/** Labels 1 to C − 1 that fit T frames. */
function labelsThatFit(r: Random, T: number, C: number, most: number): number[] {
  const made: number[] = [];
  let room = T;
  while (made.length < most) {
    const next = r.integer(1, C - 1);
    room -= next === made.at(-1) ? 2 : 1;
    if (room < 0) break;
    made.push(next);
  }
  return made;
}

/** The batch as a sample of the table. */
function batch(
  { T, C, labels, lengths = labels.map(() => T) }: Batch,
  input: Float64Array,
  precision: Precision,
  options: ReferenceOptions = { fromLogits: true },
): Sample {
  const given = [flat(labels), lengths, lengthsOf(labels)].map((list) => Float64Array.from(list));
  const shape = [T, labels.length, C];
  return { entry: entry('ctcLoss'), precision, shape, axis: -1, inputs: [input, ...given], options };
}

const logits = (r: Random, { T, C, labels }: Batch, precision: Precision, spread = 2) =>
  fill(T * labels.length * C, () => (precision === 'float32' ? Math.fround : Number)(spread * r.normal()));

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  /** A call on logits; what it was given, to be changed. */
  const made = (of: Batch, seed = 1) => ({
    x: new Kind(logits(random(seed), of, precision)),
    targets: flat(of.labels) as Integers,
    inputLengths: Int32Array.from(of.lengths ?? of.labels.map(() => of.T)),
    targetLengths: lengthsOf(of.labels),
    options: { shape: [of.T, of.labels.length, of.C], fromLogits: true, reduction: 'none' },
  });
  type Made = ReturnType<typeof made>;
  const run = ({ x, targets, inputLengths, targetLengths, options }: Made, more: object = {}) => {
    const got = ctc.valueAndGrad(x, targets, inputLengths, targetLengths, { ...options, ...more });
    return { value: got.value as Real, grad: got.grad, divisor: got.divisor };
  };
  const total = (of: Made, more: object) => asArray(run(of, more).value)[0]!;
  /** The gradient of sample n, frames x classes. */
  const ofSample = (grad: ArrayLike<number>, { options }: Made, n: number) => {
    const [T, N, C] = options.shape as [number, number, number];
    return Array.from({ length: T }, (_, t) =>
      Array.from({ length: C }, (_, c) => grad[(t * N + n) * C + c]!),
    );
  };

  test('is the sum over all paths, for every list of labels', () => {
    const r = random(5);
    for (const [T, C] of [
      [1, 1],
      [1, 2],
      [2, 2],
      [3, 2],
      [2, 3],
      [3, 3],
      [4, 3],
      [5, 3],
      [4, 4],
    ] as const) {
      const lists = [[]] as number[][];
      for (let i = 0; i < lists.length; i++)
        if (lists[i]!.length < Math.min(T, 3)) for (let y = 1; y < C; y++) lists.push([...lists[i]!, y]);
      const of = made({ T, C, labels: lists }, r.integer(0, 1e6));
      const { value } = run(of);
      lists.forEach((labels, n) => {
        const frames = ofSample(of.x, of, n).map((frame) => Float64Array.from(frame));
        const want = ctcByEnumeration({ frames, labels, options: { fromLogits: true } });
        const where = `T ${T}, C ${C}, labels [${labels}]`;
        if (want === INF) expect(value[n], where).toBe(INF);
        else
          expect(Math.abs(value[n]! - want), where).toBeLessThanOrEqual(
            precision === 'float32' ? 4e-6 : 1e-13,
          );
      });
    }
  });

  describe('targets', () => {
    const labels = [[1, 2, 2], [3], [], [4, 1]];

    test('padded rows are concatenated lists, whatever the padding holds', () => {
      const of = made({ T: 7, C: 5, labels });
      const want = run(of);
      for (const padding of [0, -1, -100, 2 ** 31 - 1, 1, 99]) {
        const rows = flat(labels.map((list) => [...list, padding, padding, padding, padding].slice(0, 4)));
        same(run({ ...of, targets: rows }), want, `flat rows padded with ${padding}`);
        const tensor = { data: rows, dims: [4, 4] };
        same(run({ ...of, targets: tensor }), want, `rows padded with ${padding}`);
      }
      const list = { data: flat(labels), dims: [6] };
      same(run({ ...of, targets: list }), want, 'a list as tensor');
    });

    test('rows that are full and as many labels as all lengths together are one and the same', () => {
      const full = [
        [1, 2],
        [3, 3],
        [4, 1],
      ];
      const of = made({ T: 6, C: 5, labels: full });
      const rows = { data: flat(full), dims: [3, 2] };
      same(run({ ...of, targets: rows }), run(of), 'full rows');
    });

    test('one sample: [T, C] against one list', () => {
      const of = made({ T: 5, C: 4, labels: [[1, 3]] });
      const want = run(of);
      same(run(of, { shape: [5, 4] }), want, '[T, C]');
      same(run(of, { shape: undefined, classes: 4 }), want, 'flat with classes');
    });

    test('no labels: the blank in every frame', () => {
      const of = made({ T: 4, C: 3, labels: [[], [1]] });
      const { value } = run(of);
      const want = ofSample(of.x, of, 0).reduce(
        (sum, frame) => sum + softmax(Float64Array.from(frame)).nll(0),
        0,
      );
      expect(value[0]).toBeCloseTo(want, 5);
      const none = made({ T: 4, C: 1, labels: [[], []] });
      expect(Array.from(run(none).value, (v) => v + 0)).toEqual([0, 0]);
      const { targets, ...rest } = made({ T: 4, C: 3, labels: [[], []] });
      for (const nothing of [targets, { data: new Int32Array(0), dims: [2, 0] }])
        expect(run({ ...rest, targets: nothing }).value[0]).toBeGreaterThan(0);
    });
  });

  describe('lengths', () => {
    const labels = [[1, 2], [2], [3, 1, 3], []];
    const lengths = [6, 1, 9, 4];

    test('frames beyond a length are never read, and have gradient 0', () => {
      const of = made({ T: 9, C: 4, labels, lengths });
      const want = run(of);
      const x = of.x.slice();
      for (let t = 0; t < 9; t++)
        lengths.forEach((length, n) => {
          if (t >= length) x.fill([NaN, INF, -INF][t % 3]!, (t * 4 + n) * 4, (t * 4 + n + 1) * 4);
        });
      same(run({ ...of, x }), want, 'NaN beyond');
      same(run({ ...of, x }, { grad: x.slice() }), want, 'NaN beyond, gradient given');
      lengths.forEach((length, n) =>
        ofSample(want.grad, of, n).forEach((frame, t) =>
          expect(t < length ? frame.some((g) => g !== 0) : frame.every((g) => g === 0)).toBe(true),
        ),
      );
      const place = x.slice();
      same(run({ ...of, x: place }, { grad: place }), want, 'in place');
    });

    test('a batch of other samples and frames changes no bit', () => {
      const long = made({ T: 9, C: 4, labels, lengths });
      const want = run(long);
      labels.forEach((list, n) => {
        const T = lengths[n]!;
        const alone = made({ T, C: 4, labels: [list] });
        const frames = ofSample(long.x, long, n);
        alone.x = Kind.from(frames.slice(0, T).flat());
        const got = run(alone);
        expect(Object.is(got.value[0], want.value[n])).toBe(true);
        const own = ofSample(want.grad, long, n).slice(0, T).flat();
        expect(differs(got.grad, own)).toBe(-1);
      });
    });

    test('no frames: 0 without labels, +inf with', () => {
      const of = made({ T: 3, C: 3, labels: [[], [1], [1]], lengths: [0, 0, 3] });
      const { value, grad } = run(of);
      expect([value[0]! + 0, value[1]]).toEqual([0, INF]);
      expect(value[2]).toBeLessThan(INF);
      // Neither sample has a frame that a gradient could be in.
      for (const n of [0, 1])
        expect(
          ofSample(grad, of, n)
            .flat()
            .every((g) => g === 0),
        ).toBe(true);
      expect([...run(of, { zeroInfinity: true }).value.slice(0, 2)].map((v) => v + 0)).toEqual([0, 0]);
    });

    test("'mean' divides each loss by its labels, of which there is at least one, and then by N", () => {
      const of = made({ T: 9, C: 4, labels, lengths });
      const none = run(of);
      const mean = run(of, { reduction: 'mean' });
      const share = labels.map((list) => Math.max(1, list.length));
      const want = share.reduce((sum, s, n) => sum + none.value[n]! / s, 0) / 4;
      expect(asArray(mean.value)[0]).toBeCloseTo(want, 5);
      expect(mean.divisor).toBe(4);
      const gradOutput = Kind.from(share, (s) => 1 / (4 * s));
      const weighed = run(of, { gradOutput });
      weighed.grad.forEach((g, i) => expect(mean.grad[i]).toBeCloseTo(g, 5));
      const given = run(of, { reduction: 'mean', divisor: 2 });
      expect(asArray(given.value)[0]).toBeCloseTo(2 * want, 5);
    });
  });

  describe('what cannot be aligned', () => {
    /** Two labels in one frame, a repeat without room for the blank between, and one sample that fits. */
    const labels = [
      [1, 2],
      [2, 2],
      [1, 2],
    ];
    const lengths = [1, 2, 3];

    test('+inf and a NaN gradient in its frames, and nowhere else', () => {
      const of = made({ T: 3, C: 3, labels, lengths });
      const { value, grad } = run(of);
      expect(Array.from(value).slice(0, 2)).toEqual([INF, INF]);
      expect(value[2]).toBeLessThan(INF);
      for (const [n, length] of lengths.entries())
        ofSample(grad, of, n).forEach((frame, t) =>
          frame.forEach((g) => {
            if (t >= length) expect(g + 0).toBe(0);
            else expect(Number.isNaN(g)).toBe(n < 2);
          }),
        );
      for (const reduction of ['mean', 'sum']) expect(total(of, { reduction })).toBe(INF);
    });

    test('zeroInfinity: 0 and gradient 0', () => {
      const of = made({ T: 3, C: 3, labels, lengths });
      const plain = run(of);
      const { value, grad } = run(of, { zeroInfinity: true });
      expect(Array.from(value).slice(0, 2)).toEqual([0, 0]);
      expect(Object.is(value[2], plain.value[2])).toBe(true);
      for (const n of [0, 1])
        expect(
          ofSample(grad, of, n)
            .flat()
            .every((g) => g === 0),
        ).toBe(true);
      expect(ofSample(grad, of, 2)).toEqual(ofSample(plain.grad, of, 2));
      const sum = total(of, { zeroInfinity: true, reduction: 'sum' });
      expect(Kind.of(sum)[0]).toBe(plain.value[2]);
    });

    test('a label without probability in any frame', () => {
      const of = made({ T: 3, C: 3, labels: [[1], [2]] });
      for (let t = 0; t < 3; t++) for (const n of [0, 1]) of.x[(t * 2 + n) * 3 + 1] = -INF;
      const { value, grad } = run(of);
      expect(value[0]).toBe(INF);
      expect(value[1]).toBeLessThan(INF);
      // Of the other sample that class has probability 0.
      ofSample(grad, of, 1).forEach((frame) => {
        expect(frame[1]! + 0).toBe(0);
        expect(frame.every(Number.isFinite)).toBe(true);
      });
    });

    test('more labels than the tables in memory have room for', () => {
      const of = made({ T: 2, C: 3, labels: [Array.from({ length: 20_000 }, (_, i) => 1 + (i % 2)), [1]] });
      const { value, grad } = run(of);
      expect(value[0]).toBe(INF);
      expect(value[1]).toBeLessThan(INF);
      expect(ofSample(grad, of, 0).flat().every(Number.isNaN)).toBe(true);
      expect(ofSample(grad, of, 1).flat().every(Number.isFinite)).toBe(true);
    });
  });

  test('NaN and +inf stay in their sample', () => {
    const of = made({ T: 5, C: 4, labels: [[1], [2, 3], [1, 1]] });
    const clean = run(of);
    for (const bad of [NaN, INF])
      for (const t of [0, 2, 4]) {
        const x = of.x.slice();
        x[(t * 3 + 1) * 4 + 2] = bad;
        const { value, grad } = run({ ...of, x });
        expect(value[1]).toBeNaN();
        expect(ofSample(grad, of, 1).flat().every(Number.isNaN)).toBe(true);
        for (const n of [0, 2]) {
          expect(Object.is(value[n], clean.value[n])).toBe(true);
          expect(ofSample(grad, of, n)).toEqual(ofSample(clean.grad, of, n));
        }
        expect(run({ ...of, x }, { zeroInfinity: true }).value[1]).toBeNaN();
        expect(total({ ...of, x }, { reduction: 'mean' })).toBeNaN();
      }
  });

  test('logits: the gradient of a frame sums to 0', () => {
    const of = made({ T: 20, C: 9, labels: [[1, 2, 2, 8], [], [3, 4]], lengths: [20, 3, 11] });
    const tiny = precision === 'float32' ? 1e-6 : 1e-14;
    for (const n of [0, 1, 2])
      for (const frame of ofSample(run(of).grad, of, n))
        expect(Math.abs(frame.reduce((a, b) => a + b, 0))).toBeLessThanOrEqual(tiny);
  });

  test('log-probabilities of -1000 and -inf', () => {
    const of = made({ T: 3, C: 3, labels: [[1], [2, 1]] });
    const frame = (t: number, n: number, ...lp: number[]) => of.x.set(lp, (t * 2 + n) * 3);
    // One path each: blank, 1, blank at -1000 a label; and 2, 1, 1 through frames that allow nothing else.
    for (const t of [0, 2]) frame(t, 0, 0, -INF, -INF);
    frame(1, 0, -INF, -1000, -INF);
    frame(0, 1, -INF, -INF, -1000);
    for (const t of [1, 2]) frame(t, 1, -INF, -1000, -INF);
    const { value, grad } = run(of, { fromLogits: false });
    expect(Array.from(value)).toEqual([1000, 3000]);
    // exp(lp) − occupancy: 1 − 1 where the path is certain, 0 − 1 where it has next to no probability.
    const frames = [0, 1].map((n) => ofSample(grad, of, n).map((row) => row.map((g) => g + 0)));
    const wanted = [
      [
        [0, 0, 0],
        [0, -1, 0],
        [0, 0, 0],
      ],
      [
        [0, 0, -1],
        [0, -1, 0],
        [0, -1, 0],
      ],
    ];
    frames.flat(2).forEach((g, i) => expect(g).toBeCloseTo(wanted.flat(2)[i]!, 12));
  });

  test('log-probabilities: the loss of their logits, and PyTorch’s gradient, which is that of the logits', () => {
    const of = made({ T: 6, C: 5, labels: [[1, 4], [2]] });
    const want = run(of);
    const x = of.x.slice();
    for (let at = 0; at < x.length; at += 5) {
      const s = softmax(Float64Array.from(of.x.subarray(at, at + 5)));
      for (let c = 0; c < 5; c++) x[at + c] = -s.nll(c);
    }
    const got = run({ ...of, x }, { fromLogits: false });
    Array.from(want.value).forEach((v, n) => expect(got.value[n]).toBeCloseTo(v, 5));
    want.grad.forEach((g, i) => expect(got.grad[i]).toBeCloseTo(g, 5));
  });
});

describe.each(PRECISIONS)('%s: against the reference', (precision) => {
  const labelled = (r: Random, N: number, T: number, C: number, most: number) =>
    Array.from({ length: N }, () => labelsThatFit(r, T, C, r.integer(most >> 1, most)));

  test.each([
    ['T 300, 60 labels', 300, 60, 40, 2],
    ['confident frames, no probability in sight', 200, 40, 12, 30],
    ['many repeats', 120, 40, 3, 2],
  ] as const)('%s', (_, T, S, C, spread) => {
    const r = random(T + C);
    const labels = labelled(r, 3, T, C, S);
    const of = { T, C, labels, lengths: [T, T - 7, T - 1] };
    verify(batch(of, logits(r, of, precision, spread), precision), { options: { reduction: 'none' } });
    verify(batch(of, logits(r, of, precision, spread), precision), { options: { reduction: 'mean' } });
  });

  // The table of the recursion no longer fits its region: it goes in blocks of frames, forward and back again.
  test('T 2000, 400 labels', { timeout: 120_000 }, () => {
    const r = random(17);
    const labels = [labelsThatFit(r, 2000, 30, 400), labelsThatFit(r, 2000, 30, 5)];
    const of = { T: 2000, C: 30, labels, lengths: [2000, 1777] };
    verify(batch(of, logits(r, of, precision), precision), { options: { reduction: 'none' } });
  });

  test('frames that fill the scratch, and frames beyond it', { timeout: 120_000 }, () => {
    const r = random(19);
    for (const [T, C] of [
      [9, 70_001],
      [3, 600_001],
    ] as const) {
      const of = { T, C, labels: [[5, 69_000], [C - 1]] };
      verify(batch(of, logits(r, of, precision), precision), { options: { reduction: 'mean' } });
    }
  });

  test('many samples', () => {
    const r = random(23);
    const labels = labelled(r, 700, 30, 20, 8);
    const of = { T: 30, C: 20, labels, lengths: labels.map((list) => Math.min(30, 2 * list.length + 1)) };
    verify(batch(of, logits(r, of, precision), precision), { options: { reduction: 'none' } });
  });

  test('any blank', () => {
    const r = random(29);
    for (const blank of [0, 1, 3, 5]) {
      const labels = labelled(r, 4, 12, 6, 5).map((list) => list.map((y) => (y <= blank ? y - 1 : y)));
      const of = { T: 12, C: 6, labels };
      verify(batch(of, logits(r, of, precision), precision, { fromLogits: true, blank }));
    }
  });
});

test.each(BACKENDS)('%s: a bad length or label is refused before anything is written', (backend) => {
  force(backend);
  const grad = new Float32Array(24).fill(7);
  const out = new Float32Array(2).fill(7);
  const options = { shape: [4, 2, 3], reduction: 'none', grad, out };
  const call = (targets: number[], inputLengths: number[], targetLengths: number[]) => () =>
    ctc.valueAndGrad(new Float32Array(24), targets, inputLengths, targetLengths, options);
  expect(call([1, 2, 1], [4, 4], [2, 1])).not.toThrow();
  grad.fill(7);
  out.fill(7);
  for (const [bad, says] of [
    [call([1, 2, 3], [4, 4], [2, 1]), 'targets[2] is 3, expected an integer in [0, 3)'],
    [call([1, 0, 1], [4, 4], [2, 1]), 'targets[1] is 0'],
    [call([1, 2, 1], [4, 5], [2, 1]), 'inputLengths[1] is 5, expected an integer in [0, 4]'],
    [call([1, 2, 1], [-1, 4], [2, 1]), 'inputLengths[0] is -1'],
    [call([1, 2, 1], [4, 4], [2, -1]), 'targetLengths[1] is -1'],
    [call([1, 2, 1, 1], [4, 4], [3, 0]), 'targetLengths[0] is 3, expected an integer in [0, 2]'],
    [call([1, 2, 1], [4, 4, 4], [2, 1]), 'inputLengths has 3 elements, expected 2'],
    [call([1, 2, 1], [4, 4], [3]), 'targetLengths has 1 elements, expected 2'],
    [call([1, 2, 1], [4, 4], [1, 1]), 'targets has 3 elements, expected 2'],
  ] as const) {
    expect(bad).toThrow(RangeError);
    expect(bad).toThrow(`ctcLoss: ${says}`);
  }
  expect([...grad, ...out].every((g) => g === 7)).toBe(true);
});
