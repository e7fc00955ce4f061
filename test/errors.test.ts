/** The error table of the numerics contract, row by row, and the fixture file's bad calls, on both backends. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, differentiable, entry } from './cases.js';
import { caught, expectBad, expectGood, SENTINEL } from './support/bad.js';
import { badCalls } from './support/badCalls.js';
import { badOptions } from './support/badOptions.js';
import { decode, question } from './support/golden.js';
import { golden } from './support/goldenFile.js';
import { goodCall, gradFor, logits, probabilities } from './support/good.js';
import { BACKENDS, force, gradsOf, lossOf } from './support/library.js';
import { gradArrays, gradOption } from './support/sample.js';

const all = cases.map((each) => each.name);

/** Bad calls of the fixture that flat arrays, which have no shape to be wrong, would make good. */
const FLAT_IS_GOOD = ['weight is 2-D'];

describe.each(BACKENDS)('%s', (backend) => {
  beforeEach(() => force(backend));

  test.each(all)('%s: the table', (name) => {
    for (const row of [...badCalls, ...badOptions].filter((each) => each.name === name)) expectBad(row);
  });

  test.each(all)('%s: grad that overlaps an input in part', (name) => {
    const { inputs, options } = goodCall(name);
    const names = entry(name).inputs.map((input) => input.name);
    for (const { name: input } of differentiable(entry(name))) {
      for (const shift of [1, 4, 14]) {
        const memory = new Float32Array(40).fill(0.25);
        const moved = memory.subarray(5, 20);
        moved.set(inputs[names.indexOf(input)] as Float32Array);
        const before = memory.slice();
        const grad = gradFor(entry(name), input, memory.subarray(5 + shift, 20 + shift));
        const given = inputs.map((other, i) => (names[i] === input ? moved : other));
        const thrown = caught(() => lossOf(name).valueAndGrad(...given, { ...options, grad }));
        expect(thrown, `${input}, shift ${shift}`).toBeInstanceOf(RangeError);
        expect((thrown as Error).message).toMatch(/grad.*overlap|overlap.*grad/);
        expect(memory).toEqual(before);
      }
    }
    expectGood();
  });

  // The contract leaves open whether an input without gradient may be overwritten in place: refused untouched, or done right.
  test.each(all)('%s: grad in the place of another input', (name) => {
    const [first] = differentiable(entry(name));
    entry(name).inputs.forEach((input, i) => {
      const { inputs, options } = goodCall(name);
      const target = inputs[i]!;
      if (input === first || !(target instanceof Float32Array) || target.length !== 15) return;
      const before = target.slice();
      const call = (given: unknown[], array: unknown) =>
        gradsOf(lossOf(name).valueAndGrad(...given, { ...options, grad: array }).grad)[0]!;
      const want = call(
        inputs.map((given, k) => (k === i ? before : given)),
        undefined,
      );
      const thrown = caught(() => call(inputs, gradFor(entry(name), first!.name, target)));
      if (thrown === undefined) expect(target).toEqual(want);
      else {
        expect(thrown).toBeInstanceOf(RangeError);
        expect(target).toEqual(before);
      }
    });
    expectGood();
  });

  test.each(all.filter((name) => differentiable(entry(name)).length > 1))(
    '%s: two gradients in one place',
    (name) => {
      const { inputs, options } = goodCall(name);
      const shared = new Float32Array(20).fill(SENTINEL);
      const grads = differentiable(entry(name)).map((_, k) => shared.subarray(k, 15 + k));
      const grad = gradOption(entry(name), grads);
      const thrown = caught(() => lossOf(name).valueAndGrad(...inputs, { ...options, grad }));
      expect(thrown).toBeInstanceOf(RangeError);
      expect((thrown as Error).message).toMatch(/grad.*overlap|overlap.*grad/);
      expect(shared.every((g) => g === SENTINEL)).toBe(true);
    },
  );

  test('flat arrays that do not say how many classes', () => {
    const thrown = caught(() => lossOf('crossEntropy')([], []));
    expect(thrown).toBeInstanceOf(RangeError);
    expect((thrown as Error).message).toMatch(/crossEntropy.*classes/);
    const soft = caught(() => lossOf('softTargetCrossEntropy')(logits(), probabilities()));
    expect(soft instanceof RangeError || soft instanceof TypeError).toBe(true);
    expect((soft as Error).message).toMatch(/softTargetCrossEntropy.*classes/);
  });

  // PyTorch's trailing axes: the target's shape is that of the logits without the class axis.
  test('targets whose shape is not that of the logits without the axis', () => {
    const input = { data: new Float32Array(24), dims: [2, 3, 4] };
    const target = { data: new Int32Array(8), dims: [4, 2] };
    const thrown = caught(() => lossOf('crossEntropy')(input, target, { axis: 1 }));
    expect(thrown).toBeInstanceOf(RangeError);
    expect((thrown as Error).message).toMatch(/crossEntropy.*targets/);
  });

  test.each(golden.errors.map((each) => [each.id, each.what, each] as const))('%s: %s', (_, what, each) => {
    const { name, inputs, options, flat } = question(each);
    const data = inputs.map((input) => input.data) as Float32Array[];
    const grads = gradArrays(entry(name), data, SENTINEL);
    const grad = gradOption(entry(name), grads);
    const weight = each.inputs['weight'];
    const given = weight ? { weight: { data: decode(weight), dims: weight.shape } } : {};
    const call = (tensors: boolean) =>
      tensors
        ? lossOf(name).valueAndGrad(...inputs, { ...options, ...given, grad })
        : lossOf(name).valueAndGrad(...data, { ...options, ...flat, grad });
    const thrown = caught(() => call(true));
    if (each.required === 'nan_or_throw') {
      expect(thrown).toBeUndefined();
      expect(call(true).value).toBeNaN();
      return;
    }
    // The one value that PyTorch gives and we may give: a BCE target beyond 1. Broadcasting is always an error here.
    if (each.required === 'value_or_throw' && what.startsWith('target') && thrown === undefined) {
      expect(call(true).value).toBeCloseTo(decode(each.got!)[0]!, 5);
      return;
    }
    for (const error of [thrown, ...(FLAT_IS_GOOD.includes(what) ? [] : [caught(() => call(false))])]) {
      expect(error instanceof TypeError || error instanceof RangeError, `${what}: ${String(error)}`).toBe(
        true,
      );
      expect((error as Error).message).toContain(name);
    }
    for (const untouched of grads) expect(untouched.every((g) => g === SENTINEL)).toBe(true);
    expectGood();
  });

  test("the fixture's bad soft targets, asked of the loss that takes them", () => {
    const [ignored, shaped] = ['error/019', 'error/020'].map((id) =>
      golden.errors.find((each) => each.id === id)!,
    );
    const one = question(ignored!);
    expect(() => lossOf('softTargetCrossEntropy')(...one.inputs, one.options)).toThrow(TypeError);
    const two = question(shaped!);
    expect(() => lossOf('softTargetCrossEntropy')(...two.inputs)).toThrow(RangeError);
  });
});
