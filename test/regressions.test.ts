/** Defects that a review found, each with the smallest call that showed it. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  crossEntropy,
  mseLoss,
  multiMarginLoss,
  smoothL1Loss,
  softmaxFocalLoss,
  useBackend,
} from '../src/index.js';

afterEach(() => useBackend('auto'));

describe.each(['wasm', 'js'] as const)('%s', (name) => {
  test('softcap leaves the gradient of an ignored row 0 where its logits are NaN', () => {
    useBackend(name);
    for (const classes of [3, 70]) {
      const logits = new Float32Array(2 * classes).fill(1);
      logits[0] = NaN;
      const { grad } = crossEntropy.valueAndGrad(logits, Int32Array.of(-100, 0), { softcap: 30 });
      expect([...grad.subarray(0, classes)]).toEqual(new Array(classes).fill(0));
    }
  });

  test('pointwise weights a class may be 16-bit floats', () => {
    useBackend(name);
    const weight = { data: Uint16Array.of(0x3c00, 0x4000), type: 'float16', dims: [2] };
    const { grad } = mseLoss.valueAndGrad(new Float32Array(40).fill(1), new Float32Array(40), {
      weight,
      reduction: 'sum',
    });
    expect([...grad.subarray(0, 4)]).toEqual([2, 4, 2, 4]);
  });

  test('grad and out may not overlap the mask', () => {
    useBackend(name);
    const grad = new Float32Array(8);
    const mask = new Uint8Array(grad.buffer, 0, 2).fill(1);
    expect(() => crossEntropy.valueAndGrad(new Float32Array(8), [0, 1], { mask, grad })).toThrow(RangeError);
    const out = new Float32Array(grad.buffer, 0, 2);
    expect(() => crossEntropy(new Float32Array(8), [0, 1], { mask, out, reduction: 'none' })).toThrow(
      RangeError,
    );
  });

  test('weight 0 on an infinite loss gives gradient 0', () => {
    useBackend(name);
    const options = { weight: [0, 1], reduction: 'sum' } as const;
    const focal = softmaxFocalLoss.valueAndGrad(Float32Array.of(-Infinity, 1), [0], { ...options, gamma: 0 });
    expect([focal.value, ...focal.grad].map(Math.abs)).toEqual([0, 0, 0]);
    const margin = multiMarginLoss.valueAndGrad(Float32Array.of(1, Infinity), [0], { ...options, p: 2 });
    expect(margin.value).toBe(0);
    expect([...margin.grad].map(Math.abs)).toEqual([0, 0]);
  });

  test('options beyond the range of float32 give limits, not NaN', () => {
    useBackend(name);
    const logits = Float32Array.of(1, 2, 3);
    expect(crossEntropy(logits, [2], { temperature: 1e-39 })).toBe(0);
    expect(crossEntropy(logits, [2], { softcap: 1e39 })).toBeCloseTo(crossEntropy(logits, [2]), 6);
    expect(smoothL1Loss(Float32Array.of(1, 2), Float32Array.of(1, 3), { beta: 1e-46 })).toBeCloseTo(0.5, 6);
  });

  test('a NaN score of the only class is NaN', () => {
    useBackend(name);
    const { value, grad } = multiMarginLoss.valueAndGrad(Float32Array.of(NaN), [0]);
    expect([value, grad[0]]).toEqual([NaN, NaN]);
  });
});
