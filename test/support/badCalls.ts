/** The error table of the numerics contract as calls: the rows that hold for every loss. */
import { cases, differentiable, has, lossesOf, type Entry, type Kind } from '../cases.js';
import { SENTINEL, type BadCall } from './bad.js';
import { bad, CLASSES, gradFor, goodCall, logits, ROWS, shaped } from './good.js';

const T = TypeError;
const R = RangeError;
const SIZE = { rows: ROWS, classes: CLASSES };

export const badCalls: BadCall[] = [];
const add = (...call: Parameters<typeof bad>) => badCalls.push(bad(...call));

/** Inputs of whole numbers. */
const whole: Kind[] = ['index', 'labels', 'sequence', 'lengths'];

// Row 1: a target outside [0, C) that is not ignoreIndex. Row 2: not an integer.
for (const { name, ignores } of cases.filter((each) => has(each, 'index'))) {
  const says = (value: number) => [
    'targets[1]',
    String(value),
    '[0, 5)',
    ...(ignores ? ['ignoreIndex'] : []),
  ];
  const target = (what: string, says: (string | RegExp)[], targets: unknown, options = {}) =>
    add(name, what, R, says, { inputs: { targets }, options });
  for (const value of [5, 6, 2 ** 31 - 1, -1, -(2 ** 31)])
    target(`target ${value}`, says(value), Int32Array.of(0, value, 2));
  target('int64 target', says(5), BigInt64Array.of(0n, 5n, 2n));
  target('number[] target', says(7), [0, 7, 2]);
  target('uint8 target', says(255), Uint8Array.of(0, 255, 2));
  if (!ignores) target('-100', says(-100), Int32Array.of(0, -100, 2));
  else target('not this ignoreIndex', [...says(-100), '-1'], [0, -100, 2], { ignoreIndex: -1 });

  for (const value of [1.5, NaN, Infinity, -0.5])
    target(`target ${value}`, ['targets[2]', String(value), 'integer'], [0, 1, value]);
  for (const value of [2n ** 53n + 1n, 2n ** 62n, -(2n ** 60n)]) {
    const says = ['targets[2]', String(value), 'integer'];
    target(`target ${value}n`, says, BigInt64Array.of(0n, 1n, value));
  }
  target('target 2^64 - 1', ['targets[2]', 'integer'], BigUint64Array.of(0n, 1n, 2n ** 64n - 1n));
}

for (const each of cases) {
  wrongKinds(each);
  wrongSizes(each);
  wrongResults(each);
  foreignTensors(each);
}

/** Row 3: wrong kinds. */
function wrongKinds(entry: Entry): void {
  const { name, inputs } = entry;
  for (const { name: x, kind, grad } of inputs) {
    for (const [came, value] of [
      ['null', null],
      ['undefined', undefined],
      ['string', 'logits'],
      ['number', 3],
      ['DataView', new DataView(new ArrayBuffer(60))],
    ] as const)
      add(name, `${x} ${came}`, T, [x, came], { inputs: { [x]: value } });
    add(name, `${x} an object without data`, T, [x], { inputs: { [x]: {} } });
    if (grad) add(name, `${x} of integers`, T, [x, 'Int32Array'], { inputs: { [x]: new Int32Array(15) } });
    if (whole.includes(kind))
      add(name, `real ${x}`, T, [x, 'Float32Array'], { inputs: { [x]: Float32Array.of(0, 1, 4) } });
    if (!grad) continue;
    const gone = new Float32Array(15);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    add(name, `${x} of a detached buffer`, T, [x, 'detached'], { inputs: { [x]: gone } });
    const nested = [0, 1, 2].map(() => [1, 2, 3, 4, 5]);
    add(name, `${x} of nested arrays`, T, [x, '.flat()', 'classes'], { inputs: { [x]: nested } });
  }
  for (const { name: x } of differentiable(entry).slice(1)) {
    const says = [inputs[0]!.name, x, /float32/i, /float64/i];
    add(name, `${x} of another dtype`, T, says, { inputs: { [x]: new Float64Array(15).fill(0.25) } });
  }
}

/** Row 4: lengths and shapes that do not fit. */
function wrongSizes({ name, inputs }: Entry): void {
  const good = goodCall(name).inputs as (Float32Array | Int32Array)[];
  inputs.forEach(({ name: x }, i) => {
    const Kind = good[i]!.constructor as Float32ArrayConstructor;
    const { length } = good[i]!;
    const longer = new Kind(length + 1).fill(good[i]![1]!);
    add(name, `${x} of ${length + 1}`, R, [String(length + 1), /15|3|5/], { inputs: { [x]: longer } });
    if (i > 0) add(name, `empty ${x}`, R, [x, /\b0\b/], { inputs: { [x]: new Kind(0) } });
  });
  const shape = (what: string, says: (string | RegExp)[], of: unknown) =>
    add(name, what, R, ['shape', ...says], { options: shaped(name, of) });
  shape('shape of another size', [/15/, /16|2.*8/], [2, 8]);
  shape('a shape that is no integer', ['2.5'], [2.5, 6]);
  shape('a shape that overflows', [], [2 ** 30, 2 ** 30]);
}

