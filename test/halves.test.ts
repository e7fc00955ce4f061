/** Arrays that are neither Float32Array nor Float64Array, and the masks and shifts of sequences. */
import { beforeEach, describe, expect, test } from 'vitest';
import { cases, entry, type Kind } from './cases.js';
import { BACKENDS, force, gradsOf, lossOf, REDUCTIONS } from './support/library.js';
import { randomBits, widen, type Half } from './support/halves.js';
import { random } from './support/random.js';
import { same } from './support/same.js';
import { argumentsOf, dimsOf, sample, unsized } from './support/sample.js';

const SIZE = { rows: 6, classes: 37 };
const tensor = (data: unknown, dims: number[], more: object = {}) => ({ data, dims, ...more });
const table = cases.map((each) => [each.name, each] as const);

describe.each(BACKENDS)('%s', (backend) => {
  beforeEach(() => force(backend));

  test.each(table)('%s: number[] is read as float64', (name, each) => {
    const { inputs, options } = argumentsOf(
      sample({ entry: each, config: 'none', size: SIZE, precision: 'float64' }),
    );
    const plain = inputs.map((input) => [...input]);
    const got = lossOf(name).valueAndGrad(...plain, options);
    for (const grad of gradsOf(got.grad)) expect(grad).toBeInstanceOf(Float64Array);
    same(got, lossOf(name).valueAndGrad(...inputs, options), name);
    const none = lossOf(name)(...plain, { ...options, reduction: 'none' });
    expect(none).toBeInstanceOf(Float64Array);
  });

  const signed: Kind[] = ['real', 'logits', 'logProbability', 'frames'];
  const positive: Kind[] = ['probability', 'distribution', 'variance', 'rate', 'count'];

  // 16-bit floats are widened to float32, exactly; so is the answer of the same call with the widened numbers.
  test.each(table)('%s: float16 and bfloat16 tensors', (name, each) => {
    for (const type of ['float16', 'bfloat16'] as Half[]) {
      const r = random(type.length);
      const s = sample({ entry: each, config: 'none', size: SIZE, precision: 'float32' });
      const { inputs, options } = argumentsOf(s);
      const dims = dimsOf(s);
      const [wide, half]: unknown[][] = [[], []];
      each.inputs.forEach(({ kind }, i) => {
        const { length } = inputs[i]!;
        if (!signed.includes(kind) && !positive.includes(kind)) {
          wide.push(inputs[i]);
          half.push(inputs[i]);
          return;
        }
        const small = positive.includes(kind);
        const bits = randomBits(r, length, type, -6, small ? -1 : 2).map((b) => (small ? b & 0x7fff : b));
        wide.push(Float32Array.from(bits, (b) => widen(b, type)));
        half.push(tensor(bits, dims[i]!, { type }));
      });
      const rest = unsized(options);
      const want = lossOf(name).valueAndGrad(...wide, options);
      const got = lossOf(name).valueAndGrad(...half, rest);
      for (const grad of gradsOf(got.grad)) expect(grad).toBeInstanceOf(Float32Array);
      same(got, want, `${name} ${type}`);
      const forward = lossOf(name)(...half, { ...rest, reduction: 'none' });
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

  test.each(['float16', 'bfloat16'] as Half[])('all 65,536 patterns of %s, in any order', (type) => {
    const r = random(16);
    const orders = [
      Uint16Array.from({ length: 65536 }, (_, i) => i),
      Uint16Array.from({ length: 65536 }, (_, i) => (i * 40503) & 0xffff),
      Uint16Array.from({ length: 70_001 }, () => r.integer(0, 0xffff)),
      // Runs without zeros, subnormals and infinities, and one of them here and there.
      Uint16Array.from({ length: 70_001 }, (_, i) => (i % 371 ? 0x3000 + (i % 0x3000) : i & 0x3ff)),
    ];
    for (const bits of orders) {
      const zero = new Float32Array(bits.length);
      const input = tensor(bits, [bits.length], { type });
      const l1 = lossOf('l1Loss').valueAndGrad(input, zero, { reduction: 'none' });
      bits.forEach((b, i) => {
        const want = widen(b, type);
        if (!Object.is((l1.value as Float32Array)[i], Math.abs(want)))
          expect.fail(`${type} ${b.toString(16)}: |x| is ${(l1.value as Float32Array)[i]}, not ${want}`);
        if (!Number.isNaN(want) && l1.grad[i]! + 0 !== Math.sign(want) + 0)
          expect.fail(`${type} ${b.toString(16)}: its sign is ${l1.grad[i]}, not that of ${want}`);
      });
    }
  });

  test('crossEntropy: mask as any integer array, int64 or bool tensor', () => {
    const each = entry('crossEntropy');
    const { inputs, options } = argumentsOf(
      sample({ entry: each, config: 'none', size: SIZE, precision: 'float32' }),
    );
    const [input, target] = inputs as [Float32Array, Int32Array];
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
