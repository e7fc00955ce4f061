/** losskit's losses for tensors: the bits of the plain call, their gradients by tf.grads, shapes, options, errors; nothing left behind, nothing written to. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import * as losskit from '../src/index.js';
import { createTfLosses } from '../src/tfjs/index.js';
import { cases } from './cases.js';
import { asArray, gradsOf, losses, type Real } from './support/library.js';
import { drawInputs, preferenceCases } from './support/preference.js';
import { random, seedOf } from './support/random.js';
import { argumentsOf, dimsOf, sample, unsized } from './support/sample.js';
import { L, near, numbers, tf, TF_BACKENDS, useTf, valueAndGrads } from './support/tensorflow.js';
import type { AnyTf, Tensor } from './support/tensorflow.js';

const ours = L.losskit as unknown as Record<string, AnyTf>;

interface Call {
  name: string;
  /** Arrays or { data, dims }. */
  inputs: { data: Real | Int32Array; dims: number[] }[];
  options: Record<string, unknown>;
  /** Places of the inputs with a gradient; or names of options. */
  live: (number | string)[];
}

const f32 = (n: number, seed: number, scale = 1) => {
  const r = random(seed);
  return Float32Array.from({ length: n }, () => scale * r.normal());
};

/** The losses that cases.ts has no shapes for. */
const others: Call[] = [
  ...Object.entries(preferenceCases).flatMap(([name, each]) =>
    each.configs.map((config) => ({
      name,
      inputs: drawInputs(each, random(seedOf(name)), 37, 'float32').map((column) => ({
        data: Float32Array.from(column),
        dims: [37],
      })),
      options: { ...config },
      live: each.gradients.map((gradient) => each.inputs.indexOf(gradient)),
    })),
  ),
  ...[{}, { bias: f32(9, 3) }, { labelSmoothing: 0.1, softcap: 3, bias: f32(9, 4) }].map((options) => ({
    name: 'linearCrossEntropy',
    inputs: [
      { data: f32(5 * 4, 1), dims: [5, 4] },
      { data: f32(9 * 4, 2), dims: [9, 4] },
      { data: Int32Array.of(0, 8, -100, 3, 3), dims: [5] },
    ],
    options,
    live: [0, 1, ...('bias' in options ? ['bias'] : [])],
  })),
  {
    name: 'sampledSoftmaxLoss',
    inputs: [
      { data: f32(5 * 4, 1), dims: [5, 4] },
      { data: f32(9 * 4, 2), dims: [9, 4] },
      { data: Int32Array.of(0, 8, 2, 3, 3), dims: [5] },
    ],
    options: {
      bias: f32(9, 5),
      sampled: Int32Array.of(1, 4, 3),
      logExpectedCount: Float32Array.of(-1, -2, -1.5),
      targetLogExpectedCount: f32(5, 6),
    },
    live: [0, 1, 'bias'],
  },
  ...(['inbatch', 'symmetric', 'ntxent', 'unpaired', 'paired'] as const).map((mode) => ({
    name: 'infoNceLoss',
    inputs: [
      { data: f32(6 * 8, 1), dims: [6, 8] },
      { data: f32(6 * 8, 2), dims: [6, 8] },
    ],
    options: {
      mode,
      ...(mode === 'unpaired' && { negatives: { data: f32(3 * 8, 3), dims: [3, 8] } }),
      ...(mode === 'paired' && { negatives: { data: f32(6 * 2 * 8, 3), dims: [6, 2, 8] } }),
    },
    live: [0, 1, ...(mode === 'unpaired' || mode === 'paired' ? ['negatives'] : [])],
  })),
];

/** Those of cases.ts, in all their configurations, with some rows of few classes and one of many. */
const table: Call[] = cases.flatMap((entry) =>
  Object.keys(entry.options).flatMap((config) =>
    [
      { rows: 5, classes: 7 },
      { rows: 3, classes: 100 },
    ].map((size) => {
      const drawn = sample({ entry, config, size, precision: 'float32' });
      const { inputs, options } = argumentsOf(drawn);
      const dims = dimsOf(drawn);
      return {
        name: entry.name,
        inputs: inputs.map((data, k) => ({ data: data as Float32Array, dims: dims[k]! })),
        options: unsized(options),
        live: entry.inputs.flatMap(({ grad }, k) => (grad ? [k] : [])),
      };
    }),
  ),
);

