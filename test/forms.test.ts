/**
 * One call, many forms: every kind of array and tensor that api.md accepts gives the same bits as plain typed arrays,
 * and results go where they are told to go. Under a forced backend, so that nothing but the form differs.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, type Entry } from './cases.js';
import { differs } from './support/judge.js';
import { force, lossOf, platforms, REDUCTIONS } from './support/library.js';
import { fill, random } from './support/random.js';
import { same } from './support/same.js';
import { argumentsOf, realArray, sample, type Arguments } from './support/sample.js';

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
