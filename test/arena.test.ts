/**
 * Arenas: a call on arrays that live in kernel memory gives the bits of the same call on ordinary arrays, wherever the arrays
 * stand and however they are mixed; and what an arena promises of its memory.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createArena, sigmoid, softmax, type Arena } from '../src/index.js';
import { byRow, cases, has, lossesOf, type Entry } from './cases.js';
import { differs, type Precision } from './support/judge.js';
import {
  BACKENDS,
  force,
  gradsOf,
  KERNELS,
  lossOf,
  PRECISIONS,
  REDUCTIONS,
  type Real,
} from './support/library.js';
import { random } from './support/random.js';
import { same } from './support/same.js';
import {
  argumentsOf,
  emptyArguments,
  gradArrays,
  gradOption,
  places,
  realArray,
  sample,
} from './support/sample.js';

describe.each(KERNELS)('%s', (kernels) => {
  beforeEach(() => force(kernels));
  afterEach(() => force('auto'));

  const MEGABYTE = 1024 * 1024;
  const arena = createArena({ bytes: 96 * MEGABYTE });
  const other = createArena({ bytes: 48 * MEGABYTE });

  /** A copy of the array in the arena. */
  function move<A extends Real | Int32Array | Uint16Array>(a: A, to: Arena = arena): A {
    const n = a.length;
    const made =
      a instanceof Float32Array
        ? to.float32(n)
        : a instanceof Float64Array
          ? to.float64(n)
          : a instanceof Int32Array
            ? to.int32(n)
            : to.uint16(n);
    (made as Real).set(a as Real);
    return made as A;
  }

  interface Shape {
    outer: number;
    classes: number;
    inner: number;
  }
  /** Embeddings and CTC have their last axis only: their rows are all there are. */
  const shapeOf = ({ family }: Entry, { outer, classes, inner }: Shape) =>
    family === 'embedding' || family === 'ctc'
      ? {}
      : { shape: [outer, classes, inner], axis: 1, classes: undefined };
  const real = (n: number, precision: Precision) => new (realArray(precision))(n);
  const real2 = (n: number, precision: Precision, to: Arena) =>
    precision === 'float32' ? to.float32(n) : to.float64(n);

  function small(entry: Entry): Shape[] {
    const shapes = [
      { outer: 7, classes: 1, inner: 1 },
      { outer: 5, classes: 3, inner: 1 },
      { outer: 9, classes: 63, inner: 1 },
      { outer: 6, classes: 65, inner: 1 },
      { outer: 3, classes: 1027, inner: 1 },
      { outer: 2, classes: 10, inner: 7 },
      { outer: 1, classes: 10, inner: 8 },
      { outer: 3, classes: 64, inner: 12 },
      { outer: 2, classes: 70, inner: 5 },
    ];
    return entry.family === 'pointwise' ? shapes.filter(({ classes }) => classes !== 63) : shapes;
  }

  /** More than one tile, and a segment of one. */
  const large: Shape[] = [
    { outer: 9001, classes: 3, inner: 1 },
    { outer: 700, classes: 70, inner: 1 },
    { outer: 2, classes: 5, inner: 8131 },
    { outer: 2, classes: 129, inner: 301 },
  ];

  function alike(
    entry: Entry,
    config: string,
    precision: Precision,
    shape: Shape,
    reductions = REDUCTIONS.slice(),
  ): void {
    const { outer, classes, inner } = shape;
    const rows = outer * inner;
    const loss = lossOf(entry.name);
    const s = sample({ entry, config, size: { rows, classes }, precision });
    const { inputs, options } = argumentsOf(s, shapeOf(entry, shape));
    const where = `${entry.name}, ${config}, ${precision}, [${outer}, ${classes}, ${inner}]`;
    const first = inputs[0]!;
    const n = first.length;
    const moveAll = (to = arena) => inputs.map((input) => move(input, to));
    const grads = (to: Arena) => ({
      grad: gradOption(
        entry,
        gradArrays(entry, inputs).map((grad) => move(grad, to)),
      ),
    });
    for (const reduction of reductions) {
      arena.reset();
      other.reset();
      const o = { ...options, reduction };
      const want = loss.valueAndGrad(...inputs, o);
      const check = (what: string, of: readonly unknown[], more: object = {}) =>
        same(loss.valueAndGrad(...of, { ...o, ...more }), want, `${where}, ${reduction}, ${what}`);
      const here = moveAll();
      const [x, ...rest] = here;
      check('all here', here, grads(arena));
      // toEqual would take most of this file's time.
      here.forEach((input, i) => expect(differs(input, inputs[i]!), `${where}: the inputs stay`).toBe(-1));
      const value = loss(...here, o);
      same({ value, grad: want.grad }, want, `${where}, ${reduction}, forward`);
      check('gradient elsewhere', here);
      check('gradient here', inputs, grads(arena));
      check('first input here alone', [x, ...inputs.slice(1)], grads(arena));
      check('the others here', [first, ...rest]);
      const apart = inputs.slice(1).map((input) => move(input, other));
      check('two arenas', [x, ...apart], grads(other));
      check('two arenas, the other way', [first, ...apart], grads(arena));
      // Not at the start of a vector.
      const odd = real2(n + 3, precision, arena).subarray(1, n + 1);
      odd.set(first);
      const shifted = gradArrays(entry, inputs).map((grad) =>
        real2(grad.length + 3, precision, arena).subarray(3),
      );
      check('from the second element', [odd, ...rest], { grad: gradOption(entry, shifted) });
      if (reduction === 'none')
        check('losses here', here, {
          out: real2(lossesOf(entry, { rows, classes }), precision, arena),
          ...grads(arena),
        });
      check('in place', here, { grad: gradOption(entry, places(entry, here)) });
      const last = inputs.length - 1;
      const ofTarget = inputs[last]!;
      if (places(entry, inputs).length === 1 && ofTarget.length === n && !(ofTarget instanceof Int32Array)) {
        const target = move(ofTarget);
        check('in the place of the target', [move(first), ...inputs.slice(1, last), target], {
          grad: target,
        });
      }
    }
  }

  for (const entry of cases) {
    test(`${entry.name}: arrays of an arena give the bits of others`, { timeout: 240_000 }, () => {
      const configs = Object.keys(entry.options);
      for (const precision of PRECISIONS) {
        for (const shape of small(entry))
          for (const config of configs) alike(entry, config, precision, shape);
        for (const shape of large)
          for (const config of precision === 'float32'
            ? new Set([configs[0]!, configs.at(-1)!])
            : [configs[0]!])
            alike(entry, config, precision, shape, ['none']);
        if (byRow(entry))
          alike(entry, configs[0]!, precision, { outer: 1, classes: 524_289, inner: 1 }, ['mean']);
      }
    });
  }

  test('a distribution outside the arena is streamed in tiles, however many rows its logits give at once', () => {
    arena.reset();
    const [rows, classes] = [8000, 330];
    const input = new Float32Array(rows * classes).map((_, i) => Math.sin(i));
    const target = new Float32Array(rows * classes).fill(1 / classes);
    const loss = lossOf('softTargetCrossEntropy');
    const x = move(input);
    expect(loss(x, target, { classes })).toBe(loss(input, target, { classes }));
    expect(
      x.every((value, i) => value === input[i]),
      'the arena is as it was',
    ).toBe(true);
  });

  test('options that are arrays may live in an arena', () => {
    for (const entry of cases) {
      for (const config of Object.keys(entry.options)) {
        arena.reset();
        const s = sample({ entry, config, size: { rows: 5, classes: 70 }, precision: 'float32' });
        const { inputs, options } = argumentsOf(s);
        const moved = Object.fromEntries(
          Object.entries(options).map(([name, given]) => [
            name,
            given instanceof Float32Array ? move(given) : given,
          ]),
        );
        const want = lossOf(entry.name).valueAndGrad(...inputs, options);
        const here = inputs.map((input) => move(input));
        const got = lossOf(entry.name).valueAndGrad(...here, moved);
        same(got, want, `${entry.name}, ${config}`);
      }
    }
  });

  test('half data in an arena', () => {
    for (const entry of cases.filter((each) => each.inputs.length === 2 && has(each, 'index', 'sign'))) {
      for (const type of ['float16', 'bfloat16']) {
        for (const classes of [3, 70, 1027]) {
          arena.reset();
          const s = sample({ entry, config: 'none', size: { rows: 5, classes }, precision: 'float32' });
          const target = argumentsOf(s).inputs[1]!;
          const data = Uint16Array.from({ length: 5 * classes }, (_, i) => (i * 7919) % 0x3c00);
          const loss = lossOf(entry.name);
          const want = loss.valueAndGrad({ data, type, dims: [5, classes] }, target);
          const here = { data: move(data), type, dims: [5, classes] };
          same(loss.valueAndGrad(here, target), want, `${entry.name}, ${type}, ${classes}`);
          const grad = arena.float32(5 * classes);
          same(loss.valueAndGrad(here, move(target), { grad }), want, `${entry.name}, ${type}, all here`);
        }
      }
    }
  });

  test('softmax and sigmoid', () => {
    const r = random(5);
    for (const precision of PRECISIONS) {
      for (const [rows, classes] of [
        [7, 3],
        [5, 70],
        [3, 1027],
      ] as const) {
        arena.reset();
        const input = real(rows * classes, precision).map(() => r.normal());
        const out = real2(rows * classes, precision, arena);
        expect(softmax(move(input), { classes, out })).toBe(out);
        expect(Array.from(out)).toEqual(Array.from(softmax(input, { classes })));
        expect(sigmoid(move(input), { out })).toBe(out);
        expect(Array.from(out)).toEqual(Array.from(sigmoid(input)));
        const own = move(input);
        softmax(own, { classes, out: own });
        expect(Array.from(own)).toEqual(Array.from(softmax(input, { classes })));
      }
    }
  });

  describe('arrays at the end of memory', () => {
    /** Bytes of an arena whose end is one vector before that of its memory, which has whole pages. */
    const BYTES = 4 * 65536 - 16;

    const end = createArena({ bytes: BYTES });

    test('a tail reads nothing behind the last array', () => {
      for (const entry of cases) {
        for (const precision of PRECISIONS) {
          for (const [rows, classes] of [
            [3, 1],
            [5, 3],
            [1, 67],
            [3, 65],
            [1, 1027],
          ] as const) {
            if (rows * classes < 2) continue;
            const s = sample({ entry, config: 'none', size: { rows, classes }, precision });
            const { inputs, options } = argumentsOf(s);
            const loss = lossOf(entry.name);
            const want = loss.valueAndGrad(...inputs, options);
            for (const last of [...inputs.keys(), 'grad', 'memory']) {
              end.reset();
              const { byteLength } = inputs[typeof last === 'number' ? last : 0]!;
              const first = end.float64(Math.floor((BYTES - Math.ceil(byteLength / 16) * 16) / 8));
              // The last array ends with the arena, or, against all reason, with the memory itself.
              const here = (a: Real | Int32Array) => {
                if (last !== 'memory') return move(a as Real, end);
                const { buffer } = first;
                const Kind = a.constructor as Float64ArrayConstructor;
                const made = new Kind(buffer, buffer.byteLength - a.byteLength, a.length);
                made.set(a);
                return made;
              };
              const at = last === 'memory' ? 0 : last;
              const given = inputs.map((input, i) => (i === at ? here(input) : input));
              const grads = gradArrays(entry, inputs);
              if (last === 'grad') grads[0] = here(grads[0]!);
              if (last === 'memory') grads[0] = given[0] as Real;
              const got = loss.valueAndGrad(...given, { ...options, grad: gradOption(entry, grads) });
              same(got, want, `${entry.name}, ${precision}, ${rows} x ${classes}, ${last} last`);
            }
          }
        }
      }
    });
  });

  test('arrays without elements', () => {
    arena.reset();
    expect(
      [arena.float32(0), arena.float64(0), arena.int32(0), arena.uint16(0)].map((a) => a.length),
    ).toEqual([0, 0, 0, 0]);
    for (const entry of cases) {
      const { inputs, options } = emptyArguments(entry, 'float32');
      const here = inputs.map((input) => move(input));
      const { value, grad } = lossOf(entry.name).valueAndGrad(...here, options);
      expect(value, entry.name).toBeNaN();
      expect(
        gradsOf(grad).map((each) => each.length),
        entry.name,
      ).toEqual(gradsOf(grad).map(() => 0));
    }
    expect(softmax(arena.float32(0), { classes: 3 })).toHaveLength(0);
    expect(createArena({ bytes: 0 }).float32(0)).toHaveLength(0);
  });

  test('arrays are zeroed, at vectors, one behind the other, and in one memory', () => {
    const own = createArena({ bytes: 1000 });
    const made = [own.float32(3), own.float64(1), own.uint16(5), own.int32(1), own.float32(1)];
    expect(new Set(made.map((a) => a.buffer)).size).toBe(1);
    for (const [i, a] of made.entries()) {
      expect(a.byteOffset % 16).toBe(0);
      const before = made[i - 1];
      if (before) expect(a.byteOffset).toBeGreaterThanOrEqual(before.byteOffset + before.byteLength);
    }
    for (const a of made) a.fill(7);
    own.reset();
    const again = own.float32(100);
    expect(again.byteOffset).toBe(made[0]!.byteOffset);
    expect(again.every((x) => x === 0)).toBe(true);
    expect(own.bytes).toBe(1000);
  });

  test('after reset, memory that two arrays share is refused as any overlap is', () => {
    const own = createArena({ bytes: 1000 });
    const input = own.float32(12);
    own.reset();
    own.float32(4);
    const grad = own.float32(12);
    const targets = Int32Array.of(0, 1, 2);
    expect(() => lossOf('crossEntropy').valueAndGrad(input, targets, { grad })).toThrow(RangeError);
  });

  test('dispose: no more arrays, but those there are go on', () => {
    const own = createArena({ bytes: 1000 });
    const input = own.float32(4);
    input.set([1, 2, 3, 4]);
    own.dispose();
    expect(() => own.float32(1)).toThrow(/disposed/);
    expect(lossOf('mseLoss')(input, new Float32Array(4), { reduction: 'sum' })).toBe(30);
  });

  test('too large: what was wanted and what there is', () => {
    const own = createArena({ bytes: 1000 });
    expect(() => own.float32(251)).toThrow(RangeError);
    expect(() => own.float32(251)).toThrow(/1004 bytes.*1000/);
    expect(own.float32(250)).toHaveLength(250);
    expect(() => own.uint16(1)).toThrow(/2 bytes/);
    for (const n of [-1, 1.5, NaN, Infinity, 2 ** 53]) expect(() => own.float64(n)).toThrow(RangeError);
    const limit = 65536 * 65536;
    for (const bytes of [limit, 2 ** 40, -1, 0.5, NaN]) {
      expect(() => createArena({ bytes })).toThrow(RangeError);
      expect(() => createArena({ bytes })).toThrow(new RegExp(`bytes is ${bytes}, .*\\[0, \\d+\\]`));
    }
    for (const options of [undefined, null, {}, { bytes: '1000' }])
      expect(() => createArena(options as never)).toThrow(TypeError);
    expect(own.float32(0)).toHaveLength(0);
  });

  test('arrays are never detached: the memory cannot grow or be transferred', () => {
    const own = createArena({ bytes: 1000 });
    const a = own.float32(8).fill(2);
    const { buffer, byteOffset } = a;
    try {
      structuredClone(a, { transfer: [buffer] }); // refused, or a copy: it depends on the engine
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    const big = new Float32Array(3 * MEGABYTE).fill(1);
    lossOf('mseLoss').valueAndGrad(big, big);
    for (let i = 0; i < 20; i++) createArena({ bytes: MEGABYTE }).float32(9);
    own.reset();
    own.float64(16);
    expect([a.buffer, a.byteOffset, a.length]).toEqual([buffer, byteOffset, 8]);
  });

  test('without WebAssembly an arena gives ordinary arrays, with the same room', () => {
    force('js');
    const own = createArena({ bytes: 100 });
    const a = own.float32(20);
    expect(a.buffer.byteLength).toBe(80);
    expect(a.byteOffset).toBe(0);
    expect(() => own.float64(3)).toThrow(/24 bytes/);
    own.reset();
    const b = own.float64(12);
    expect(b.buffer).not.toBe(a.buffer);
    expect(() => createArena({ bytes: 2 ** 45 })).toThrow(RangeError);
    own.dispose();
    expect(() => own.int32(1)).toThrow(/disposed/);
  });

  test('arrays of an arena run under every backend', () => {
    for (const entry of cases) {
      for (const rows of [3, 40]) {
        arena.reset();
        const s = sample({ entry, config: 'none', size: { rows, classes: 5 }, precision: 'float32' });
        const { inputs, options } = argumentsOf(s);
        const here = inputs.map((input) => move(input));
        for (const backend of [...BACKENDS, 'auto'] as const) {
          force(backend);
          const loss = lossOf(entry.name);
          const want = loss.valueAndGrad(...inputs, options);
          same(loss.valueAndGrad(...here, options), want, `${entry.name}, ${backend}, ${rows} rows`);
        }
      }
    }
  });
});
