/** The shape of the public surface: what every loss carries, and that its table of parameters tells the truth. */
import { describe, expect, test } from 'vitest';
import * as losskit from '../src/index.js';
import { cases, entry } from './cases.js';
import { referenceNames } from './reference/index.js';
import { differs } from './support/judge.js';
import { asArray, lossOf, losses, type Parameter } from './support/library.js';
import { argumentsOf, sample } from './support/sample.js';

const names = Object.keys(losses);

test('every exported loss has a case, every case is exported, and the reference knows them all', () => {
  expect(names.sort()).toEqual(cases.map((each) => each.name).sort());
  expect([...referenceNames].sort()).toEqual(names.sort());
});

test('the exports of this part', () => {
  const helpers = [
    'backend',
    'backendError',
    'classWeights',
    'createArena',
    'initSync',
    'sigmoid',
    'softmax',
    'useBackend',
  ];
  const exported = losskit as Record<string, unknown>;
  for (const name of helpers) expect(exported[name], name).toBeTypeOf('function');
  expect(exported['commonParameters']).toBeInstanceOf(Array);
});

const TYPES = ['number', 'boolean', 'choice', 'array'];

function expectParameter(parameter: Parameter, where: string): void {
  const { name, type, description, slider, choices, ...rest } = parameter;
  expect(name, where).toMatch(/^[a-z][A-Za-z]+$|^p$|^k$/);
  expect(TYPES, `${where}.${name}`).toContain(type);
  expect(description.length, `${where}.${name}`).toBeGreaterThan(10);
  expect('default' in rest, `${where}.${name} states its default, if only as undefined`).toBe(true);
  const known = ['default', 'min', 'max', 'exclusiveMin', 'exclusiveMax'];
  for (const bound of known.slice(1)) {
    const value = rest[bound as 'min'];
    if (value !== undefined) expect(value, `${where}.${name}.${bound}`).toBeTypeOf('number');
  }
  if (type === 'choice') expect(choices?.length).toBeGreaterThan(1);
  if (slider) {
    expect(slider).toHaveLength(2);
    expect(slider[0]).toBeLessThan(slider[1]);
  }
}

/** Own options and their defaults, from the catalogue. `undefined` where it names none; null counts as off, too. */
const OWN: Record<string, Record<string, unknown>> = {
  crossEntropy: {
    weight: undefined,
    ignoreIndex: -100,
    labelSmoothing: 0,
    zLoss: 0,
    softcap: undefined,
    temperature: 1,
    shift: 0,
    mask: undefined,
  },
  softTargetCrossEntropy: { weight: undefined, labelSmoothing: 0 },
  nllLoss: { weight: undefined, ignoreIndex: -100 },
  mseLoss: { weight: undefined },
  l1Loss: { weight: undefined },
  smoothL1Loss: { beta: 1 },
  huberLoss: { delta: 1, weight: undefined },
  binaryCrossEntropy: { weight: undefined },
  binaryCrossEntropyWithLogits: { weight: undefined, posWeight: undefined, labelSmoothing: 0 },
  sigmoidFocalLoss: { alpha: 0.25, gamma: 2, weight: undefined, posWeight: undefined },
  softmaxFocalLoss: { gamma: 2, weight: undefined, ignoreIndex: -100 },
  hingeLoss: { margin: 1, weight: undefined, posWeight: undefined },
  squaredHingeLoss: { margin: 1, weight: undefined, posWeight: undefined },
  multiMarginLoss: { p: 1, margin: 1, weight: undefined },
  crammerSingerLoss: { margin: 1, weight: undefined, ignoreIndex: -100 },
};

