/** Arrays that are neither Float32Array nor Float64Array, and the masks and shifts of sequences. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry } from './cases.js';
import { BACKENDS, force, lossOf, REDUCTIONS } from './support/library.js';
import { randomBits, widen, type Half } from './support/halves.js';
import { random } from './support/random.js';
import { same } from './support/same.js';
import { argumentsOf, sample } from './support/sample.js';

const SIZE = { rows: 6, classes: 37 };
const tensor = (data: unknown, dims: number[], more: object = {}) => ({ data, dims, ...more });
const table = cases.map((each) => [each.name, each] as const);

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