/** Rows 6 to 10: reductions, unknown options, upstream gradients, and where results go. */
function wrongResults(entry: Entry): void {
  const { name } = entry;
  const option = (what: string, error: BadCall['error'], says: (string | RegExp)[], options: object) =>
    add(name, what, error, says, { options: { ...options } });
  const choices = ['mean', 'sum', 'none', ...(entry.batchmean ? ['batchmean'] : [])];
  option('reduction average', R, ['reduction', 'average', ...choices], { reduction: 'average' });
  if (!entry.batchmean) option('batchmean', R, ['reduction', 'batchmean'], { reduction: 'batchmean' });
  option('unknown option', T, ['labelSmooting', 'reduction'], { labelSmooting: 0.1 });
  option('snake case', T, ['ignore_index'], { ignore_index: 1 });
  for (const divisor of [0, -1, NaN])
    option(`divisor ${divisor}`, R, ['divisor', String(divisor)], { divisor });

  const withGrad = (what: string, error: BadCall['error'], says: (string | RegExp)[], options: object) =>
    add(name, what, error, says, { options: { ...options }, onlyWithGrad: true });
  const losses = lossesOf(entry, SIZE);
  const out = (length: number) => new Float32Array(length).fill(SENTINEL);
  for (const reduction of choices.filter((each) => each !== 'none')) {
    const gradOutput = new Float32Array(losses);
    withGrad(`array gradOutput, ${reduction}`, T, ['gradOutput', reduction], { gradOutput, reduction });
    option(`out, ${reduction}`, T, ['out', 'none'], { out: out(losses), reduction });
  }
  const none = { reduction: 'none' };
  const sizes = [String(losses), String(losses + 1)];
  option('long out', R, ['out', ...sizes], { ...none, out: out(losses + 1) });
  option('out of another type', T, ['out'], { ...none, out: new Float64Array(losses).fill(SENTINEL) });
  const short = new Float32Array(losses - 1);
  withGrad('short gradOutput', R, ['gradOutput', String(losses)], { ...none, gradOutput: short });

  const several = differentiable(entry).length > 1;
  for (const { name: input } of differentiable(entry)) {
    const key = several ? `grad.${input}` : 'grad';
    const grad = (what: string, error: BadCall['error'], says: string[], array: unknown) =>
      withGrad(`${key} ${what}`, error, [key, ...says], { grad: gradFor(entry, input, array) });
    for (const size of [14, 16, 0]) grad(`of ${size}`, R, ['15', String(size)], out(size));
    grad('of float64', T, ['Float32Array'], new Float64Array(15).fill(SENTINEL));
  }
  if (!several) return;
  const names = differentiable(entry).map((input) => input.name);
  withGrad('grad that is one array', T, ['grad', ...names], { grad: out(15) });
  withGrad('grad of an unknown key', T, ['grad', 'inputs', ...names], { grad: { inputs: out(15) } });
}

/** Tensors of other libraries. */
function foreignTensors(entry: Entry): void {
  const { name } = entry;
  for (const { name: x } of differentiable(entry)) {
    const tensor = (what: string, error: BadCall['error'], says: (string | RegExp)[], value: unknown) =>
      add(name, `${x} ${what}`, error, says, { inputs: { [x]: value } });
    const data = logits();
    const hidden = {
      dims: [3, 5],
      location: 'gpu-buffer',
      get data() {
        throw new Error('data was read');
      },
    };
    tensor('on the GPU', T, [x, /await|getData|download/], hidden);
    tensor('of tfjs', T, ['dataSync()', 'losskit/tfjs'], { shape: [3, 5], data: () => Promise.resolve() });
    tensor('with strides', T, [x, /stride|contiguous/], { data, shape: [3, 5], stride: [1, 3] });
    const offset = { data, shape: [3, 4], stride: [4, 1], offset: 3 };
    tensor('with an offset', T, [x, /offset|contiguous/], offset);
    tensor('of 16 bits without type', T, [x, 'type', 'float16'], {
      data: new Uint16Array(15),
      dims: [3, 5],
    });
    tensor('of other dims', R, [x, '15'], { data, dims: [3, 4] });
    tensor('of negative dims', R, [x, '-3'], { data, dims: [-3, -5] });
  }
}
