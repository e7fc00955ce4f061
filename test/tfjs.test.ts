/** The nine names of tf.losses: tfjs-core's own tests as data, and random calls beside tf.losses, on each of its backends. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { oneHotClasses, signs } from '../src/tfjs/labels.js';
import { random, seedOf, type Random } from './support/random.js';
import { L, near, numbers, tf, TF_BACKENDS, thrown, useTf, valueAndGrads } from './support/tensorflow.js';
import type { AnyTf, Tensor } from './support/tensorflow.js';

interface Argument {
  tensor?: number[];
  shape?: number[];
  dtype?: 'float32' | 'int32';
  undefined?: true;
  value?: unknown;
}
interface Case {
  test: string;
  loss: string;
  args: Argument[];
  shape?: number[];
  values?: (number | 'NaN')[];
  throws?: string;
  message?: string;
}
const { cases } = JSON.parse(readFileSync(new URL('fixtures/tfjs-losses.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

const theirs = tf.losses as unknown as Record<string, AnyTf>;
const ours = L as unknown as Record<string, AnyTf>;
const NAMES = Object.keys(theirs);

const made = ({ tensor, shape, dtype, value }: Argument): unknown =>
  tensor ? tf.tensor(tensor, shape, dtype) : value;

const SHAPES = [[1], [7], [3, 5], [4, 1], [2, 3, 4], [2, 1, 3, 2], [64, 70]];
/** Arguments between weights and reduction, the plain ones first. */
const EXTRA: Record<string, unknown[]> = {
  huberLoss: [undefined, 0.5, 3],
  logLoss: [undefined, 0.01],
  sigmoidCrossEntropy: [undefined, 0.2, 1],
  softmaxCrossEntropy: [undefined, 0.2],
};

/** Weights that go with losses of this shape: scalar, of ones and whole axes, full. */
function weightsOf(r: Random, losses: number[]): (Tensor | null)[] {
  const of = (shape: number[]) =>
    tf.tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
        r.next() < 0.2 ? 0 : r.between(0.1, 2),
      ),
      shape,
    );
  return [null, tf.scalar(r.between(0.5, 2)), of(losses), of(losses.map((d) => (r.next() < 0.5 ? 1 : d)))];
}

function draw(r: Random, name: string, shape: number[]): [labels: Tensor, predictions: Tensor] {
  const n = shape.reduce((a, b) => a * b, 1);
  const fill = (next: () => number) => tf.tensor(Array.from({ length: n }, next), shape);
  switch (name) {
    case 'hingeLoss':
      return [fill(() => r.integer(0, 1)), fill(() => r.normal())];
    case 'logLoss':
      return [fill(() => r.next()), fill(() => r.between(0.05, 0.95))];
    case 'softmaxCrossEntropy':
      return [tf.softmax(fill(() => r.normal())), fill(() => 3 * r.normal())];
    case 'sigmoidCrossEntropy':
      return [fill(() => r.next()), fill(() => 3 * r.normal())];
    default:
      return [fill(() => r.normal()), fill(() => r.normal())];
  }
}

test('the names, and those of losskit beside them', () => {
  expect(NAMES.length).toBe(9);
  for (const name of NAMES) expect(ours[name], name).toBeTypeOf('function');
  expect(cases.length).toBe(130);
});

describe('labels in other forms', () => {
  const oneHot = (classes: number, indices: number[]) => {
    const data = new Float32Array(classes * indices.length);
    indices.forEach((c, row) => (data[row * classes + c] = 1));
    return data;
  };

  test('one-hot rows of any length, at any place, are classes', () => {
    for (const classes of [1, 2, 3, 31, 32, 33, 63, 64, 65, 100, 131])
      for (const offset of [0, 1]) {
        const indices = Array.from({ length: classes }, (_, c) => c);
        const data = new Float32Array(classes * classes + offset).subarray(offset);
        data.set(oneHot(classes, indices));
        expect([...oneHotClasses(data, classes)!]).toEqual(indices);
        for (let at = 0; at < data.length; at++)
          for (const wrong of [1e-45, 1, NaN, 0.5, -1]) {
            const was = data[at]!;
            data[at] = was === 1 && wrong === 1 ? 0 : wrong;
            expect(oneHotClasses(data, classes), `${classes} ${at} ${wrong}`).toBeNull();
            data[at] = was;
          }
      }
  });

  test('0 and 1 are signs, nothing else is', () => {
    expect([...signs(Float32Array.of(0, 1, 1, 0))!]).toEqual([-1, 1, 1, -1]);
    for (const wrong of [2, 0.5, -1, NaN, Infinity, 1e-45, 1.0000001, 0.25])
      expect(signs(Float32Array.of(0, wrong, 1)), String(wrong)).toBeNull();
  });
});

