/** The error table of the numerics contract as calls: the rows that hold for every loss. */
import { cases, entry } from '../cases.js';
import { SENTINEL, type BadCall } from './bad.js';
import { bad, logits } from './good.js';

const T = TypeError;
const R = RangeError;

const indexed = cases.filter((each) => each.target === 'index').map((each) => each.name);
const ignoring = new Set(cases.filter((each) => each.ignores).map((each) => each.name));
const all = cases.map((each) => each.name);
const inputName = (name: string) =>
  ({
    crossEntropy: 'logits',
    softTargetCrossEntropy: 'logits',
    nllLoss: 'logProbs',
    softmaxFocalLoss: 'logits',
  })[name] ?? 'input';
const targetName = (name: string) => (entry(name).family === 'rows' ? 'targets' : 'target');

export const badCalls: BadCall[] = [];

// Row 1: a target outside [0, C) that is not ignoreIndex.
for (const name of indexed) {
  const says = (value: number) => [
    'targets[1]',
    String(value),
    '[0, 5)',
    ...(ignoring.has(name) ? ['ignoreIndex'] : []),
  ];
  for (const value of [5, 6, 2 ** 31 - 1, -1, -(2 ** 31)]) {
    badCalls.push(bad(name, `target ${value}`, R, says(value), { target: Int32Array.of(0, value, 2) }));
  }
  badCalls.push(bad(name, 'int64 target', R, says(5), { target: BigInt64Array.of(0n, 5n, 2n) }));
  badCalls.push(bad(name, 'number[] target', R, says(7), { target: [0, 7, 2] }));
  badCalls.push(bad(name, 'uint8 target', R, says(255), { target: Uint8Array.of(0, 255, 2) }));
  if (!ignoring.has(name))
    badCalls.push(bad(name, '-100', R, says(-100), { target: Int32Array.of(0, -100, 2) }));
  else
    badCalls.push(
      bad(name, 'not this ignoreIndex', R, [...says(-100), '-1'], {
        target: [0, -100, 2],
        options: { ignoreIndex: -1 },
      }),
    );

  // Row 2: not an integer.
  for (const value of [1.5, NaN, Infinity, -0.5]) {
    badCalls.push(
      bad(name, `target ${value}`, R, ['targets[2]', String(value), 'integer'], { target: [0, 1, value] }),
    );
  }
  for (const value of [2n ** 53n + 1n, 2n ** 62n, -(2n ** 60n)]) {
    const target = BigInt64Array.of(0n, 1n, value);
    badCalls.push(bad(name, `target ${value}n`, R, ['targets[2]', String(value), 'integer'], { target }));
  }
  const target = BigUint64Array.of(0n, 1n, 2n ** 64n - 1n);
  badCalls.push(bad(name, 'target 2^64 - 1', R, ['targets[2]', 'integer'], { target }));
}

