/** Defects of other libraries, listed in the numerics contract: each is a number that ours must get right. */
import { describe, expect, test } from 'vitest';
import { force, lossOf, platforms } from './support/library.js';
import { realArray } from './support/sample.js';

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  const Real = realArray(precision);
  const relative = precision === 'float32' ? 1e-6 : 1e-12;
  const close = (got: unknown, want: number) =>
    expect(Math.abs((got as number) - want), `${got}, expected ${want}`).toBeLessThanOrEqual(
      relative * Math.abs(want),
    );
  const run = (name: string, ...args: unknown[]) => {
    force(backend);
    return lossOf(name).valueAndGrad(...args);
  };

  test('tfjs-layers sparseCategoricalCrossentropy(fromLogits) clips logits: 0.5514 for 9.08e-5', () => {
    const { value, grad } = run('crossEntropy', Real.of(10, 0, 0), [0]);
    const rest = 2 * Math.exp(-10);
    close(value, Math.log1p(rest));
    close(grad[0], -rest / (1 + rest));
    close(grad[1], rest / 2 / (1 + rest));
  });

  test('tfjs-layers categoricalCrossentropy saturates at 16.118 with a zero gradient', () => {
    const { value, grad } = run('softTargetCrossEntropy', Real.of(100, 0, 0), Real.of(0, 1, 0), {
      classes: 3,
    });
    close(value, 100);
    close(grad[0], 1);
    close(grad[1], -1);
    const index = run('crossEntropy', Real.of(100, 0, 0), [1]);
    close(index.value, 100);
    close(index.grad[1], -1);
  });

  test('tfjs-core label smoothing divides by shape[1], whatever the class axis is', () => {
    // [N, C, d] with C = 3 and d = 2: the smoothing mass is divided by 3, the number of classes.
    const x = [0.5, -1, 2, 0.25, -0.5, 1];
    const q = [1, 0, 0, 1, 0, 0];
    const classes = [0, 2, 4];
    const smooth = (i: number) => q[i]! * 0.7 + 0.3 / 3;
    let want = 0;
    for (const d of [0, 1]) {
      const lse = Math.log(classes.reduce((sum, c) => sum + Math.exp(Math.fround(x[c + d]!)), 0));
      for (const c of classes) want += smooth(c + d) * (lse - x[c + d]!);
    }
    const soft = run(
      'softTargetCrossEntropy',
      { data: Real.from(x), dims: [1, 3, 2] },
      { data: Real.from(q), dims: [1, 3, 2] },
      { axis: 1, labelSmoothing: 0.3, reduction: 'sum' },
    );
    close(soft.value, want);
    const index = run(
      'crossEntropy',
      { data: Real.from(x), dims: [1, 3, 2] },
      { data: Int32Array.of(0, 1), dims: [1, 2] },
      {
        axis: 1,
        labelSmoothing: 0.3,
        reduction: 'sum',
      },
    );
    close(index.value, want);
  });

  test('PyTorch soft_margin_loss overflows from 89 in float32: our logistic losses do not', () => {
    for (const x of [89, 100, 1000, 1e4]) {
      for (const name of ['binaryCrossEntropyWithLogits', 'sigmoidFocalLoss']) {
        const scale = name === 'sigmoidFocalLoss' ? 0.25 : 1;
        const { value, grad } = run(name, Real.of(-x), Real.of(1));
        close(value, scale * x);
        close(grad[0], -scale);
      }
    }
  });

  test('PyTorch gives a NaN gradient in an ignored row that holds NaN', () => {
    for (const name of ['crossEntropy', 'nllLoss', 'softmaxFocalLoss', 'crammerSingerLoss']) {
      const { value, grad } = run(name, Real.of(0.5, -1, NaN, NaN), [0, -100]);
      expect(value).not.toBeNaN();
      expect([grad[2], grad[3]]).toEqual([0, 0]);
    }
  });

  test('PyTorch reads beyond a short weight in multi_margin_loss', () => {
    const weight = Real.of(1, 1);
    expect(() => run('multiMarginLoss', Real.of(1, 2, 3), [2], { weight })).toThrow(RangeError);
  });

  test('stdlib log is 0 at 40, where the logistic loss is 4.25e-18', () => {
    const { value } = run('binaryCrossEntropyWithLogits', Real.of(40), Real.of(1));
    close(value, Math.log1p(Math.exp(-40)));
    const row = run('crossEntropy', Real.of(40, 0), [0]);
    close(row.value, Math.log1p(Math.exp(-40)));
    close(row.grad[0], -Math.exp(-40));
  });

  test('js-pytorch cross-entropy is NaN at logit 800', () => {
    for (const x of [800, 1e4, 1e30]) {
      expect(run('crossEntropy', Real.of(x, 0), [0]).value).toBe(0);
      close(run('crossEntropy', Real.of(x, 0), [1]).value, x);
    }
  });
});
