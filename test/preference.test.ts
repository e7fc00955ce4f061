/** dpoLoss, orpoLoss, simpoLoss, ktoLoss: values and gradients against float64, every form of a call, extremes, limits, and what they are of each other. */
import { beforeEach, describe, expect, test } from 'vitest';
import * as losskit from '../src/index.js';
import { dpoLoss, ktoLoss, orpoLoss, sequenceLogProbs, simpoLoss, tokenLogProbs } from '../src/index.js';
import { preference } from './reference/preference.js';
import { logistic, softplus } from './reference/sums.js';
import { caught } from './support/bad.js';
import { randomBits, widen, type Half } from './support/halves.js';
import { differs, judge } from './support/judge.js';
import {
  asArray,
  BACKENDS,
  force,
  gradsOf,
  lossOf,
  platforms,
  REDUCTIONS,
  type Real,
} from './support/library.js';
import {
  answerOf,
  asArguments,
  drawInputs,
  preferenceCases,
  preferenceNames,
  type PreferenceCase,
} from './support/preference.js';
import { random, seedOf } from './support/random.js';
import { same } from './support/same.js';
import { realArray } from './support/sample.js';

const table = Object.entries(preferenceCases);
const tensor = (data: unknown, dims: number[], more: object = {}) => ({ data, dims, ...more });

/** The option `grad` of a loss of one or several gradients. */
const gradOption = ({ gradients }: PreferenceCase, arrays: readonly (Real | null)[]) =>
  gradients.length === 1
    ? arrays[0]
    : Object.fromEntries(gradients.map((name, k) => [name, arrays[k] ?? null]));

