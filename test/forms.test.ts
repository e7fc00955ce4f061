/**
 * One call, many forms: every kind of array and tensor that api.md accepts gives the same bits as plain typed arrays,
 * and results go where they are told to go. Under a forced backend, so that nothing but the form differs.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry, type Entry } from './cases.js';
import { differs } from './support/judge.js';
import { asArray, BACKENDS, force, lossOf, platforms, REDUCTIONS, type Real } from './support/library.js';
import { randomBits, widen, type Half } from './support/halves.js';
import { fill, random } from './support/random.js';
import { argumentsOf, realArray, sample, type Arguments } from './support/sample.js';

type Answer = { value: number | Real; grad: Real; divisor: number };

/** Same bits of value, gradient and divisor, whatever the array types. */
function same(got: Answer, want: Answer, where: string): void {
  const value = differs(asArray(got.value), asArray(want.value));
  if (value >= 0)
    expect.fail(`${where}: value[${value}] ${asArray(got.value)[value]} != ${asArray(want.value)[value]}`);
  const at = differs(got.grad, want.grad);
  if (at >= 0) expect.fail(`${where}: grad[${at}] is ${got.grad[at]}, not ${want.grad[at]}`);
  expect(got.divisor, where).toBe(want.divisor);
}

const SIZE = { rows: 6, classes: 37 };
const tensor = (data: unknown, dims: number[], more: object = {}) => ({ data, dims, ...more });
const targetDims = (each: Entry) => (each.target === 'index' ? [SIZE.rows] : [SIZE.rows, SIZE.classes]);
const table = cases.map((each) => [each.name, each] as const);

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));

  const given = (each: Entry, config = 'none', seed = 0): Arguments =>
    argumentsOf(sample({ entry: each, config, size: SIZE, precision, seed }));

  test.each(table)('%s: tensors with dims, tensors with shape, flat arrays with shape', (name, each) => {
    const loss = lossOf(name);
    for (const config of Object.keys(each.options)) {
      const { input, target, options } = given(each, config);
      const want = loss.valueAndGrad(input, target, options);
      const { classes: _, ...rest } = options;
      const dims = [SIZE.rows, SIZE.classes];
      const shaped = { data: target, shape: targetDims(each) };
      same(
        loss.valueAndGrad(tensor(input, dims), tensor(target, targetDims(each)), rest),
        want,
        `${config} dims`,
      );
      same(loss.valueAndGrad({ data: input, shape: dims }, shaped, rest), want, `${config} shape`);
      same(loss.valueAndGrad(input, target, { ...rest, shape: dims }), want, `${config} flat with shape`);
      same(loss.valueAndGrad(input, target, { ...rest, shape: dims, axis: -1 }), want, `${config} axis -1`);
      same(
        loss.valueAndGrad(input, target, { ...rest, shape: dims, axis: 1 }),
        want,
        `${config} axis 1 of 2`,
      );
      // ONNX Runtime and Transformers.js carry more than data and dims.
      const onnx = { type: precision, location: 'cpu', size: input.length };
      same(
        loss.valueAndGrad(tensor(input, dims, onnx), tensor(target, targetDims(each)), rest),
        want,
        `${config} onnx`,
      );
    }
  });

  test.each(table.filter(([, each]) => each.target === 'index'))(
    '%s: every kind of index array',
    (name, each) => {
      const loss = lossOf(name);
      const { input, target, options } = given(each);
      const want = loss.valueAndGrad(input, target, options);
      const plain = Array.from(target);
      const positive = plain.every((y) => y >= 0);
      const kinds: [string, unknown][] = [
        ['Int8Array', Int8Array.from(plain)],
        ['Int16Array', Int16Array.from(plain)],
        ['BigInt64Array', BigInt64Array.from(plain, BigInt)],
        ['number[]', plain],
        ['int64 tensor', tensor(BigInt64Array.from(plain, BigInt), [SIZE.rows], { type: 'int64' })],
      ];
      for (const [kind, y] of kinds) same(loss.valueAndGrad(input, y, options), want, kind);
      const whole = plain.map((y) => Math.max(y, 0));
      const unsigned = positive ? want : loss.valueAndGrad(input, Int32Array.from(whole), options);
      const unsignedKinds: [string, unknown][] = [
        ['Uint8Array', Uint8Array.from(whole)],
        ['Uint16Array', Uint16Array.from(whole)],
        ['Uint32Array', Uint32Array.from(whole)],
        ['BigUint64Array', BigUint64Array.from(whole, BigInt)],
      ];
      for (const [kind, y] of unsignedKinds) same(loss.valueAndGrad(input, y, options), unsigned, kind);
    },
  );

  test.each(table)('%s: classes are inferred from index targets', (name, each) => {
    if (each.target !== 'index') return;
    const { input, target, options } = given(each);
    const { classes: _, ...rest } = options;
    same(
      lossOf(name).valueAndGrad(input, target, rest),
      lossOf(name).valueAndGrad(input, target, options),
      name,
    );
  });

  test.each(table.filter(([, each]) => each.target === 'sign' || each.target === 'unit'))(
    '%s: hard labels of any numeric kind',
    (name, each) => {
      const { input, target } = given(each);
      const labels = Array.from(target, (t) => (each.target === 'sign' ? t : Math.round(t)));
      const want = lossOf(name).valueAndGrad(input, new (realArray(precision))(labels));
      const kinds: [string, unknown][] = [
        ['Int8Array', Int8Array.from(labels)],
        ['Int32Array', Int32Array.from(labels)],
        ['Float32Array', Float32Array.from(labels)],
        ['Float64Array', Float64Array.from(labels)],
        ['number[]', labels],
        ['BigInt64Array', BigInt64Array.from(labels, BigInt)],
      ];
      if (each.target === 'unit') {
        const bytes = Uint8Array.from(labels);
        kinds.push(['Uint8Array', bytes], ['bool tensor', tensor(bytes, [labels.length], { type: 'bool' })]);
      }
      for (const [kind, t] of kinds) same(lossOf(name).valueAndGrad(input, t), want, kind);
    },
  );

  test.each(table)('%s: weight and posWeight of any numeric kind', (name, each) => {
    const loss = lossOf(name);
    for (const option of ['weight', 'posWeight'] as const) {
      const config = option === 'weight' ? 'weight' : 'posWeight [C]';
      const found = Object.keys(each.options).find(
        (key) => key === config || (key === 'weight [C]' && option === 'weight'),
      );
      if (found === undefined) continue;
      const { input, target, options } = given(each);
      const whole = Array.from(
        { length: SIZE.classes },
        (_, c) => (c % 4) + (option === 'posWeight' ? 1 : 0),
      );
      const want = loss.valueAndGrad(input, target, {
        ...options,
        [option]: new (realArray(precision))(whole),
      });
      const kinds: [string, unknown][] = [
        ['number[]', whole],
        ['Float32Array', Float32Array.from(whole)],
        ['Float64Array', Float64Array.from(whole)],
        ['Int32Array', Int32Array.from(whole)],
        ['Uint8Array', Uint8Array.from(whole)],
        ['tensor', tensor(Float32Array.from(whole), [SIZE.classes])],
      ];
      for (const [kind, w] of kinds) {
        same(loss.valueAndGrad(input, target, { ...options, [option]: w }), want, `${option} ${kind}`);
      }
      const bools = Uint8Array.from(whole, (w) => (w > 0 ? 1 : 0));
      same(
        loss.valueAndGrad(input, target, {
          ...options,
          [option]: tensor(bools, [SIZE.classes], { type: 'bool' }),
        }),
        loss.valueAndGrad(input, target, { ...options, [option]: Array.from(bools) }),
        `${option} bool tensor`,
      );
    }
  });

  test.each(table)('%s: out, grad, in place, and gradOutput in every reduction', (name, each) => {
    const loss = lossOf(name);
    const rows = each.family === 'rows' ? SIZE.rows : SIZE.rows * SIZE.classes;
    const r = random(5);
    for (const reduction of REDUCTIONS) {
      const fresh = () => given(each, 'none', 3);
      const { input, target, options } = fresh();
      const upstream = fill(rows, () => Math.fround(r.normal()));
      const gradOutput = reduction === 'none' ? new (realArray(precision))(upstream) : 0.75;
      const all = { ...options, reduction, gradOutput };
      const want = loss.valueAndGrad(input, target, all);

      const grad = input.slice().fill(-7);
      const out = want.value instanceof Object ? want.value.slice().fill(-7) : undefined;
      const got = loss.valueAndGrad(input, target, { ...all, grad, ...(out && { out }) });
      expect(got.grad).toBe(grad);
      if (out) expect(got.value).toBe(out);
      same(got, want, `${reduction} grad given`);

      if (out) {
        const plain = out.slice().fill(-7);
        expect(loss(input, target, { ...options, reduction, out: plain })).toBe(plain);
        expect(differs(plain, out)).toBe(-1);
        const kinds: [string, unknown][] = [
          ['Float64Array', upstream],
          ['number[]', [...upstream]],
          ['tensor', tensor(upstream, [rows])],
        ];
        for (const [kind, g] of kinds)
          same(loss.valueAndGrad(input, target, { ...all, gradOutput: g }), want, kind);
      }

      const place = fresh();
      const inPlace = loss.valueAndGrad(place.input, place.target, { ...all, grad: place.input });
      expect(inPlace.grad).toBe(place.input);
      same(inPlace, want, `${reduction} in place`);
      expect([...place.target], 'the target is not written to').toEqual([...target]);
    }
  });

  test.each(table)('%s: plain calls ignore grad and gradOutput', (name, each) => {
    const { input, target, options } = given(each);
    const want = lossOf(name)(input, target, options);
    const grad = input.slice().fill(-7);
    expect(lossOf(name)(input, target, { ...options, grad, gradOutput: 3 })).toBe(want);
    expect(grad.every((g) => g === -7)).toBe(true);
  });
});

