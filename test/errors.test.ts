/** The error table of the numerics contract, row by row, and the fixture file's bad calls, on both backends. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases } from './cases.js';
import { caught, expectBad, expectGood, SENTINEL } from './support/bad.js';
import { badCalls } from './support/badCalls.js';
import { badOptions } from './support/badOptions.js';
import { decode, golden, question } from './support/golden.js';
import { goodInputs, logits, probabilities } from './support/good.js';
import { BACKENDS, force, lossOf } from './support/library.js';

const all = cases.map((each) => each.name);

describe.each(BACKENDS)('%s', (backend) => {
  beforeEach(() => force(backend));

  test.each(all)('%s: the table', (name) => {
    for (const row of [...badCalls, ...badOptions].filter((each) => each.name === name)) expectBad(row);
  });

  test.each(all)('%s: grad that overlaps an input in part', (name) => {
    const { input, target, options } = goodInputs(name);
    for (const shift of [1, 4, 14]) {
      const memory = new Float32Array(40).fill(0.25);
      const moved = memory.subarray(5, 20);
      moved.set(input);
      const before = memory.slice();
      const grad = memory.subarray(5 + shift, 20 + shift);
      const thrown = caught(() => lossOf(name).valueAndGrad(moved, target, { ...options, grad }));
      expect(thrown, `shift ${shift}`).toBeInstanceOf(RangeError);
      expect((thrown as Error).message).toMatch(/grad.*overlap|overlap.*grad/);
      expect(memory).toEqual(before);
    }
    // The contract leaves open whether the target may be overwritten in place: refused untouched, or done right.
    if (target instanceof Float32Array) {
      const before = target.slice();
      const want = lossOf(name).valueAndGrad(input, before, options);
      const thrown = caught(() => lossOf(name).valueAndGrad(input, target, { ...options, grad: target }));
      if (thrown === undefined) expect(target).toEqual(want.grad);
      else {
        expect(thrown).toBeInstanceOf(RangeError);
        expect(target).toEqual(before);
      }
    }
    expectGood();
  });

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
    const { name, input, target, options, axis } = question(each);
    const grad = new Float32Array(input.data.length).fill(SENTINEL);
    const weight = each.inputs['weight'];
    const given = weight ? { weight: { data: decode(weight), dims: weight.shape } } : {};
    const call = (tensors: boolean) =>
      tensors
        ? lossOf(name).valueAndGrad(input, target, { ...options, ...given, axis, grad })
        : lossOf(name).valueAndGrad(input.data, target.data, { ...options, axis, shape: input.dims, grad });
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
    for (const error of [thrown, what === 'weight is 2-D' ? thrown : caught(() => call(false))]) {
      expect(error instanceof TypeError || error instanceof RangeError, `${what}: ${String(error)}`).toBe(
        true,
      );
      expect((error as Error).message).toContain(name);
    }
    expect(grad.every((g) => g === SENTINEL)).toBe(true);
    expectGood();
  });

  test("the fixture's bad soft targets, asked of the loss that takes them", () => {
    const [ignored, shaped] = ['error/019', 'error/020'].map((id) =>
      golden.errors.find((each) => each.id === id)!,
    );
    const one = question(ignored!);
    expect(() => lossOf('softTargetCrossEntropy')(one.input, one.target, one.options)).toThrow(TypeError);
    const two = question(shaped!);
    expect(() => lossOf('softTargetCrossEntropy')(two.input, two.target)).toThrow(RangeError);
  });
});