describe.each(TF_BACKENDS)('%s', (backend) => {
  beforeAll(() => useTf(backend));

  test.each(NAMES)("%s: tfjs-core's own tests", (name) => {
    const own = cases.filter(({ loss }) => loss === name);
    expect(own.length).toBeGreaterThan(10);
    for (const each of own) {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const args = each.args.map(made);
        if (each.throws !== undefined) {
          const error = thrown(() => ours[name](...args));
          expect(error, each.test).toBeInstanceOf(Error);
          expect(error!.constructor).toBe(thrown(() => theirs[name](...args))!.constructor);
          expect(error!.message).toMatch(new RegExp(each.throws));
          expect(error!.message).toBe(each.message);
        } else {
          const got = ours[name](...args);
          if (each.shape) expect(got.shape, each.test).toEqual(each.shape);
          const want = Float32Array.from(each.values!, Number);
          expect(got.size).toBe(want.length);
          for (const [i, x] of numbers(got).entries())
            if (!Number.isNaN(want[i])) expect(Math.abs(x - want[i]!), each.test).toBeLessThan(1e-3);
            else expect(x).toBeNaN();
        }
      });
      expect(tf.memory().numTensors, each.test).toBe(before);
    }
  });

  test.each(NAMES.filter((name) => !['computeWeightedLoss', 'cosineDistance'].includes(name)))(
    '%s: values and gradients beside those of tf.losses',
    (name) => {
      const r = random(seedOf(`${name} ${process.env['LOSSKIT_SEED'] ?? ''}`));
      const before = tf.memory().numTensors;
      for (const shape of SHAPES)
        for (const extra of EXTRA[name] ?? [null])
          tf.tidy(() => {
            // Where theirs divides by another axis than the classes.
            if (name === 'softmaxCrossEntropy' && extra && shape.length !== 2) return;
            const [labels, predictions] = draw(r, name, shape);
            const softmax = name === 'softmaxCrossEntropy';
            const losses = softmax ? shape.slice(0, -1) : shape;
            for (const weights of weightsOf(r, losses))
              for (const reduction of [undefined, 0, 1, 2, 3]) {
                const where = `[${shape}] ${extra} ${weights && `weights [${weights.shape}]`} reduction ${reduction}`;
                const more = EXTRA[name] ? [extra, reduction] : [reduction];
                // Theirs has no gradient by the weights where they are counted; nor by soft labels here.
                const byWeights = weights && (reduction ?? 3) !== 3;
                const inputs = [predictions, ...(byWeights ? [weights] : []), ...(softmax ? [] : [labels])];
                const both = [theirs, ours].map((library) =>
                  valueAndGrads((p, ...rest) => {
                    const w = byWeights ? rest.shift()! : weights;
                    return library[name](rest[0] ?? labels, p, w, ...more).mul(1.5);
                  }, inputs),
                );
                expect(both[1]!.shape, where).toEqual(both[0]!.shape);
                near(both[1]!.value, both[0]!.value, `${where} value`);
                // Those by weights are often what is left of a sum.
                const floor = (k: number) => (byWeights && k === 1 ? 0.2 : 1e-3);
                both[1]!.grads.forEach((grad, k) =>
                  near(grad, both[0]!.grads[k]!, `${where} gradient ${k}`, 2e-5, floor(k)),
                );
                const plain = tf.tidy(() => numbers(ours[name](labels, predictions, weights, ...more)));
                near(
                  plain,
                  both[1]!.value.map((x) => x / 1.5),
                  `${where} without a tape`,
                  1e-6,
                );
              }
          });
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('softmaxCrossEntropy of one-hot labels, by every way', () => {
    const r = random(4);
    tf.tidy(() => {
      for (const [n, classes] of [
        [4, 3],
        [5, 70],
      ] as const) {
        const x = tf.tensor2d(
          Array.from({ length: n * classes }, () => 3 * r.normal()),
          [n, classes],
        );
        const y = tf.oneHot(
          tf.tensor1d(
            Array.from({ length: n }, () => r.integer(0, classes - 1)),
            'int32',
          ),
          classes,
        );
        for (const labels of [y, y.toFloat()])
          for (const smoothing of [0, 0.3])
            for (const reduction of [0, 1, 2, 3])
              for (const weights of [null, tf.tensor1d(Array.from({ length: n }, () => r.next()))]) {
                const [want, got] = [tf.losses, L].map((library) =>
                  valueAndGrads(
                    (p) => library.softmaxCrossEntropy(labels, p, weights!, smoothing, reduction),
                    [x],
                  ),
                );
                near(got!.value, want!.value, 'value');
                near(got!.grads[0]!, want!.grads[0]!, 'gradient');
              }
      }
    });
  });

  test('numbers, arrays, typed arrays, int32 and bool', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const p = [[0.25, -0.5, 2]];
      for (const name of NAMES.filter((each) => each !== 'computeWeightedLoss')) {
        const labels = [
          [[1, 0, 1]],
          tf.tensor([[1, 0, 1]], [1, 3], 'int32'),
          tf.tensor([[true, false, true]], [1, 3], 'bool'),
        ];
        const more = name === 'cosineDistance' ? [1] : [];
        for (const l of labels)
          for (const q of [p, tf.tensor(p), tf.tensor([[1, 0, -1]], [1, 3], 'int32')]) {
            const [want, got] = [theirs, ours].map((library) => numbers(library[name](l, q, ...more)));
            near(got!, want!, name);
          }
      }
      expect(numbers(L.meanSquaredError(1, 3))).toEqual(Float32Array.of(4));
      expect(numbers(L.meanSquaredError(new Float32Array([1, 2]), new Int32Array([3, 2])))).toEqual(
        Float32Array.of(2),
      );
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('wrong calls throw what tf.losses throws', () => {
    const [a, b] = [tf.ones([2, 3]), tf.ones([3, 2])];
    const c = backend === 'cpu' ? tf.complex([1], [1]) : tf.tensor(['a']);
    const gone = tf.ones([2, 3]);
    gone.dispose();
    const calls = [
      [a, b],
      [a],
      [],
      [a, null],
      ['a', 'b'],
      [a, a, b],
      [a, a, 'w'],
      [c, c],
      [a, gone],
      [gone, a],
      [a, a, null, 7],
      [a, a, null, null],
      [a, a, null, 'x', 7],
      [[[1, 2], [3]], a],
    ];
    for (const name of NAMES.filter((each) => each !== 'computeWeightedLoss'))
      for (const call of calls) {
        const [want, got] = [theirs, ours].map((library) => {
          const before = tf.memory().numTensors;
          const error = thrown(() => tf.tidy(() => library[name](...call)));
          return { error, left: tf.memory().numTensors - before };
        });
        const where = `${name} ${calls.indexOf(call)}`;
        expect(got!.error?.message, where).toBe(want!.error?.message);
        expect(got!.error?.constructor).toBe(want!.error?.constructor);
        expect(got!.left, where).toBe(want!.left); // tfjs leaves some behind where a kernel throws
      }
    tf.dispose([a, b, c]);
  });

  test('labels and deltas that no kernel takes, empty tensors, second derivatives', () => {
    const x = tf.tensor1d([0.3, -0.8]);
    for (const [name, args] of [
      ['hingeLoss', [tf.tensor1d([0.5, -3])]],
      ['huberLoss', [tf.tensor1d([1, 2]), null, 0]],
      ['huberLoss', [tf.tensor1d([1, 2]), null, -1]],
      ['sigmoidCrossEntropy', [tf.tensor1d([1, 2]), null, 1.5]],
      ['meanSquaredError', [tf.tensor1d([1, 2])]],
    ] as [string, unknown[]][]) {
      const [labels, ...more] = args;
      const [want, got] = [theirs, ours].map((library) =>
        valueAndGrads((p) => library[name](labels, p, ...more), [x]),
      );
      near(got!.value, want!.value, name);
      near(got!.grads[0]!, want!.grads[0]!, name);
    }
    const empty = tf.zeros([0, 3]);
    for (const name of ['meanSquaredError', 'sigmoidCrossEntropy'])
      near(numbers(ours[name](empty, empty)), numbers(theirs[name](empty, empty)), name);
    const second = tf.grad((p) => tf.grad((q) => L.meanSquaredError([1, 2], q.mul(q)))(p));
    const wanted = tf.grad((p) => tf.grad((q) => tf.losses.meanSquaredError([1, 2], q.mul(q)))(p));
    near(numbers(second(x)), numbers(wanted(x)), 'second derivative');
    expect(() => tf.grad((p) => tf.grad((q) => L.mseLoss(q, [1, 2]))(p))(x)).toThrow(
      /mseLoss: a gradient of the gradient is asked for/,
    );
  });
});

describe.each(TF_BACKENDS)('%s: where tfjs is wrong', (backend) => {
  beforeAll(() => useTf(backend));
  const x = () => tf.tensor3d([1, 2, 0, -1, 0.5, 3, 0, 0, 1, 2, 2, 2], [1, 4, 3]);
  const l = () => tf.tensor3d([1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], [1, 4, 3]);

  test('softmaxCrossEntropy, labelSmoothing at rank 3: divided by the classes, not by shape[1]', () => {
    const flat = numbers(L.softmaxCrossEntropy(l().reshape([4, 3]), x().reshape([4, 3]), undefined, 0.3, 0));
    near(numbers(L.softmaxCrossEntropy(l(), x(), undefined, 0.3, 0)), flat, 'ours', 1e-6);
    const theirs = numbers(tf.losses.softmaxCrossEntropy(l(), x(), undefined, 0.3, 0));
    expect(() => near(theirs, flat, 'theirs', 1e-2)).toThrow();
  });

  test('softmaxCrossEntropy, labels that do not sum to 1: the gradient is the derivative', () => {
    const labels = tf.tensor2d([2, 0, 1], [1, 3]);
    const logits = tf.tensor2d([0.5, -1, 2], [1, 3]);
    const p = numbers(tf.softmax(logits));
    const grad = (library: typeof tf.losses) =>
      numbers(tf.grad((x) => library.softmaxCrossEntropy(labels, x))(logits));
    near(grad(L as never), Float32Array.of(3 * p[0]! - 2, 3 * p[1]!, 3 * p[2]! - 1), 'ours');
    near(grad(tf.losses), Float32Array.of(p[0]! - 2, p[1]!, p[2]! - 1), 'theirs');
  });

  test('softmaxCrossEntropy, the gradient by the labels is −log p', () => {
    const labels = tf.tensor2d([1, 0, 0], [1, 3]);
    const logits = tf.tensor2d([0.5, -1, 2], [1, 3]);
    for (const smoothing of [0, 0.25]) {
      const grad = (library: typeof tf.losses) =>
        numbers(
          tf.grad((y) => library.softmaxCrossEntropy(y as typeof labels, logits, undefined, smoothing))(
            labels,
          ),
        );
      const want = numbers(tf.logSoftmax(logits)).map((x) => (smoothing - 1) * x);
      near(grad(L as never), want, 'ours');
      expect(() => near(grad(tf.losses), want, 'theirs', 0.1)).toThrow();
    }
  });

  test('0 · −inf and inf − inf: costs nothing, in tfjs NaN', () => {
    const logits = tf.tensor2d([-Infinity, 1, 2], [1, 3]);
    const labels = tf.tensor2d([0, 1, 0], [1, 3]);
    near(numbers(L.softmaxCrossEntropy(labels, logits)), Float32Array.of(1.3132617), 'softmax');
    expect(numbers(tf.losses.softmaxCrossEntropy(labels, logits))[0]).toBeNaN();
    const sure = [tf.tensor1d([1, 0]), tf.tensor1d([Infinity, -Infinity])] as const;
    expect(numbers(L.sigmoidCrossEntropy(...sure))[0]).toBe(0);
    expect(numbers(tf.losses.sigmoidCrossEntropy(...sure))[0]).toBeNaN();
  });

  test('absoluteDifference at a tie: the gradient is 0', () => {
    const a = tf.tensor1d([1, 2]);
    const grads = (library: typeof tf.losses) =>
      tf
        .grads((y, x) => library.absoluteDifference(y, x, undefined, 2))([a, a.clone()])
        .map(numbers);
    for (const grad of grads(L as never)) expect(Array.from(grad, Math.abs)).toEqual([0, 0]);
    expect(grads(tf.losses).map((grad) => [...grad])).toEqual([
      [-1, -1],
      [1, 1],
    ]);
  });
});