test('the table and the reference have the same losses, and all are exported', () => {
  expect(Object.keys(preference).sort()).toEqual(preferenceNames.slice().sort());
  for (const name of preferenceNames)
    expect((losskit as unknown as Record<string, unknown>)[name]).toBe(lossOf(name));
});

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  test.each(table)('%s: values and gradients against the reference', (name, each) => {
    const r = random(seedOf(name));
    for (const length of [1, 2, 3, 24, 100, 1023, 1024, 1025, 3000])
      for (const config of each.configs)
        for (const reduction of REDUCTIONS) {
          const columns = drawInputs(each, r, length, precision);
          const gradOutput = reduction === 'none' ? columns[0]!.map(() => Math.fround(r.normal())) : 1.5;
          const options = { ...config, reduction, gradOutput };
          const want = answerOf(name, columns, options);
          const inputs = asArguments(each, columns, precision);
          const got = lossOf(name).valueAndGrad(...inputs, options);
          const where = `${name} ${JSON.stringify(config)} ${reduction} x ${length}`;
          const verdict = judge(asArray(got.value), want.values, { precision });
          if (verdict.worst > 1) expect.fail(`${where}: value${verdict.at}`);
          const grads = gradsOf(got.grad);
          expect(grads).toHaveLength(each.gradients.length);
          want.grads.forEach((grad, k) => {
            expect(grads[k]).toBeInstanceOf(Kind);
            const { worst, at } = judge(grads[k]!, grad, { precision });
            if (worst > 1) expect.fail(`${where}: ${each.gradients[k]}${at}`);
          });
          expect(got.divisor).toBe(length);
          const plain = lossOf(name)(...inputs, { ...config, reduction });
          expect(differs(asArray(plain), asArray(got.value)), where).toBe(-1);
          if (reduction === 'none') expect(plain).toBeInstanceOf(Kind);
        }
  });

  test.each(table)('%s: given arrays, bound options, in place, in an arena: the same bits', (name, each) => {
    const r = random(seedOf(`${name} forms`));
    for (const config of each.configs) {
      const length = 37;
      const columns = drawInputs(each, r, length, precision);
      const inputs = asArguments(each, columns, precision);
      const options = { ...config, reduction: 'none', gradOutput: columns[0]!.map(() => r.normal()) };
      const want = lossOf(name).valueAndGrad(...inputs, options);
      const [out, ...arrays] = [null, ...each.gradients].map(() => new Kind(length).fill(7));
      const given = lossOf(name).valueAndGrad(...inputs, { ...options, out, grad: gradOption(each, arrays) });
      expect(given.value).toBe(out);
      gradsOf(given.grad).forEach((grad, k) => expect(grad).toBe(arrays[k]));
      same(given, want, 'given');
      same(
        lossOf(name)
          .with(options)
          .valueAndGrad(...inputs),
        want,
        'bound',
      );
      // Every gradient on every real input, the other gradient on another one.
      const reals = each.inputs.filter((input) => input !== 'labels').length;
      for (let at = 0; at < reals; at++) {
        const copies = inputs.map((input) => input.slice());
        const grad = gradOption(
          each,
          each.gradients.map((_, k) => copies[(at + k) % reals] as Real),
        );
        same(lossOf(name).valueAndGrad(...copies, { ...options, grad }), want, `in place ${at}`);
      }
      const arena = losskit.createArena({ bytes: 1 << 16 });
      const here = inputs.map((input) => {
        if (input instanceof Uint8Array) return input;
        const own = precision === 'float32' ? arena.float32(length) : arena.float64(length);
        own.set(input);
        return own;
      });
      same(lossOf(name).valueAndGrad(...here, options), want, 'arena');
      arena.dispose();
    }
  });

  test.each(table)('%s: tensors of any shape, and keys that are null', (name, each) => {
    const columns = drawInputs(each, random(3), 6, precision);
    const inputs = asArguments(each, columns, precision);
    const want = lossOf(name).valueAndGrad(...inputs);
    for (const dims of [[6], [6, 1], [2, 3]]) {
      const tensors = inputs.map((data) => tensor(data, dims, { location: 'cpu', type: 'float32' }));
      same(lossOf(name).valueAndGrad(...tensors), want, `dims ${dims.join()}`);
      const shapes = inputs.map((data) => ({ data, shape: dims }));
      same(lossOf(name).valueAndGrad(...shapes), want, `shape ${dims.join()}`);
    }
    if (each.gradients.length === 1) return;
    for (const left of each.gradients) {
      const { grad } = lossOf<Record<string, Real | null>>(name).valueAndGrad(...inputs, {
        grad: { [left]: null },
      });
      expect(Object.keys(grad)).toEqual([...each.gradients]);
      each.gradients.forEach((key, k) => {
        if (key === left) expect(grad[key]).toBeNull();
        else expect(differs(grad[key]!, gradsOf(want.grad)[k]!)).toBe(-1);
      });
    }
  });

  test.each(table)('%s: divisor, gradOutput, nothing, and a NaN', (name, each) => {
    const loss = lossOf(name);
    const columns = drawInputs(each, random(4), 5, precision);
    const inputs = asArguments(each, columns, precision);
    const sum = loss.valueAndGrad(...inputs, { reduction: 'sum' });
    expect(sum.divisor).toBe(5);
    const half = loss.valueAndGrad(...inputs, { divisor: 4 });
    expect(half.divisor).toBe(4);
    expect(half.value).toBe((sum.value as number) / 4);
    gradsOf(half.grad).forEach((grad, k) =>
      grad.forEach((g, i) => expect(g).toBe(gradsOf(sum.grad)[k]![i]! / 4)),
    );
    const twice = loss.valueAndGrad(...inputs, { reduction: 'sum', gradOutput: -2 });
    gradsOf(twice.grad).forEach((grad, k) =>
      grad.forEach((g, i) => expect(g + 0).toBe(-2 * gradsOf(sum.grad)[k]![i]! + 0)),
    );
    // A batch of nothing.
    const empty = each.inputs.map(() => new Kind(0));
    expect(loss(...empty)).toBeNaN();
    expect(loss(...empty, { divisor: 3 })).toBe(0);
    expect(loss(...empty, { reduction: 'sum' })).toBe(0);
    expect(loss(...empty, { reduction: 'none' })).toEqual(new Kind(0));
    const nothing = loss.valueAndGrad(...empty);
    expect(nothing.divisor).toBe(0);
    for (const grad of gradsOf(nothing.grad)) expect(grad).toEqual(new Kind(0));
    // A NaN in any real input stays in its element; with gradOutput 0 the gradient is 0 all the same.
    for (const config of each.configs) {
      const clean = loss.valueAndGrad(...inputs, { ...config, reduction: 'none' });
      each.inputs.forEach((input, at) => {
        if (input === 'labels') return;
        const spoilt = inputs.map((array) => array.slice());
        spoilt[at]![3] = NaN;
        const got = loss.valueAndGrad(...spoilt, { ...config, reduction: 'none' });
        const pairs: [Real, Real][] = [
          [got.value as Real, clean.value as Real],
          ...gradsOf(got.grad).map((grad, k): [Real, Real] => [grad, gradsOf(clean.grad)[k]!]),
        ];
        for (const [array, want] of pairs)
          array.forEach((v, i) => expect(v, `${input} ${i}`).toBe(i === 3 ? NaN : want[i]!));
        expect(loss(...spoilt, config)).toBeNaN();
        for (const grad of gradsOf(loss.valueAndGrad(...spoilt, { ...config, gradOutput: 0 }).grad))
          expect(grad).toEqual(new Kind(5));
      });
    }
  });

  /** The same number for every input of a loss of pairs. */
  const all = (x: number, count: number) => Array.from({ length: count }, () => Kind.of(x));

  test('equal inputs: the middle of every loss', () => {
    for (const x of [-1e-9, -1, -1e4].map((v) => new Kind([v])[0]!)) {
      const near = (got: number, want: number) => expect(got / want).toBeCloseTo(1, 6);
      const dpo = dpoLoss.valueAndGrad(...(all(x, 4) as [Real, Real, Real, Real]));
      near(dpo.value, Math.LN2);
      near(dpo.grad.policyChosen[0]!, -0.05);
      near(dpo.grad.policyRejected[0]!, 0.05);
      const [a, b] = all(x, 2) as [Real, Real];
      near(dpoLoss(a, b, a, b, { type: 'hinge' }), 1);
      near(dpoLoss(a, b, a, b, { type: 'ipo' }), 25);
      near(dpoLoss(a, b, a, b, { type: 'robust', labelSmoothing: 0.3 }), Math.LN2);
      const orpo = orpoLoss.valueAndGrad(a, b);
      near(orpo.value, 0.1 * Math.LN2);
      near(orpo.grad.chosen[0]!, 0.05 / Math.expm1(x));
      near(orpo.grad.rejected[0]!, -0.05 / Math.expm1(x));
      near(simpoLoss(a, b), softplus(0.5));
      expect(ktoLoss(a, b, [true])).toBe(0.5);
      expect(ktoLoss.valueAndGrad(a, b, [0]).grad[0]).toBeCloseTo(0.025, 8);
    }
  });

  test('z = ±800: no overflow, no cancellation', () => {
    const zero = Kind.of(0, 0);
    const x = Kind.of(800, -800);
    const each = { reduction: 'none', beta: 1 } as const;
    const dpo = dpoLoss.valueAndGrad(x, zero, zero, zero, each);
    expect([...dpo.value]).toEqual([0, 800]);
    expect([...dpo.grad.policyChosen]).toEqual([0, -1]);
    expect([...dpo.grad.policyRejected]).toEqual([0, 1]);
    const smooth = dpoLoss.valueAndGrad(x, zero, zero, zero, { ...each, labelSmoothing: 0.25 });
    expect([...smooth.value]).toEqual([200, 600]);
    expect([...smooth.grad.policyChosen]).toEqual([0.25, -0.75]);
    const robust = { ...each, type: 'robust', labelSmoothing: 0.25 } as const;
    expect([...dpoLoss(x, zero, zero, zero, robust)]).toEqual([-400, 1200]);
    expect([...dpoLoss.valueAndGrad(x, zero, zero, zero, robust).grad.policyChosen]).toEqual([-0.5, -1.5]);
    expect([...dpoLoss(x, zero, zero, zero, { ...each, type: 'hinge' })]).toEqual([0, 801]);
    expect([...dpoLoss(x, zero, zero, zero, { ...each, type: 'ipo' })]).toEqual([799.5 ** 2, 800.5 ** 2]);
    const simpo = simpoLoss.valueAndGrad(x, zero, { ...each, gamma: 0 });
    expect([...simpo.value]).toEqual([0, 800]);
    expect([...simpo.grad.rejected]).toEqual([0, 1]);
    for (const [label, value] of [
      [1, [0, 1]],
      [0, [1, 0]],
    ] as const) {
      const kto = ktoLoss.valueAndGrad(x, zero, [label, label], each);
      expect([...kto.value]).toEqual(value);
      expect([...kto.grad]).toEqual([0, 0]);
    }
    // Far from 0, but not at the end of the numbers: the small side keeps all of its digits.
    const [small] = ktoLoss(Kind.of(40), Kind.of(0), [1], each);
    expect(small! / Math.exp(-40)).toBeCloseTo(1, 6);
    expect(dpoLoss(Kind.of(40), Kind.of(0), Kind.of(0), Kind.of(0), { beta: 1 }) / Math.exp(-40)).toBeCloseTo(
      1,
      6,
    );
    // Infinite log-probabilities: 0 times an infinite term is 0.
    const gone = dpoLoss.valueAndGrad(Kind.of(-1, -Infinity), Kind.of(-Infinity, -1), zero, zero, each);
    expect([...gone.value]).toEqual([0, Infinity]);
    expect([...gone.grad.policyChosen]).toEqual([0, -1]);
    expect(dpoLoss(Kind.of(0), Kind.of(-Infinity), Kind.of(0), Kind.of(0), { labelSmoothing: 0.1 })).toBe(
      Infinity,
    );
    expect(dpoLoss(Kind.of(-Infinity), Kind.of(0), Kind.of(0), Kind.of(0), { labelSmoothing: 1 })).toBe(0);
  });

  test('the margin of the hinge: gradient 0 exactly at it', () => {
    const zero = new Kind(3);
    const { value, grad } = dpoLoss.valueAndGrad(Kind.of(9.5, 10, 10.5), zero, zero, zero, {
      type: 'hinge',
      reduction: 'none',
    });
    expect(value[0]).toBeCloseTo(0.05, 6);
    expect([...value.subarray(1)]).toEqual([0, 0]);
    expect([...grad.policyChosen]).toEqual([new Kind([-0.1])[0], 0, 0]);
    expect([...grad.policyRejected]).toEqual([new Kind([0.1])[0], 0, 0]);
  });

  test('orpoLoss: near 0, far below it, and the limits at 0', () => {
    const points = [-1e-9, -1e-4, -0.5, -Math.LN2, -1, -30, -745, -1e4].map((v) => new Kind([v])[0]!);
    for (const c of points)
      for (const r of points) {
        const want = preference['orpoLoss']!([c, r], {});
        const got = orpoLoss.valueAndGrad(Kind.of(c), Kind.of(r), { reduction: 'none' });
        const judged = (what: string, a: ArrayLike<number>, b: number) => {
          const { worst, at } = judge(a, [b], { precision });
          if (worst > 1) expect.fail(`${c}, ${r}: ${what}${at}`);
        };
        judged('value', got.value, want.loss);
        judged('chosen', got.grad.chosen, want.slopes[0]!);
        judged('rejected', got.grad.rejected, want.slopes[1]!);
      }
    const at = (c: number, r: number) => {
      const { value, grad } = orpoLoss.valueAndGrad(Kind.of(c), Kind.of(r), { beta: 1 });
      return [value, grad.chosen[0]!, grad.rejected[0]!];
    };
    const odds = new Kind([Math.exp(-1) / -Math.expm1(-1)])[0];
    const rest = new Kind([1 / -Math.expm1(-1)])[0];
    for (const zero of [0, -0]) {
      expect(at(zero, -1)).toEqual([0, -odds!, 0]);
      expect(at(-1, zero)).toEqual([Infinity, -rest!, Infinity]);
      expect(at(zero, zero)).toEqual([NaN, -Infinity, NaN]);
      expect(at(zero, -Infinity)).toEqual([0, 0, 0]);
      expect(at(-Infinity, zero)).toEqual([Infinity, -1, Infinity]);
    }
    expect(at(-1, -Infinity)).toEqual([0, 0, 0]);
    expect(at(-Infinity, -1)).toEqual([Infinity, -1, rest]);
    expect(at(-Infinity, -Infinity)).toEqual([NaN, NaN, NaN]);
    // The limits are those of what lies next to them.
    const [, slope] = at(new Kind([-1e-30])[0]!, -1);
    expect(slope! / odds!).toBeCloseTo(-1, 6);
  });
});

