/**
 * Equalities between losses (one-hot = index, focal with gamma 0 = BCE · alpha, …) and accuracy where naive float32
 * loses it: confident rows and totals of a million elements.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry, type Entry, type Size } from './cases.js';
import { judge, ulp32 } from './support/judge.js';
import {
  asArray,
  force,
  gradsOf,
  lossOf,
  platforms,
  several,
  type Real as RealOf,
} from './support/library.js';
import { fill, random } from './support/random.js';
import { same, type Answer } from './support/same.js';
import {
  answer,
  argumentsOf,
  noSensitivity,
  realArray,
  sample,
  sensitivity,
  type Sample,
} from './support/sample.js';

const table = cases.map((each) => [each.name, each] as const);

/** Every kernel: few classes, more than 64, more than a block, many tiles, rows longer than a tile. */
const ROWS: Size[] = [
  { rows: 6, classes: 7 },
  { rows: 5, classes: 66 },
  { rows: 4, classes: 1030 },
  { rows: 90, classes: 1000 },
  { rows: 3, classes: 40_003 },
];

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Real = realArray(precision);

  const each = (entry: Entry, config: string, size: Size, seed: string | number = 'relation') =>
    sample({ entry, config, size, precision, seed });

  /** Both answers within the bound of the same reference, which is then the reference of their equality. */
  const near = (got: Answer, s: Sample, where: string, options = {}) => {
    const base = answer(s, options);
    const sens = precision === 'float32' ? sensitivity(s, options, base) : noSensitivity(s);
    const value = judge(asArray(got.value), base.values, { precision, sens: sens.value });
    const grad = judge(gradsOf(got.grad)[0]!, base.grads[0]!, { precision, sens: sens.grads[0]! });
    if (Math.max(value.worst, grad.worst) > 1) expect.fail(`${where}: value${value.at} grad${grad.at}`);
  };

  test('a one-hot distribution is its index', () => {
    for (const size of ROWS) {
      const s = each({ ...entry('crossEntropy'), ignores: undefined }, 'weight', size);
      const { inputs, options } = argumentsOf(s, { reduction: 'none' });
      const input = inputs[0]!;
      const hot = new Real(input.length);
      s.inputs[1]!.forEach((y, r) => (hot[r * size.classes + y] = 1));
      near(lossOf('softTargetCrossEntropy').valueAndGrad(input, hot, options), s, 'one-hot', {
        reduction: 'none',
      });
    }
  });

  test('adding a constant to a row changes nothing', () => {
    for (const name of ['crossEntropy', 'softTargetCrossEntropy', 'softmaxFocalLoss']) {
      for (const size of ROWS) {
        const s = each({ ...entry(name), kinks: true }, 'none', size); // on a grid: the shift is exact
        const { inputs, options } = argumentsOf(s, { reduction: 'none' });
        const moved = Real.from(s.inputs[0]!, (x, i) => x + 64 * ((Math.floor(i / size.classes) % 5) - 2));
        near(lossOf(name).valueAndGrad(moved, inputs[1], options), s, `${name}, C ${size.classes}`, {
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
      same(focal, want, `alpha ${alpha}`);
    }
    const mean = lossOf('binaryCrossEntropyWithLogits')(input, target) as number;
    expect(lossOf('sigmoidFocalLoss')(input, target, { gamma: 0, alpha: null })).toBe(mean);
    expect(lossOf('sigmoidFocalLoss')(input, target, { gamma: 0, alpha: 0.5 })).toBe(mean / 2);
  });

  /** Losses that are others, of inputs or with options that say so; `factor` times. */
  const alike = (
    got: { value: unknown; grad: ArrayLike<number> },
    want: { value: unknown; grad: ArrayLike<number> },
    factor = 1,
  ) => {
    const sens = precision === 'float32' ? 1e-7 : 1e-15;
    for (const [have, wanted] of [
      [asArray(got.value as RealOf), asArray(want.value as RealOf)],
      [got.grad, want.grad],
    ] as const) {
      const scaled = Float64Array.from(wanted, (v) => factor * v);
      const verdict = judge(have, scaled, { precision, sens, absolute: sens });
      expect(verdict.worst, verdict.at).toBeLessThanOrEqual(1);
    }
  };
  const pair = (name: string, config = 'none') => {
    const s = each(entry(name), config, { rows: 1, classes: 1037 });
    return s.inputs.map((input) => new Real(input));
  };
  const none = { reduction: 'none' };

  test('pointwise losses that are others', () => {
    const call = (name: string, of: readonly unknown[], options = {}) =>
      lossOf(name).valueAndGrad(...of, { ...none, ...options });
    const [x, t] = pair('l1Loss') as [RealOf, RealOf];
    alike(call('quantileLoss', [x, t]), call('l1Loss', [x, t]), 0.5);
    alike(call('huberLoss', [x, t], { delta: 0.5 }), call('smoothL1Loss', [x, t], { beta: 0.5 }), 0.5);
    alike(call('smoothL1Loss', [x, t], { beta: 0 }), call('l1Loss', [x, t]));
    const one = new Real(x.length).fill(1);
    const gauss = several('gaussianNllLoss').valueAndGrad(x, t, one, none);
    alike({ value: gauss.value, grad: gauss.grad['input']! }, call('mseLoss', [x, t]), 0.5);

    const [z, sign] = pair('hingeLoss') as [RealOf, RealOf];
    const ranked = several('marginRankingLoss').valueAndGrad(z, new Real(z.length), sign, {
      ...none,
      margin: 1,
    });
    const hinge = call('hingeLoss', [z, sign]);
    alike({ value: ranked.value, grad: ranked.grad['input1']! }, hinge);
    alike(
      { value: ranked.value, grad: ranked.grad['input2']! },
      { ...hinge, grad: hinge.grad.map((g) => -g) },
    );
    const half = sign.map((y) => (y + 1) / 2);
    alike(call('softMarginLoss', [z, sign]), call('binaryCrossEntropyWithLogits', [z, half]));
    const negative = new Real(z.length).fill(-1);
    alike(call('hingeEmbeddingLoss', [z, negative]), call('hingeLoss', [z, one]));

    const [logs, p] = pair('klDiv') as [RealOf, RealOf];
    const q = p.map((v) => Math.log(v + 1e-3)) as RealOf;
    const back = Real.from(q, Math.exp);
    alike(call('klDiv', [logs, q], { logTarget: true }), call('klDiv', [logs, back]));
  });

  test('ctcLoss of one frame and one label is the cross-entropy of that label', () => {
    const s = each({ ...entry('crossEntropy'), ignores: undefined }, 'none', { rows: 9, classes: 21 });
    const { inputs } = argumentsOf(s);
    const ones = new Int32Array(9).fill(1);
    const options = { ...none, fromLogits: true, blank: 20, shape: [1, 9, 21] };
    const labels = (inputs[1] as Int32Array).map((y) => Math.min(y, 19));
    const got = lossOf('ctcLoss').valueAndGrad(inputs[0], labels, ones, ones, options);
    alike(got, lossOf('crossEntropy').valueAndGrad(inputs[0], labels, none));
  });

  test('softmax focal: gamma 0 is cross-entropy', () => {
    for (const size of ROWS) {
      const s = each(entry('crossEntropy'), 'weight', size);
      const { inputs, options } = argumentsOf(s);
      near(
        lossOf('softmaxFocalLoss').valueAndGrad(...inputs, { ...options, gamma: 0 }),
        s,
        `C ${size.classes}`,
      );
    }
  });

  // Σ e^x in float32 lanes loses such a loss: the maximum's own 1 must stay out of them.
  test('confident rows: the target at 18, the rest N(0, 1)', () => {
    for (const classes of [10, 65, 1000, 50_257, 151_936]) {
      for (const name of ['crossEntropy', 'softTargetCrossEntropy', 'softmaxFocalLoss', 'poly1Loss']) {
        const s = each({ ...entry(name), ignores: undefined }, 'none', { rows: 3, classes });
        const r = random(classes);
        const at = [0, classes - 1, Math.floor(classes / 2)];
        const x = fill(3 * classes, () => Math.fround(r.normal()));
        at.forEach((y, row) => (x[row * classes + y] = 18));
        let t = Float64Array.from(at);
        if (name === 'softTargetCrossEntropy') {
          t = new Float64Array(3 * classes);
          at.forEach((y, row) => (t[row * classes + y] = 1));
        }
        s.inputs = [x, t];
        const { inputs, options } = argumentsOf(s, { reduction: 'none' });
        near(lossOf(name).valueAndGrad(...inputs, options), s, `${name}, C ${classes}`, {
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
        const { inputs, options } = argumentsOf(s);
        const want = answer(s).values[0]!;
        const got = lossOf(name)(...inputs, options) as number;
        expect(Math.abs(got - want) / ulp32(want)).toBeLessThanOrEqual(1);
      },
    );
  },
);