describe.each(cases.map((each) => each.name))('%s', (name) => {
  const loss = lossOf(name);
  const given = () =>
    argumentsOf(
      sample({ entry: entry(name), config: 'none', size: { rows: 5, classes: 7 }, precision: 'float32' }),
    );

  test('is a function with valueAndGrad, with, lossName and parameters', () => {
    expect(loss).toBeTypeOf('function');
    expect(loss.valueAndGrad).toBeTypeOf('function');
    expect(loss.with).toBeTypeOf('function');
    expect(loss.lossName).toBe(name);
    expect((losskit as Record<string, unknown>)[loss.lossName]).toBe(loss);
    const bound = loss.with({ reduction: 'sum' });
    expect(bound.lossName).toBe(name);
    expect(bound.parameters).toEqual(loss.parameters);
    expect(bound.with).toBeTypeOf('function');
  });

  test('parameters: one entry an own option, as the catalogue has them', () => {
    for (const parameter of loss.parameters) expectParameter(parameter, name);
    const own = Object.fromEntries(
      loss.parameters.map((parameter) => [parameter.name, parameter.default ?? undefined]),
    );
    expect(own).toEqual(OWN[name]);
  });

  test('parameters: every default given in words is the default', () => {
    const { input, target, options } = given();
    const want = loss.valueAndGrad(input, target, options);
    const spelled = Object.fromEntries(
      loss.parameters.map((parameter) => [parameter.name, parameter.default]),
    );
    const got = loss.valueAndGrad(input, target, { ...options, ...spelled });
    expect(Object.is(got.value, want.value)).toBe(true);
    expect(differs(got.grad, want.grad)).toBe(-1);
    for (const parameter of loss.parameters) {
      const one = loss.valueAndGrad(input, target, { ...options, [parameter.name]: parameter.default });
      expect(differs(one.grad, want.grad), parameter.name).toBe(-1);
      const off = loss.valueAndGrad(input, target, { ...options, [parameter.name]: undefined });
      expect(differs(off.grad, want.grad), `${parameter.name}: undefined`).toBe(-1);
    }
  });

  test('parameters: a number just outside its range is a RangeError that names it, its ends are not', () => {
    const { input, target, options } = given();
    for (const { name: option, min, max, exclusiveMin, exclusiveMax } of loss.parameters) {
      const call = (value: number) => () => loss.valueAndGrad(input, target, { ...options, [option]: value });
      const refused = (value: number) => {
        expect(call(value), `${option} ${value}`).toThrow(RangeError);
        expect(call(value)).toThrow(new RegExp(`${name}.*${option}`));
      };
      if (min !== undefined) expect(call(min), `${option} ${min}`).not.toThrow();
      if (max !== undefined) expect(call(max), `${option} ${max}`).not.toThrow();
      if (exclusiveMin !== undefined) refused(exclusiveMin);
      if (exclusiveMax !== undefined) refused(exclusiveMax);
      // alpha below 0 is off, not wrong.
      if (min !== undefined && Number.isFinite(min) && option !== 'alpha') refused(min - 0.5);
      if (max !== undefined && Number.isFinite(max)) refused(max + 0.5);
    }
  });

  test('options that are null where off exists, and undefined anywhere', () => {
    const { input, target, options } = given();
    const want = loss.valueAndGrad(input, target, options);
    const off = ['weight', 'softcap'].filter((option) => option in OWN[name]!);
    for (const option of off) {
      const got = loss.valueAndGrad(input, target, { ...options, [option]: null });
      expect(differs(got.grad, want.grad), option).toBe(-1);
    }
    const nothing = {
      reduction: undefined,
      divisor: undefined,
      gradOutput: undefined,
      grad: undefined,
      out: undefined,
    };
    expect(differs(loss.valueAndGrad(input, target, { ...options, ...nothing }).grad, want.grad)).toBe(-1);
    // A bound option can be switched off again.
    if (off.includes('weight')) {
      const bound = loss.with({ weight: Float32Array.from({ length: 7 }, (_, i) => i) });
      expect(differs(bound.valueAndGrad(input, target, { ...options, weight: null }).grad, want.grad)).toBe(
        -1,
      );
    }
  });

  test('returns numbers for mean and sum, arrays for none, and the divisor', () => {
    const { input, target, options } = given();
    expect(loss(input, target, options)).toBeTypeOf('number');
    expect(loss(input, target, { ...options, reduction: 'sum' })).toBeTypeOf('number');
    const count = entry(name).family === 'rows' ? 5 : 35;
    const none = loss(input, target, { ...options, reduction: 'none' });
    expect(none).toBeInstanceOf(Float32Array);
    expect(asArray(none)).toHaveLength(count);
    const { divisor, ...rest } = loss.valueAndGrad(input, target, options);
    expect(Object.keys(rest).sort()).toEqual(['grad', 'value']);
    const counted = entry(name).target === 'index' ? [...target].filter((y) => y >= 0).length : count;
    expect(divisor).toBe(counted);
  });

  test('with checks its options when they are bound', () => {
    expect(() => loss.with({ reduction: 'average' })).toThrow(RangeError);
    expect(() => loss.with({ labelSmooting: 0.1 })).toThrow(TypeError);
    expect(() => loss.with({ divisor: -1 })).toThrow(new RegExp(`${name}.*divisor`));
  });
});

test('commonParameters: the options of every loss', () => {
  const common = losskit.commonParameters as readonly Parameter[];
  for (const parameter of common) expectParameter(parameter, 'commonParameters');
  const found = common.map((parameter) => parameter.name);
  expect(found).toEqual(expect.arrayContaining(['reduction', 'divisor', 'gradOutput', 'grad', 'out']));
  const reduction = common.find((parameter) => parameter.name === 'reduction')!;
  expect(reduction.default).toBe('mean');
  expect([...reduction.choices!]).toEqual(['mean', 'sum', 'none']);
  for (const name of names) {
    const own = lossOf(name).parameters.map((parameter) => parameter.name);
    expect(
      own.filter((option) => found.includes(option)),
      'own options are not common ones',
    ).toEqual([]);
  }
});

test('three lines: the example of the issue', () => {
  const { value, grad } = losskit.crossEntropy.valueAndGrad([2, 1, 0.1], [0]);
  expect(value).toBeCloseTo(0.41703, 5);
  expect([...grad].map((g) => Math.round(g * 1e4))).toEqual([-3410, 2424, 986]);
});