describe.each(BACKENDS)('%s', (backend) => {
  beforeEach(() => force(backend));

  describe.each(table)('%s', (name, each) => {
    test.each(REDUCTIONS)('gradients against central differences, %s', (reduction) => {
      const r = random(40_000 + seedOf(name + reduction));
      for (let k = 0; k < 240; k++) {
        const config = each.configs[k % each.configs.length]!;
        const columns = drawInputs(each, r, r.integer(1, 5), 'float64', config);
        const gradOutput =
          reduction === 'none' ? columns[0]!.map(() => r.normal()) : r.next() < 0.5 ? 1 : r.normal();
        const divisor = r.next() < 0.3 ? r.between(0.5, 9) : undefined;
        const options = { ...config, reduction, gradOutput, ...(divisor && { divisor }) };
        const total = () => {
          const { values } = answerOf(name, columns, options);
          const factor = (i: number) => (typeof gradOutput === 'number' ? gradOutput : gradOutput[i]!);
          return Array.from(values).reduce((sum, v, i) => sum + v * factor(i), 0);
        };
        const inputs = asArguments(each, columns, 'float64');
        const got = lossOf(name).valueAndGrad(...inputs, options);
        const where = `${name} ${JSON.stringify(options)}, configuration ${k}`;
        const { worst, at } = judge(asArray(got.value), answerOf(name, columns, options).values, {
          precision: 'float64',
        });
        if (worst > 1) expect.fail(`${where}: value${at}`);
        gradsOf(got.grad).forEach((grad, g) => {
          const column = columns[each.inputs.indexOf(each.gradients[g]!)]!;
          column.forEach((x, i) => {
            // Five points, and a step that stays away from the pole of the odds at 0.
            const h = Math.min(1e-3, Math.abs(x) / 200);
            const moved = (by: number) => {
              column[i] = x + by;
              const value = total();
              column[i] = x;
              return value;
            };
            const want = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
            if (!(Math.abs(grad[i]! - want) <= 1e-8 + 1e-6 * Math.abs(want)))
              expect.fail(`${where}: ${each.gradients[g]}[${i}] is ${grad[i]}, the quotient ${want}`);
          });
        });
      }
    });

    test('number[] is float64, 16-bit tensors are float32', () => {
      const columns = drawInputs(each, random(9), 7, 'float64');
      const got = lossOf(name).valueAndGrad(...columns);
      for (const grad of gradsOf(got.grad)) expect(grad).toBeInstanceOf(Float64Array);
      same(got, lossOf(name).valueAndGrad(...asArguments(each, columns, 'float64')), 'number[]');
      for (const type of ['float16', 'bfloat16'] as Half[]) {
        const r = random(type.length);
        const bits = each.inputs.map((input) =>
          input === 'labels'
            ? Uint16Array.from({ length: 40 }, () =>
                r.next() < 0.5 ? 0 : type === 'float16' ? 0x3c00 : 0x3f80,
              )
            : // Negative: log-probabilities.
              randomBits(r, 40, type, -6, 3).map((b) => b | 0x8000),
        );
        const wide = bits.map((array) => Float32Array.from(array, (b) => widen(b, type)));
        const tensors = bits.map((data) => tensor(data, [40], { type }));
        for (const reduction of REDUCTIONS) {
          const half = lossOf(name).valueAndGrad(...tensors, { reduction });
          for (const grad of gradsOf(half.grad)) expect(grad).toBeInstanceOf(Float32Array);
          same(half, lossOf(name).valueAndGrad(...wide, { reduction }), type);
        }
      }
    });

    test('lossName, parameters, with, what comes back', () => {
      const loss = lossOf(name);
      expect(loss.lossName).toBe(name);
      const own = Object.fromEntries(loss.parameters.map((parameter) => [parameter.name, parameter.default]));
      expect(own).toEqual(each.own);
      const inputs = asArguments(each, drawInputs(each, random(1), 5, 'float32'), 'float32');
      const want = loss.valueAndGrad(...inputs);
      expect(Object.keys(want)).toEqual(['value', 'grad', 'divisor']);
      if (each.gradients.length > 1) expect(Object.keys(want.grad)).toEqual([...each.gradients]);
      same(loss.valueAndGrad(...inputs, own), want, 'defaults in words');
      for (const option of [...Object.keys(own), 'reduction', 'divisor', 'gradOutput', 'grad', 'out'])
        same(loss.valueAndGrad(...inputs, { [option]: undefined }), want, `${option}: undefined`);
      for (const { name: option, type, min, max, exclusiveMin, description, slider } of loss.parameters) {
        expect(description.length).toBeGreaterThan(10);
        if (type === 'number') expect(slider, option).toHaveLength(2);
        const call = (value: number) => () => loss.valueAndGrad(...inputs, { [option]: value });
        if (type !== 'number') continue;
        const beyond = [exclusiveMin, min === 0 ? -1e-9 : undefined, max === 1 ? 1 + 1e-9 : undefined];
        for (const value of [...beyond, NaN, Infinity]) {
          if (value === undefined) continue;
          expect(call(value), `${option} ${value}`).toThrow(RangeError);
          expect(call(value)).toThrow(new RegExp(`^${name}: ${option} is`));
        }
        for (const end of [min, max]) if (end !== undefined) expect(call(end)).not.toThrow();
      }
      const bound = loss.with({ reduction: 'sum' });
      expect(bound.lossName).toBe(name);
      expect(bound.parameters).toBe(loss.parameters);
      expect(bound(...inputs)).toBe(loss(...inputs, { reduction: 'sum' }));
      expect(bound(...inputs, { reduction: 'mean' })).toBe(want.value);
      const beta = loss.with({ beta: 0.7 }).with({ reduction: 'none' });
      same(
        { value: beta(...inputs), grad: [] },
        { value: loss(...inputs, { beta: 0.7, reduction: 'none' }), grad: [] },
        'bound twice',
      );
      expect(() => loss.with({ betta: 1 })).toThrow(TypeError);
      expect(() => loss.with({ shape: [5] })).toThrow(/unknown option 'shape'/);
      expect(() => loss.with({ beta: 0 })).toThrow(`${name}: beta is 0, expected a finite number > 0`);
    });

    test('refuses what does not fit, by name, and writes nothing', () => {
      const columns = drawInputs(each, random(2), 4, 'float32');
      const inputs = asArguments(each, columns, 'float32');
      const written = [...each.gradients, 'out'].map(() => new Float32Array(4).fill(7));
      const out = written[each.gradients.length]!;
      const grad = gradOption(each, written);
      const none = { reduction: 'none', out, grad };
      const bad = (
        args: unknown[],
        options: object,
        error: typeof TypeError | typeof RangeError,
        says: RegExp,
      ) => {
        const thrown = caught(() => lossOf(name).valueAndGrad(...args, { ...none, ...options }));
        expect(String(thrown)).toMatch(says);
        expect(thrown, String(thrown)).toBeInstanceOf(error);
        expect((thrown as Error).message.startsWith(`${name}: `)).toBe(true);
        for (const array of written) expect([...array], String(says)).toEqual([7, 7, 7, 7]);
      };
      const but = (at: number, value: unknown) => inputs.map((input, k) => (k === at ? value : input));
      const remote = {
        dims: [4],
        location: 'gpu-buffer',
        get data(): never {
          throw new Error('not on the CPU');
        },
      };
      each.inputs.forEach((input, at) => {
        const short = at === 0 ? `${input} has 3 elements and` : `has 4 elements and ${input} 3,`;
        bad(but(at, inputs[at]!.slice(1)), {}, RangeError, new RegExp(short));
        bad(but(at, null), {}, TypeError, new RegExp(`${input} is null`));
        bad(but(at, undefined), {}, TypeError, new RegExp(`${input} is undefined`));
        bad(but(at, 'all'), {}, TypeError, new RegExp(`${input} is a string`));
        bad(but(at, [[1, 2, 3, 4]]), {}, TypeError, new RegExp(`${input} is a nested array`));
        bad(but(at, remote), {}, TypeError, new RegExp(`await ${input}\\.getData\\(\\)`));
        const [other, dims] = [(at + 1) % each.inputs.length, [4, 1]];
        const shaped = but(at, tensor(inputs[at], dims)).map((value, k) =>
          k === other ? tensor(value, [4]) : value,
        );
        if (at === 0 || other === 0) bad(shaped, {}, RangeError, /expected one shape/);
        if (input === 'labels') return;
        bad(but(at, Int32Array.of(0, 1, 0, 1)), {}, TypeError, new RegExp(`${input} is Int32Array`));
        bad(but(at, new Uint16Array(4)), {}, TypeError, /float16/);
        bad(but(at, Float64Array.from(inputs[at]!)), {}, TypeError, /expected one dtype/);
      });
      const [first] = inputs as [Float32Array];
      bad(inputs, { gradOutput: [1, 2] }, RangeError, /gradOutput has 2 elements, expected 4/);
      bad(inputs, { gradOutput: 'x' }, TypeError, /gradOutput/);
      bad(inputs, { reduction: 'mean' }, TypeError, /out is given/);
      bad(inputs, { reduction: 'mean', out: undefined, gradOutput: [1, 1, 1, 1] }, TypeError, /gradOutput/);
      bad(inputs, { reduction: 'average' }, RangeError, /reduction/);
      bad(inputs, { betta: 1 }, TypeError, /unknown option 'betta'/);
      bad(inputs, { divisor: 0 }, RangeError, /divisor is 0/);
      bad(inputs, { beta: -1 }, RangeError, /beta is -1/);
      bad(inputs, { out: new Float32Array(3) }, RangeError, /out has 3 elements, expected 4/);
      bad(inputs, { out: new Float64Array(4) }, TypeError, /out is Float64Array/);
      bad(inputs, { out: first }, RangeError, /out overlaps/);
      const wide = new Float32Array(5);
      const over = gradOption(each, [wide.subarray(1), new Float32Array(4)]);
      bad(but(0, wide.subarray(0, 4)), { grad: over }, RangeError, /grad.* overlaps/);
      bad(inputs, { out: written[0], grad }, RangeError, /out overlaps/);
      const gradOutput = new Float32Array(4);
      bad(inputs, { gradOutput, grad: gradOption(each, [gradOutput, null]) }, RangeError, /grad.* overlaps/);
      bad(inputs, { grad: gradOption(each, [new Float32Array(3), null]) }, RangeError, /grad.* has 3/);
      if (each.gradients.length === 1) {
        bad(inputs, { grad: { policy: new Float32Array(4) } }, TypeError, /grad is/);
        return;
      }
      bad(inputs, { grad: new Float32Array(4) }, TypeError, /grad is Float32Array, expected an object/);
      bad(inputs, { grad: { target: first } }, TypeError, /unknown key 'target'/);
      bad(
        inputs,
        { grad: gradOption(each, [wide.subarray(1), wide.subarray(0, 4)]) },
        RangeError,
        /overlaps/,
      );
    });
  });

  test('domains: by position, before anything is written', () => {
    const out = new Float32Array(3).fill(7);
    const x = Float32Array.of(-1, -2, -3);
    const none = { reduction: 'none', out } as const;
    const orpo = 'expected a log-probability <= 0 (the average over the tokens)';
    expect(() => orpoLoss(Float32Array.of(-1, -2, 0.5), x, none)).toThrow(
      `orpoLoss: chosen[2] is 0.5, ${orpo}`,
    );
    expect(() => orpoLoss(x, Float32Array.of(-1, Infinity, 1), none)).toThrow(
      `orpoLoss: rejected[1] is Infinity, ${orpo}`,
    );
    const kto = 'expected 1 or true (desirable), 0 or false (undesirable); map ±1 labels with t > 0';
    for (const [labels, says] of [
      [[1, -1, 0], 'labels[1] is -1'],
      [[1, 0, 0.5], 'labels[2] is 0.5'],
      [Float32Array.of(NaN, 0, 1), 'labels[0] is NaN'],
      [BigInt64Array.of(0n, 1n, 2n), 'labels[2] is 2'],
    ] as const) {
      expect(() => ktoLoss(x, x, labels, none)).toThrow(RangeError);
      expect(() => ktoLoss(x, x, labels, none)).toThrow(`ktoLoss: ${says}, ${kto}`);
    }
    const robust = { ...none, type: 'robust', labelSmoothing: 0.5 } as const;
    for (const call of [() => dpoLoss(x, x, x, x, robust), () => dpoLoss.with(robust)(x, x, x, x)]) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(
        "dpoLoss: labelSmoothing is 0.5, expected a finite number in [0, 0.5) with type 'robust'",
      );
    }
    expect(() => dpoLoss(x, x, x, x, { type: 'kto' as 'ipo' })).toThrow(
      "dpoLoss: type is 'kto', expected one of 'sigmoid', 'hinge', 'ipo', 'robust'",
    );
    expect(() => ktoLoss(x, x, [0, 1, 0], { kl: -0.1 })).toThrow('ktoLoss: kl is -0.1');
    expect([...out]).toEqual([7, 7, 7]);
    // A NaN is no error where log-probabilities are wanted.
    expect(orpoLoss(Float32Array.of(NaN), Float32Array.of(-1))).toBeNaN();
  });

  test('ktoLoss: labels of every kind', () => {
    const [x, reference] = [Float64Array.of(-3, -5, -2), Float64Array.of(-4, -4, -4)];
    const want = ktoLoss.valueAndGrad(x, reference, [1, 0, 1], { kl: 0.3 });
    const bits = [1, 0, 1];
    const kinds: unknown[] = [
      [true, false, true],
      ...[Int8Array, Uint8Array, Int32Array, Uint32Array, Float32Array, Float64Array].map((A) =>
        A.from(bits),
      ),
      BigInt64Array.from(bits, BigInt),
      tensor(Uint8Array.from(bits), [3], { type: 'bool' }),
      tensor(BigInt64Array.from(bits, BigInt), [3], { type: 'int64' }),
    ];
    for (const labels of kinds)
      same(ktoLoss.valueAndGrad(x, reference, labels as number[], { kl: 0.3 }), want, String(labels));
  });
});

