/** Choosing a backend in one process: forced, automatic, refused; modules given by hand; arenas. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  backend,
  backendError,
  createArena,
  crossEntropy,
  initSync,
  mseLoss,
  useBackend,
} from '../src/index.js';
import { cases } from './cases.js';
import { caught } from './support/bad.js';
import { differs } from './support/judge.js';
import { asArray, AUTO, BACKENDS, force, gradsOf, lossOf, RELAXED, type Real } from './support/library.js';
import { argumentsOf, sample } from './support/sample.js';

beforeEach(() => useBackend('auto'));

test('auto takes WebAssembly here, and has no reason not to', () => {
  expect(backend()).toBe(AUTO);
  expect(backendError()).toBeUndefined();
});

test('a forced backend is the one that runs', () => {
  for (const name of [...BACKENDS, 'auto'] as const) {
    useBackend(name);
    expect(backend()).toBe(name === 'auto' ? AUTO : name);
  }
});

test.runIf(!RELAXED)('wasm-relaxed cannot run here: an Error that says why, and nothing changes', () => {
  useBackend('js');
  const thrown = caught(() => useBackend('wasm-relaxed'));
  expect(thrown).toBeInstanceOf(Error);
  expect((thrown as Error).message).toMatch(/relaxed/);
  expect((thrown as Error).message.length).toBeGreaterThan(20);
  expect(backend()).toBe('js');
});

test('an unknown backend is refused with the list', () => {
  const thrown = caught(() => useBackend('gpu' as never));
  expect(thrown instanceof RangeError || thrown instanceof TypeError).toBe(true);
  expect((thrown as Error).message).toMatch(/gpu.*auto.*wasm.*js/s);
});

test('auto: one rule for value and valueAndGrad, whatever the size', () => {
  for (const entry of cases) {
    for (const classes of [1, 2, 3, 5, 8, 16, 32, 64, 128, 256, 512, 1024, 4096]) {
      const s = sample({ entry, config: 'none', size: { rows: 2, classes }, precision: 'float32' });
      const { inputs, options } = argumentsOf(s, { reduction: 'none' });
      const results = ([...BACKENDS, 'auto'] as const).map((name) => {
        force(name);
        const { value, grad } = lossOf(entry.name).valueAndGrad(...inputs, options);
        const forward = asArray(lossOf(entry.name)(...inputs, options));
        return { value: asArray(value), grads: gradsOf(grad), forward };
      });
      const auto = results.at(-1)!;
      const where = `${entry.name}, ${classes}`;
      expect(differs(auto.value, auto.forward), where).toBe(-1);
      const equal = results
        .slice(0, -1)
        .filter(
          ({ value, grads }) =>
            differs(value, auto.value) < 0 && grads.every((grad, k) => differs(grad, auto.grads[k]!) < 0),
        );
      expect(equal.length, `${where}: auto is one of the backends`).toBeGreaterThan(0);
    }
  }
});

/** The modules that the build embeds. */
const module = (name: string) => new URL(`../build/${name}.wasm`, import.meta.url);

describe.skipIf(!existsSync(module('float32')))('initSync', () => {
  const input = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i));
  const target = Int32Array.from({ length: 5 }, (_, i) => i);

  test.each(['bytes', 'ArrayBuffer', 'modules'])('from %s: the same results', (kind) => {
    useBackend('wasm');
    const want = crossEntropy.valueAndGrad(input, target);
    const given = (name: string) => {
      const bytes = Uint8Array.from(readFileSync(module(name)));
      return kind === 'bytes' ? bytes : kind === 'ArrayBuffer' ? bytes.buffer : new WebAssembly.Module(bytes);
    };
    initSync({ float32: given('float32'), float64: given('float64') } as never);
    expect(backend()).toBe('wasm');
    const got = crossEntropy.valueAndGrad(input, target);
    expect(got.value).toBe(want.value);
    expect(differs(got.grad, want.grad)).toBe(-1);
    const double = Float64Array.from(input);
    expect(Math.abs(mseLoss(double, double))).toBe(0);
  });

  test('bytes that are no module are an Error, and calls still work', () => {
    expect(() => initSync({ float32: Uint8Array.of(1, 2, 3) })).toThrow(Error);
    expect(crossEntropy([1, 2], [0])).toBeCloseTo(1.3132617, 6);
  });
});