describe.each(BACKENDS)('%s', (backend) => {
  beforeEach(() => force(backend));

  test.each(table)('%s: number[] is read as float64', (name, each) => {
    const { input, target, options } = argumentsOf(
      sample({ entry: each, config: 'none', size: SIZE, precision: 'float64' }),
    );
    const got = lossOf(name).valueAndGrad([...input], [...target], options);
    expect(got.grad).toBeInstanceOf(Float64Array);
    same(got, lossOf(name).valueAndGrad(input, target, options), name);
    const none = lossOf(name)([...input], [...target], { ...options, reduction: 'none' });
    expect(none).toBeInstanceOf(Float64Array);
  });

  // 16-bit floats are widened to float32, exactly; so is the answer of the same call with the widened numbers.
  const halves = table.filter(([, each]) => each.input !== 'probability' && each.input !== 'logProbability');
  test.each(halves)('%s: float16 and bfloat16 tensors', (name, each) => {
    for (const type of ['float16', 'bfloat16'] as Half[]) {
      const r = random(type.length);
      const { target, options } = argumentsOf(
        sample({ entry: each, config: 'none', size: SIZE, precision: 'float32' }),
      );
      const dims = [SIZE.rows, SIZE.classes];
      const bits = randomBits(r, SIZE.rows * SIZE.classes, type, -6, 2);
      const wide = Float32Array.from(bits, (b) => widen(b, type));
      const isReal = each.target === 'real' || each.target === 'distribution';
      const targetBits = randomBits(r, SIZE.rows * SIZE.classes, type, -6, -1).map((b) => b & 0x7fff);
      const half = isReal ? tensor(targetBits, dims, { type }) : target;
      const wideTarget = isReal ? Float32Array.from(targetBits, (b) => widen(b, type)) : target;
      const { classes: _, ...rest } = options;
      const want = lossOf(name).valueAndGrad(wide, wideTarget, { ...options });
      const got = lossOf(name).valueAndGrad(tensor(bits, dims, { type }), half, rest);
      expect(got.grad).toBeInstanceOf(Float32Array);
      same(got, want, `${name} ${type}`);
      const forward = lossOf(name)(tensor(bits, dims, { type }), half, { ...rest, reduction: 'none' });
      expect(forward).toBeInstanceOf(Float32Array);
    }
  });

  test('crossEntropy: float16 bits over axis 1, subnormal and infinite ones among them', () => {
    const dims = [2, 5, 3];
    const bits = Uint16Array.from({ length: 30 }, (_, i) => (i * 2099) & 0x7bff);
    bits[3] = 0x0001;
    bits[8] = 0x83ff;
    bits[14] = 0xfc00; // −∞: probability 0
    const target = tensor(Int32Array.of(0, 1, 2, 3, 4, 0), [2, 3]);
    const wide = Float32Array.from(bits, (b) => widen(b, 'float16'));
    const loss = lossOf('crossEntropy');
    const want = loss.valueAndGrad(tensor(wide, dims), target, { axis: 1 });
    same(loss.valueAndGrad(tensor(bits, dims, { type: 'float16' }), target, { axis: 1 }), want, 'float16');
  });

  test('crossEntropy: mask as any integer array, int64 or bool tensor', () => {
    const each = entry('crossEntropy');
    const { input, target, options } = argumentsOf(
      sample({ entry: each, config: 'none', size: SIZE, precision: 'float32' }),
    );
    const bytes = Uint8Array.of(1, 0, 1, 1, 0, 1);
    const loss = lossOf('crossEntropy');
    const masked = Int32Array.from(target, (y, i) => (bytes[i] ? y : -100));
    const want = loss.valueAndGrad(input, masked, options);
    const kinds: [string, unknown][] = [
      ['Uint8Array', bytes],
      ['Int8Array', Int8Array.from(bytes, (b) => -b)], // not 0 counts, whatever it is
      ['Int32Array', Int32Array.from(bytes, (b) => b * 256)],
      ['BigInt64Array', BigInt64Array.from(bytes, (b) => BigInt(b) << 40n)],
      ['bool tensor', tensor(bytes, [SIZE.rows], { type: 'bool' })],
      ['int64 tensor', tensor(BigInt64Array.from(bytes, BigInt), [SIZE.rows], { type: 'int64' })],
    ];
    for (const [kind, mask] of kinds)
      same(loss.valueAndGrad(input, target, { ...options, mask }), want, kind);
  });

  test('crossEntropy: shift scores row t against target t + shift within each sequence', () => {
    const [batch, length, classes] = [3, 5, 7];
    const r = random(11);
    const input = Float32Array.from({ length: batch * length * classes }, () => r.normal());
    const target = Int32Array.from({ length: batch * length }, () => r.integer(0, classes - 1));
    const mask = Uint8Array.from(target, () => r.integer(0, 1));
    const loss = lossOf('crossEntropy');
    for (const shift of [1, 2, 4]) {
      const kept = Int32Array.from(target, (_, i) => {
        const at = i + shift;
        return (i % length) + shift < length && mask[at] ? target[at]! : -100;
      });
      for (const reduction of REDUCTIONS) {
        const want = loss.valueAndGrad(input, kept, { reduction });
        const dims = [batch, length, classes];
        const tensors = loss.valueAndGrad(tensor(input, dims), tensor(target, [batch, length]), {
          shift,
          mask,
          reduction,
        });
        same(tensors, want, `tensors, shift ${shift}`);
        same(
          loss.valueAndGrad(input, target, { shape: dims, shift, mask, reduction }),
          want,
          `shape, shift ${shift}`,
        );
      }
    }
    // Flat arrays are one sequence.
    const one = Int32Array.from(target, (_, i) => (i + 1 < target.length ? target[i + 1]! : -100));
    same(loss.valueAndGrad(input, target, { shift: 1 }), loss.valueAndGrad(input, one), 'flat');
  });
});