describe('what they are of each other', () => {
  const r = random(77);
  const draw = (low = -60) => Float64Array.from({ length: 50 }, () => r.between(low, -1e-3));
  const [pc, pr, rc, rr] = [draw(), draw(), draw(), draw()] as const;
  const z = (beta: number) => pc.map((_, i) => beta * (pc[i]! - rc[i]! - (pr[i]! - rr[i]!)));
  const near = (got: ArrayLike<number>, want: ArrayLike<number>) =>
    Array.from(got).forEach((g, i) =>
      expect(Math.abs(g - want[i]!)).toBeLessThan(1e-12 * (1 + Math.abs(want[i]!))),
    );
  const none = { reduction: 'none' } as const;

  test('dpoLoss is −log σ(z); its smoothing mixes both labels; robust undoes the mixing', () => {
    near(
      dpoLoss(pc, pr, rc, rr, none),
      z(0.1).map((v) => softplus(-v)),
    );
    const clean = dpoLoss(pc, pr, rc, rr, none);
    const flipped = dpoLoss(pr, pc, rr, rc, none);
    const smooth = dpoLoss(pc, pr, rc, rr, { ...none, labelSmoothing: 0.3 });
    near(
      smooth,
      clean.map((v, i) => 0.7 * v + 0.3 * flipped[i]!),
    );
    const robust = { ...none, type: 'robust', labelSmoothing: 0.3 } as const;
    const [right, wrong] = [dpoLoss(pc, pr, rc, rr, robust), dpoLoss(pr, pc, rr, rc, robust)];
    near(
      right.map((v, i) => 0.7 * v + 0.3 * wrong[i]!),
      clean,
    );
    near(dpoLoss(pc, pr, rc, rr, { ...robust, labelSmoothing: 0 }), clean);
    for (const type of ['hinge', 'ipo'] as const)
      same(
        dpoLoss.valueAndGrad(pc, pr, rc, rr, { type, labelSmoothing: 0.9 }),
        dpoLoss.valueAndGrad(pc, pr, rc, rr, { type }),
        'ignored',
      );
  });

  test('ipo: gradient 2 (d − 1 / (2 beta)), 0 at the target; hinge: max(0, 1 − z)', () => {
    const { grad } = dpoLoss.valueAndGrad(pc, pr, rc, rr, { ...none, type: 'ipo', beta: 0.2 });
    near(
      grad.policyChosen,
      z(1).map((d) => 2 * (d - 2.5)),
    );
    const target = dpoLoss.valueAndGrad([-1], [-4.5], [-2], [-3], { type: 'ipo', beta: 0.2 });
    expect([target.value, target.grad.policyChosen[0], target.grad.policyRejected[0]]).toEqual([0, 0, 0]);
    near(
      dpoLoss(pc, pr, rc, rr, { ...none, type: 'hinge' }),
      z(0.1).map((v) => Math.max(0, 1 - v)),
    );
  });

  test('both gradients of a pair are each other’s negatives, but for ORPO’s odds', () => {
    const dpo = dpoLoss.valueAndGrad(pc, pr, rc, rr).grad;
    near(
      dpo.policyChosen,
      dpo.policyRejected.map((g) => -g),
    );
    const simpo = simpoLoss.valueAndGrad(pc, pr).grad;
    near(
      simpo.chosen,
      simpo.rejected.map((g) => -g),
    );
    const orpo = orpoLoss.valueAndGrad(pc, pr).grad;
    near(
      orpo.chosen.map((g, i) => g * Math.expm1(pc[i]!)),
      orpo.rejected.map((g, i) => -g * Math.expm1(pr[i]!)),
    );
  });

  test('simpoLoss without margin is dpoLoss against no reference; the margin is gamma / beta', () => {
    const zero = new Float64Array(50);
    near(simpoLoss(pc, pr, { ...none, gamma: 0 }), dpoLoss(pc, pr, zero, zero, { ...none, beta: 2 }));
    near(
      simpoLoss(pc, pr, { ...none, beta: 4, gamma: 3 }),
      simpoLoss(
        pc.map((v) => v - 0.75),
        pr,
        { ...none, beta: 4, gamma: 0 },
      ),
    );
  });

  test('orpoLoss far below 0 is dpoLoss against no reference: odds are probabilities there', () => {
    const [c, p, zero] = [pc.map((v) => v - 50), pr.map((v) => v - 50), new Float64Array(50)];
    near(orpoLoss(c, p, { ...none, beta: 1 }), dpoLoss(c, p, zero, zero, { ...none, beta: 1 }));
  });

  test('ktoLoss: labels mirror the log-ratio, weights are factors, kl moves the reference', () => {
    const [yes, no] = [new Uint8Array(50).fill(1), new Uint8Array(50)];
    near(ktoLoss(pc, rc, yes, none), ktoLoss(rc, pc, no, none));
    near(
      ktoLoss(pc, rc, yes, none),
      ktoLoss(pc, rc, no, none).map((v) => 1 - v),
    );
    near(
      ktoLoss(pc, rc, yes, none),
      pc.map((v, i) => logistic(-0.1 * (v - rc[i]!))),
    );
    near(
      ktoLoss(pc, rc, yes, { ...none, kl: 2 }),
      ktoLoss(
        pc,
        rc.map((v) => v + 2),
        yes,
        none,
      ),
    );
    const mixed = yes.map((_, i) => i % 2);
    const weighted = ktoLoss(pc, rc, mixed, { ...none, desirableWeight: 3, undesirableWeight: 0.5 });
    near(
      weighted,
      ktoLoss(pc, rc, mixed, none).map((v, i) => v * (i % 2 ? 3 : 0.5)),
    );
  });
});