const all = [...table, ...others];
const names = [...new Set(all.map(({ name }) => name))];

const toTensor = (value: unknown): unknown => {
  if (value instanceof Int32Array) return tf.tensor1d(value.slice(), 'int32');
  if (value instanceof Uint8Array) return tf.tensor1d(Array.from(value, Boolean), 'bool');
  if (value instanceof Float32Array) return tf.tensor1d(value.slice());
  const { data, dims } = (value ?? {}) as Partial<Call['inputs'][0]>;
  if (!data) return value;
  return tf.tensor(data.slice() as Float32Array, dims, data instanceof Int32Array ? 'int32' : 'float32');
};

/** Asserts the same bits; NaN is NaN. */
function equal(got: ArrayLike<number>, want: ArrayLike<number>, where: string): void {
  expect(got.length, where).toBe(want.length);
  for (let i = 0; i < want.length; i++)
    if (!Object.is(got[i], want[i])) expect.fail(`${where}[${i}] is ${got[i]}, not ${want[i]}`);
}

test('all losses are there, under their names and under losskit', () => {
  expect(Object.keys(ours).sort()).toEqual(Object.keys(losses).sort());
  expect(names.sort()).toEqual(Object.keys(losses).sort());
  for (const name of Object.keys(losses)) {
    const theirs = name in tf.losses;
    expect((L as unknown as typeof ours)[name] === ours[name], name).toBe(!theirs);
  }
});