// Row 3: wrong kinds.
for (const name of all) {
  const [x, t] = [inputName(name), targetName(name)];
  for (const [came, value] of [
    ['null', null],
    ['undefined', undefined],
    ['string', 'logits'],
    ['number', 3],
    ['Int32Array', new Int32Array(15)],
    ['DataView', new DataView(new ArrayBuffer(60))],
  ] as const) {
    badCalls.push(bad(name, `input ${came}`, T, [x, came], { input: value }));
    if (came !== 'Int32Array') badCalls.push(bad(name, `target ${came}`, T, [t, came], { target: value }));
  }
  badCalls.push(bad(name, 'an object without data', T, [x], { input: {} }));
  if (entry(name).target === 'index')
    badCalls.push(bad(name, 'real targets', T, [t, 'Float32Array'], { target: Float32Array.of(0, 1, 4) }));
  const gone = new Float32Array(15);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  badCalls.push(bad(name, 'detached buffer', T, [x, 'detached'], { input: gone }));

  // Row 4: lengths that do not fit.
  badCalls.push(bad(name, '16 elements', R, [/16/, /15|3|5/], { input: new Float32Array(16).fill(0.5) }));
  badCalls.push(
    bad(name, 'empty target', R, [t, /\b0\b/], {
      target: entry(name).target === 'index' ? new Int32Array(0) : new Float32Array(0),
    }),
  );
  badCalls.push(
    bad(name, 'shape of another size', R, ['shape', /15/, /16|2.*8/], {
      options: { classes: undefined, shape: [2, 8] },
    }),
  );

  // Rows 6 to 10: what every loss shares.
  badCalls.push(
    bad(name, 'reduction average', R, ['reduction', 'average', 'mean', 'sum', 'none'], {
      options: { reduction: 'average' },
    }),
  );
  badCalls.push(
    bad(name, 'unknown option', T, ['labelSmooting', 'reduction'], { options: { labelSmooting: 0.1 } }),
  );
  badCalls.push(bad(name, 'snake case', T, ['ignore_index'], { options: { ignore_index: 1 } }));
  for (const reduction of ['mean', 'sum']) {
    const gradOutput = new Float32Array(15);
    badCalls.push(
      bad(name, `array gradOutput, ${reduction}`, T, ['gradOutput', reduction], {
        options: { gradOutput, reduction },
        onlyWithGrad: true,
      }),
    );
    badCalls.push(
      bad(name, `out, ${reduction}`, T, ['out', 'none'], {
        options: { out: new Float32Array(15).fill(SENTINEL), reduction },
      }),
    );
  }
  const none = entry(name).family === 'rows' ? 3 : 15;
  const out = new Float32Array(none + 1).fill(SENTINEL);
  badCalls.push(
    bad(name, 'long out', R, ['out', String(none), String(none + 1)], {
      options: { out, reduction: 'none' },
    }),
  );
  badCalls.push(
    bad(name, 'out of another type', T, ['out'], {
      options: { out: new Float64Array(none).fill(SENTINEL), reduction: 'none' },
    }),
  );
  badCalls.push(
    bad(name, 'short gradOutput', R, ['gradOutput', String(none)], {
      options: { gradOutput: new Float32Array(none - 1), reduction: 'none' },
      onlyWithGrad: true,
    }),
  );
  for (const divisor of [0, -1, NaN]) {
    badCalls.push(bad(name, `divisor ${divisor}`, R, ['divisor', String(divisor)], { options: { divisor } }));
  }
  for (const size of [14, 16, 0]) {
    const grad = new Float32Array(size).fill(SENTINEL);
    badCalls.push(
      bad(name, `grad of ${size}`, R, ['grad', '15', String(size)], {
        options: { grad },
        onlyWithGrad: true,
      }),
    );
  }
  badCalls.push(
    bad(name, 'float64 grad', T, ['grad', 'Float32Array'], {
      options: { grad: new Float64Array(15).fill(SENTINEL) },
      onlyWithGrad: true,
    }),
  );
  badCalls.push(
    bad(name, 'a shape that is no integer', R, ['shape', '2.5'], {
      options: { classes: undefined, shape: [2.5, 6] },
    }),
  );
  badCalls.push(
    bad(name, 'a shape that overflows', R, ['shape'], {
      options: { classes: undefined, shape: [2 ** 30, 2 ** 30] },
    }),
  );
  badCalls.push(
    bad(name, 'nested arrays', T, ['.flat()', 'classes'], {
      input: [
        [1, 2, 3, 4, 5],
        [1, 2, 3, 4, 5],
        [1, 2, 3, 4, 5],
      ],
    }),
  );

  // Tensors of other libraries.
  const hidden = {
    dims: [3, 5],
    location: 'gpu-buffer',
    get data() {
      throw new Error('data was read');
    },
  };
  badCalls.push(bad(name, 'a tensor on the GPU', T, [x, /await|getData|download/], { input: hidden }));
  badCalls.push(
    bad(name, 'a tfjs tensor', T, ['dataSync()', 'losskit/tfjs'], {
      input: { shape: [3, 5], data: () => Promise.resolve() },
    }),
  );
  badCalls.push(
    bad(name, 'strides', T, [x, /stride|contiguous/], {
      input: { data: logits(), shape: [3, 5], stride: [1, 3] },
    }),
  );
  badCalls.push(
    bad(name, 'an offset', T, [x, /offset|contiguous/], {
      input: { data: logits(), shape: [3, 4], stride: [4, 1], offset: 3 },
    }),
  );
  badCalls.push(
    bad(name, '16 bits without type', T, [x, 'type', 'float16'], {
      input: { data: new Uint16Array(15), dims: [3, 5] },
    }),
  );
  badCalls.push(bad(name, 'dims of another size', R, [x, '15'], { input: { data: logits(), dims: [3, 4] } }));
  badCalls.push(bad(name, 'negative dims', R, [x, '-3'], { input: { data: logits(), dims: [-3, -5] } }));
}