describe.each(platforms)(
  'from logits to the loss and back, $backend $precision',
  ({ backend, precision }) => {
    beforeEach(() => force(backend));
    const [B, T, V] = [3, 6, 11];
    const Kind = realArray(precision);

    /** A batch's sequence log-probabilities, and the gradient by the logits from that by them. */
    function scored(logits: Real, tokens: Int32Array, completion: Uint8Array, average: boolean) {
      const scores = { shift: 1, shape: [B, T, V], mask: completion };
      // Row t scores token t + 1.
      const mask = completion.map((_, i) => ((i + 1) % T ? completion[i + 1]! : 0));
      const sums = { shape: [B, T], mask, average };
      const logProbs = tokenLogProbs(logits, tokens, scores);
      return {
        value: sequenceLogProbs(logProbs, sums),
        back(gradOutput: Real): Real {
          const { grad } = sequenceLogProbs.valueAndGrad(logProbs, { ...sums, gradOutput });
          return tokenLogProbs.valueAndGrad(logits, tokens, { ...scores, gradOutput: grad }).grad;
        },
      };
    }

    test.each([
      ['dpoLoss', false],
      ['orpoLoss', true],
      ['simpoLoss', true],
    ] as const)('%s', (name, average) => {
      const r = random(seedOf(name));
      const make = () => Kind.from({ length: B * T * V }, () => 2 * r.normal());
      const tokens = () => Int32Array.from({ length: B * T }, () => r.integer(0, V - 1));
      const mask = () =>
        Uint8Array.from({ length: B * T }, (_, i) => (i % T >= 2 && i % T < 6 - (i % 2) ? 1 : 0));
      const [chosen, rejected] = [make(), make()];
      const [yes, no, yesMask, noMask] = [tokens(), tokens(), mask(), mask()];
      const reference = Kind.from({ length: B }, () => -10 + r.normal());
      const loss = () => {
        const c = scored(chosen, yes, yesMask, average);
        const p = scored(rejected, no, noMask, average);
        const rest = name === 'dpoLoss' ? [reference, reference.map((v) => v - 1)] : [];
        const { value, grad } = lossOf<Record<string, Real>>(name).valueAndGrad(c.value, p.value, ...rest);
        const [byChosen, byRejected] = Object.values(grad);
        return { value: value as number, grads: [c.back(byChosen!), p.back(byRejected!)] };
      };
      const { grads } = loss();
      const h = precision === 'float32' ? 2 ** -7 : 2 ** -10;
      const far = precision === 'float32' ? 1e-4 : 1e-7;
      [chosen, rejected].forEach((logits, which) => {
        for (let i = 0; i < logits.length; i++) {
          const at = (by: number) => {
            const keep = logits[i]!;
            logits[i] = keep + by;
            const { value } = loss();
            logits[i] = keep;
            return value;
          };
          expect(Math.abs((at(h) - at(-h)) / (2 * h) - grads[which]![i]!)).toBeLessThan(far);
          // What is before the completion, or after the last token that is scored, has no part in it.
          if (Math.floor(i / V) % T === 0 || Math.floor(i / V) % T === T - 1)
            expect(grads[which]![i]! + 0).toBe(0);
        }
      });
      expect(grads[0]!.some((g) => Math.abs(g) > 1e-4)).toBe(true);
    });
  },
);