describe.each([...BACKENDS, 'auto'] as const)('arena under %s', (name) => {
  beforeEach(() => force(name));

  test('gives arrays of every kind, from one memory, that never move', () => {
    const arena = createArena({ bytes: 1 << 20 });
    const [a, b] = [arena.float32(1000), arena.float64(1000)];
    const [c, d] = [arena.int32(1000), arena.uint16(1000)];
    expect([a, b, c, d].map((array) => array.constructor)).toEqual([
      Float32Array,
      Float64Array,
      Int32Array,
      Uint16Array,
    ]);
    expect([a, b, c, d].map((array) => array.length)).toEqual([1000, 1000, 1000, 1000]);
    a.fill(1);
    b.fill(2);
    c.fill(3);
    d.fill(4);
    expect([a[999], b[0], b[999], c[0], c[999], d[0], d[999]]).toEqual([1, 2, 2, 3, 3, 4, 4]);
    expect(crossEntropy(a, Int32Array.of(0, 1))).toBeCloseTo(Math.log(500), 5);
    expect(mseLoss(b, b)).toBe(0);
    expect([a[999], b[999], c[999], d[999]], 'a call moves nothing').toEqual([1, 2, 3, 4]);
    arena.dispose();
  });

  test('too much is a RangeError with the bytes wanted and the limit', () => {
    const arena = createArena({ bytes: 4096 });
    const thrown = caught(() => arena.float32(1e6));
    expect(thrown).toBeInstanceOf(RangeError);
    expect((thrown as Error).message).toMatch(/4000000|4,000,000|4 ?000 ?000/);
    expect((thrown as Error).message).toMatch(/4096/);
    expect(arena.float32(16)).toHaveLength(16);
    for (const bytes of [-1, NaN, 2 ** 40])
      expect(
        caught(() => createArena({ bytes })),
        `${bytes}`,
      ).toBeInstanceOf(RangeError);
    expect(caught(() => arena.float32(-1))).toBeInstanceOf(RangeError);
    expect(caught(() => arena.float32(1.5))).toBeInstanceOf(RangeError);
  });

  test('reset lets later arrays reuse the space', () => {
    const arena = createArena({ bytes: 8192 });
    for (let i = 0; i < 50; i++) {
      const array = arena.float32(1500);
      array.fill(i);
      expect(mseLoss(array, array)).toBe(0);
      arena.reset();
    }
  });

  test('arrays of two arenas in one call', () => {
    const size = { rows: 7, classes: 300 };
    for (const each of ['crossEntropy', 'mseLoss', 'binaryCrossEntropyWithLogits']) {
      const entry = cases.find((one) => one.name === each)!;
      const { inputs, options } = argumentsOf(sample({ entry, config: 'none', size, precision: 'float32' }));
      const [input, target] = inputs as [Real, Real | Int32Array];
      const want = lossOf(each).valueAndGrad(input, target, options);
      const [one, two] = [createArena({ bytes: 1 << 16 }), createArena({ bytes: 1 << 16 })];
      const x = one.float32(input.length);
      x.set(input);
      const y =
        target instanceof Int32Array ? two.int32(target.length) : (two.float32(target.length) as Real);
      y.set(target);
      const grad = two.float32(input.length);
      const got = lossOf(each).valueAndGrad(x, y, { ...options, grad });
      expect(Object.is(got.value, want.value)).toBe(true);
      expect(differs(grad, want.grad)).toBe(-1);
      one.dispose();
      two.dispose();
    }
  });
});