describe.each(TF_BACKENDS)('%s', (backend) => {
  beforeAll(() => useTf(backend));

  test.each(names)('%s: the bits of the plain call', (name) => {
    const loss = losses[name]!;
    const before = tf.memory().numTensors;
    for (const { inputs, options, live } of all.filter((call) => call.name === name))
      for (const reduction of ['mean', 'sum', 'none'] as const)
        tf.tidy(() => {
          const where = `${name} ${JSON.stringify(Object.keys(options))} ${reduction}`;
          const length = asArray(loss(...inputs, { ...options, reduction })).length;
          const upstream = f32(length, 9);
          const gradOutput = reduction === 'none' ? { gradOutput: upstream } : {};
          const want = loss.valueAndGrad(...inputs, { ...options, reduction, ...gradOutput });
          const value = Float32Array.from(asArray(want.value));

          const args = inputs.map(toTensor) as Tensor[];
          const given = Object.fromEntries(
            Object.entries(options).map(([key, option]) => {
              const tensor = toTensor(option);
              // One an element has the input's shape.
              const aElement =
                tensor instanceof tf.Tensor && /weight/i.test(key) && tensor.size === args[0]!.size;
              return [key, aElement ? tensor.reshape(args[0]!.shape) : tensor];
            }),
          );
          const xs = live.map((at) => (typeof at === 'number' ? args[at] : given[at])) as Tensor[];
          const call = (...changed: Tensor[]) => {
            const [own, more] = [[...args], { ...given }];
            live.forEach((at, k) => {
              if (typeof at === 'number') own[at] = changed[k]!;
              else more[at] = changed[k];
            });
            return ours[name]!(...own, { ...more, reduction });
          };
          const shape = call(...xs).shape;
          const dy = reduction === 'none' ? tf.tensor(upstream.slice(), shape) : undefined;
          const got = valueAndGrads(call, xs, dy);
          equal(got.value, value, `${where} value`);
          equal(numbers(call(...xs)), value, `${where} value, no tape`);
          gradsOf(want.grad).forEach((grad, k) => equal(got.grads[k]!, grad, `${where} gradient ${k}`));
          // Nothing was written to.
          args.forEach((arg, k) => equal(numbers(arg), inputs[k]!.data, `${where} input ${k}`));
        });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('the shape of the losses', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([2, 3, 4]);
      const none = { reduction: 'none' } as const;
      expect(L.mseLoss(x, x, none).shape).toEqual([2, 3, 4]);
      expect(L.crossEntropy(x, tf.zeros([2, 3], 'int32'), none).shape).toEqual([2, 3]);
      expect(L.crossEntropy(x, tf.zeros([2, 4]), { ...none, axis: 1 }).shape).toEqual([2, 4]);
      expect(L.softTargetCrossEntropy(tf.zeros([4]), tf.zeros([4]), none).shape).toEqual([]);
      expect(L.crossEntropy(tf.zeros([5, 1]), tf.zeros([5]), none).shape).toEqual([5]);
      expect(L.multilabelSoftMarginLoss(x, tf.zerosLike(x), none).shape).toEqual([2, 3]);
      expect(L.klDiv(x, tf.zerosLike(x), { reduction: 'batchmean' }).shape).toEqual([]);
    });
  });

  test('complex numbers are refused, also where a cast would drop a part', () => {
    if (backend === 'wasm') return; // has none
    const c = tf.complex([1, 2], [3, 4]);
    const [x, before] = [tf.ones([2]), tf.memory().numTensors];
    for (const call of [() => ours['mseLoss']!(c, x), () => ours['crossEntropy']!(c, [0])])
      expect(call).toThrow(/: a tensor of dtype complex64 was given/);
    expect(() => ours['mseLoss']!(c, x)).toThrow(TypeError);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([c, x]);
  });

  test('class indices as layers have them: float32, with an axis of 1; 0 and 1 as bool; nested arrays', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([3, 4]);
      const want = numbers(L.crossEntropy(x, [1, 0, 3]));
      expect(want[0]).toBe(Math.fround(losskit.crossEntropy({ data: numbers(x), dims: [3, 4] }, [1, 0, 3])));
      expect(numbers(L.crossEntropy(x, tf.tensor2d([1, 0, 3], [3, 1])))).toEqual(want);
      expect(numbers(L.crossEntropy(x, [[1], [0], [3]]))).toEqual(want);
      const flags = tf.tensor1d([true, false], 'bool');
      const bits = numbers(L.binaryCrossEntropyWithLogits(tf.tensor1d([1, 2]), flags));
      expect(numbers(L.binaryCrossEntropyWithLogits(tf.tensor1d([1, 2]), [1, 0]))).toEqual(bits);
    });
  });

  test('dy of any size, a loss used twice, inputs that are one tensor', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2, 5]);
      const grad = numbers(tf.grad((q) => L.mseLoss(q, [0, 0, 0]))(x));
      for (const factor of [0, 1, -2, 0.5])
        expect(numbers(tf.grad((q) => L.mseLoss(q, [0, 0, 0]).mul(factor))(x))).toEqual(
          grad.map((g) => g * factor + 0),
        );
      expect([...numbers(tf.grad((q) => L.mseLoss(q, [0, 0, 0]).mul(NaN))(x))]).toEqual([NaN, NaN, NaN]);
      const twice = (q: Tensor) => L.mseLoss(q, [0, 0, 0]).add(L.mseLoss(q.mul(1), [0, 0, 0]));
      expect(numbers(tf.grad(twice)(x))).toEqual(grad.map((g) => 2 * g));
      near(
        numbers(tf.grad((q) => L.meanSquaredError(q, q.mul(2)))(x)),
        numbers(x).map((v) => (2 * v) / 3),
        'both',
      );
      // A loss that leads nowhere.
      const before = tf.memory().numTensors;
      tf.grad((q) => {
        L.mseLoss(q, [1, 1, 1]);
        return q.square().sum();
      })(x).dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  test('a frozen head, given as an array, has no gradient, and costs none', () => {
    tf.tidy(() => {
      const [hidden, head] = [f32(12, 1), f32(20, 2)];
      const plain = losskit.linearCrossEntropy.valueAndGrad(
        { data: hidden, dims: [3, 4] },
        { data: head, dims: [5, 4] },
        [0, 1, 4],
      );
      const of = tf.grad((h) => L.linearCrossEntropy(h, { data: head, dims: [5, 4] }, [0, 1, 4]));
      equal(numbers(of(tf.tensor2d(hidden.slice(), [3, 4]))), plain.grad.hidden, 'hidden');
    });
  });

  test('errors name the loss, the argument and what to do', () => {
    tf.tidy(() => {
      const x = tf.zeros([2, 3]);
      const any = ours as Record<string, (...args: unknown[]) => Tensor>;
      const calls: [() => unknown, new (...args: never[]) => Error, RegExp][] = [
        [
          () => any.crossEntropy!([1, 2], [0]),
          TypeError,
          /crossEntropy: logits is an array, expected a tensor/,
        ],
        [() => any.crossEntropy!(x), TypeError, /crossEntropy: targets is undefined/],
        [
          () => any.crossEntropy!(x, tf.tensor1d([0.5, 1])),
          TypeError,
          /crossEntropy: targets is Float32Array, expected whole/,
        ],
        [() => any.crossEntropy!(x, [0, 3]), RangeError, /targets\[1\] is 3/],
        [() => any.mseLoss!(x, tf.zeros([3, 2])), RangeError, /mseLoss: input has shape/],
        [
          () => any.mseLoss!(x, x, { grad: new Float32Array(6) }),
          TypeError,
          /mseLoss: option 'grad' makes no sense/,
        ],
        [() => any.mseLoss!(x, x, { out: new Float32Array(6) }), TypeError, /option 'out'/],
        [() => any.mseLoss!(x, x, { gradOutput: 2 }), TypeError, /option 'gradOutput'/],
        [() => any.linearCrossEntropy!(x, x, [0, 1], { accumulate: true }), TypeError, /option 'accumulate'/],
        [() => any.mseLoss!(x, x, { wieght: x }), TypeError, /unknown option 'wieght'/],
        [() => any.mseLoss!(x, x, x), TypeError, /mseLoss: options is a tensor/],
        [() => any.mseLoss!(x, x, [1]), TypeError, /mseLoss: options is an array/],
        [() => any.mseLoss!(x, x, { reduction: 'average' }), RangeError, /mseLoss: reduction/],
        [() => any.mseLoss!(x, tf.tensor(['a'])), TypeError, /dtype string/],
      ];
      for (const [call, kind, message] of calls) {
        expect(call, String(message)).toThrow(message);
        expect(call).toThrow(kind);
        expect(() => tf.grad(call as () => Tensor)(x)).toThrow(message);
      }
      const gone = tf.zeros([2, 3]);
      gone.dispose();
      expect(() => L.mseLoss(gone, x)).toThrow(/disposed/);
    });
  });

  test('10,000 steps leave no tensors and no memory behind', () => {
    const step = () => {
      const { value, grads } = tf.valueAndGrads((x: Tensor) =>
        L.crossEntropy(x, [0, 1]).add(
          L.softmaxCrossEntropy(
            [
              [1, 0, 0],
              [0, 1, 0],
            ],
            x,
          ),
        ),
      )([logits]);
      tf.dispose([value, ...grads]);
    };
    const logits = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    for (let i = 0; i < 500; i++) step();
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
    const [tensors, bytes, heap] = [
      tf.memory().numTensors,
      tf.memory().numBytes,
      process.memoryUsage().heapUsed,
    ];
    for (let i = 0; i < 10_000; i++) step();
    gc();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(tf.memory().numBytes).toBe(bytes);
    // Half a kilobyte a step would be seen.
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(5e6);
    logits.dispose();
  });
});

test('a backend that does not give its data at once: what to do instead', () => {
  const later = {
    ...tf,
    backend: () => ({}),
    Tensor: class {
      readonly dtype = 'float32';
      readonly shape = [2];
      readonly isDisposed = false;
      dataSync() {
        throw new Error('The reading is asynchronous.');
      }
    },
    cast: (x: unknown) => x,
  };
  const lazy = createTfLosses(later as never);
  const x = new later.Tensor() as never;
  expect(() => lazy.mseLoss(x, x)).toThrow(
    /mseLoss: this backend .*setBackend\('wasm'\).*await tensor\.data\(\)/,
  );
  expect(() => createTfLosses({} as never)).toThrow(TypeError);
  expect(() => createTfLosses(undefined as never)).toThrow(/createTfLosses: tf is not TensorFlow.js/);
});
