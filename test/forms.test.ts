/**
 * One call, many forms: every kind of array and tensor that api.md accepts gives the same bits as plain typed arrays,
 * and results go where they are told to go. Under a forced backend, so that nothing but the form differs.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, differentiable, has, lossesOf, type Entry, type Kind } from './cases.js';
import { differs } from './support/judge.js';
import { force, gradsOf, lossOf, platforms, REDUCTIONS } from './support/library.js';
import { fill, random } from './support/random.js';
import { same } from './support/same.js';
import {
  argumentsOf,
  dimsOf,
  gradArrays,
  gradOption,
  places,
  realArray,
  sample,
  unsized,
  type Arguments,
} from './support/sample.js';

const SIZE = { rows: 6, classes: 37 };
const tensor = (data: unknown, dims: number[], more: object = {}) => ({ data, dims, ...more });
const table = cases.map((each) => [each.name, each] as const);

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));

  const made = (each: Entry, config = 'none', seed = 0) =>
    sample({ entry: each, config, size: SIZE, precision, seed });
  const given = (each: Entry, config = 'none', seed = 0): Arguments => argumentsOf(made(each, config, seed));

  test.each(table)('%s: tensors with dims, tensors with shape, flat arrays with shape', (name, each) => {
    const loss = lossOf(name);
    for (const config of Object.keys(each.options)) {
      const s = made(each, config);
      const { inputs, options } = argumentsOf(s);
      const want = loss.valueAndGrad(...inputs, options);
      const rest = unsized(options);
      const dims = dimsOf(s);
      const check = (what: string, of: unknown[], more: object = {}) =>
        same(loss.valueAndGrad(...of, { ...rest, ...more }), want, `${config} ${what}`);
      const as = (make: (data: unknown, dims: number[]) => unknown) =>
        inputs.map((input, i) => make(input, dims[i]!));
      check('dims', as(tensor));
      check(
        'shape',
        as((data, shape) => ({ data, shape })),
      );
      // ONNX Runtime and Transformers.js carry more than data and dims.
      const onnx = { type: precision, location: 'cpu', size: inputs[0]!.length };
      check(
        'onnx',
        as((data, dims) => tensor(data, dims, onnx)),
      );
      if (each.family === 'embedding' || each.family === 'ctc') continue;
      for (const axis of [undefined, -1, 1])
        check(`flat with shape, axis ${axis}`, inputs, { shape: dims[0], axis });
    }
  });

  const integers: Kind[] = ['index', 'labels', 'sequence', 'lengths'];
  test.each(table.filter(([, each]) => has(each, ...integers)))(
    '%s: every kind of integer array',
    (name, each) => {
      const loss = lossOf(name);
      const { inputs, options } = given(each);
      each.inputs.forEach((input, at) => {
        if (!integers.includes(input.kind)) return;
        const call = (y: unknown) =>
          loss.valueAndGrad(...inputs.map((given, i) => (i === at ? y : given)), options);
        const plain = Array.from(inputs[at]!);
        const whole = plain.map((y) => Math.max(y, 0));
        const [want, unsigned] = [call(Int32Array.from(plain)), call(Int32Array.from(whole))];
        const tensors = tensor(BigInt64Array.from(plain, BigInt), [plain.length], { type: 'int64' });
        const kinds: [string, unknown, typeof want][] = [
          ['Int8Array', Int8Array.from(plain), want],
          ['Int16Array', Int16Array.from(plain), want],
          ['BigInt64Array', BigInt64Array.from(plain, BigInt), want],
          ['number[]', plain, want],
          ...(input.kind === 'labels'
            ? []
            : [['int64 tensor', tensors, want] as [string, unknown, typeof want]]),
          ['Uint8Array', Uint8Array.from(whole), unsigned],
          ['Uint16Array', Uint16Array.from(whole), unsigned],
          ['Uint32Array', Uint32Array.from(whole), unsigned],
          ['BigUint64Array', BigUint64Array.from(whole, BigInt), unsigned],
        ];
        for (const [kind, y, wanted] of kinds) same(call(y), wanted, `${input.name} ${kind}`);
      });
    },
  );

  test.each(table.filter(([, each]) => has(each, 'index')))(
    '%s: classes are inferred from index targets',
    (name, each) => {
      const { inputs, options } = given(each);
      const { classes: _, ...rest } = options;
      const want = lossOf(name).valueAndGrad(...inputs, options);
      same(lossOf(name).valueAndGrad(...inputs, rest), want, name);
    },
  );

  test.each(table.filter(([, each]) => has(each, 'sign', 'unit')))(
    '%s: hard labels of any numeric kind',
    (name, each) => {
      const { inputs, options } = given(each);
      const at = each.inputs.findIndex(({ kind }) => kind === 'sign' || kind === 'unit');
      const { kind: labelKind } = each.inputs[at]!;
      const labels = Array.from(inputs[at]!, (t) => (labelKind === 'sign' ? t : Math.round(t)));
      const call = (t: unknown) =>
        lossOf(name).valueAndGrad(...inputs.map((given, i) => (i === at ? t : given)), options);
      const want = call(new (realArray(precision))(labels));
      const kinds: [string, unknown][] = [
        ['Int8Array', Int8Array.from(labels)],
        ['Int32Array', Int32Array.from(labels)],
        ['Float32Array', Float32Array.from(labels)],
        ['Float64Array', Float64Array.from(labels)],
        ['number[]', labels],
        ['BigInt64Array', BigInt64Array.from(labels, BigInt)],
      ];
      if (labelKind === 'unit') {
        const bytes = Uint8Array.from(labels);
        kinds.push(['Uint8Array', bytes], ['bool tensor', tensor(bytes, [labels.length], { type: 'bool' })]);
      }
      for (const [kind, t] of kinds) same(call(t), want, kind);
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
      const { inputs, options } = given(each);
      const whole = Array.from(
        { length: SIZE.classes },
        (_, c) => (c % 4) + (option === 'posWeight' ? 1 : 0),
      );
      const want = loss.valueAndGrad(...inputs, {
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
        same(loss.valueAndGrad(...inputs, { ...options, [option]: w }), want, `${option} ${kind}`);
      }
      const bools = Uint8Array.from(whole, (w) => (w > 0 ? 1 : 0));
      same(
        loss.valueAndGrad(...inputs, {
          ...options,
          [option]: tensor(bools, [SIZE.classes], { type: 'bool' }),
        }),
        loss.valueAndGrad(...inputs, { ...options, [option]: Array.from(bools) }),
        `${option} bool tensor`,
      );
    }
  });

  test.each(table)('%s: out, grad, in place, and gradOutput in every reduction', (name, each) => {
    const loss = lossOf(name);
    const rows = lossesOf(each, SIZE);
    const r = random(5);
    for (const reduction of REDUCTIONS) {
      const { inputs, options } = given(each, 'none', 3);
      const upstream = fill(rows, () => Math.fround(r.normal()));
      const gradOutput = reduction === 'none' ? new (realArray(precision))(upstream) : 0.75;
      const all = { ...options, reduction, gradOutput };
      const want = loss.valueAndGrad(...inputs, all);

      const grads = gradArrays(each, inputs, -7);
      const out = want.value instanceof Object ? want.value.slice().fill(-7) : undefined;
      const got = loss.valueAndGrad(...inputs, {
        ...all,
        grad: gradOption(each, grads),
        ...(out && { out }),
      });
      gradsOf(got.grad).forEach((grad, k) => expect(grad).toBe(grads[k]));
      if (out) expect(got.value).toBe(out);
      same(got, want, `${reduction} grad given`);

      if (out) {
        const plain = out.slice().fill(-7);
        expect(loss(...inputs, { ...options, reduction, out: plain })).toBe(plain);
        expect(differs(plain, out)).toBe(-1);
        const kinds: [string, unknown][] = [
          ['Float64Array', upstream],
          ['number[]', [...upstream]],
          ['tensor', tensor(upstream, [rows])],
        ];
        for (const [kind, g] of kinds)
          same(loss.valueAndGrad(...inputs, { ...all, gradOutput: g }), want, kind);
      }

      const place = given(each, 'none', 3).inputs;
      const own = places(each, place);
      const inPlace = loss.valueAndGrad(...place, { ...all, grad: gradOption(each, own) });
      gradsOf(inPlace.grad).forEach((grad, k) => expect(grad).toBe(own[k]));
      same(inPlace, want, `${reduction} in place`);
      place.forEach((input, i) => {
        if (!each.inputs[i]!.grad)
          expect([...input], 'what has no gradient is not written to').toEqual([...inputs[i]!]);
      });

      // Of several gradients, some may be given.
      if (grads.length === 1) continue;
      const [first] = differentiable(each);
      const fresh = gradArrays(each, inputs, -7)[0]!;
      const part = loss.valueAndGrad(...inputs, { ...all, grad: { [first!.name]: fresh } });
      expect(gradsOf(part.grad)[0]).toBe(fresh);
      same(part, want, `${reduction} one of the gradients given`);
    }
  });

  test.each(table)('%s: plain calls ignore grad and gradOutput', (name, each) => {
    const { inputs, options } = given(each);
    const want = lossOf(name)(...inputs, options);
    const grads = gradArrays(each, inputs, -7);
    const grad = gradOption(each, grads);
    expect(lossOf(name)(...inputs, { ...options, grad, gradOutput: 3 })).toBe(want);
    for (const untouched of grads) expect(untouched.every((g) => g === -7)).toBe(true);
  });
});
