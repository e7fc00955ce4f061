/** The shape of the public surface: what every loss carries, and that its table of parameters tells the truth. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as losskit from '../src/index.js';
import { cases, differentiable, entry, has, lossesOf } from './cases.js';
import { referenceNames } from './reference/index.js';
import { asArray, gradsOf, lossOf, losses, type Parameter } from './support/library.js';
import { preferenceNames } from './support/preference.js';
import { same } from './support/same.js';
import { argumentsOf, sample } from './support/sample.js';

const names = Object.keys(losses);

/** Losses whose inputs the table has no shape for: preference.test.ts, linear.test.ts, infoNce.test.ts and sampledSoftmax.test.ts have them. */
const elsewhere = [...preferenceNames, 'linearCrossEntropy', 'infoNceLoss', 'sampledSoftmaxLoss'];

test('every exported loss has a case, every case is exported, and the reference knows them all', () => {
  const here = names.filter((name) => !elsewhere.includes(name));
  expect(here.sort()).toEqual(cases.map((each) => each.name).sort());
  expect([...referenceNames].sort()).toEqual(here.sort());
  // Those of preferences have a table and a reference of their own, which preference.test.ts runs over.
  expect(names).toEqual(expect.arrayContaining([...elsewhere]));
});

test('the exports of this part', () => {
  const helpers = [
    'backend',
    'backendError',
    'classWeights',
    'createArena',
    'initSync',
    'logSoftmax',
    'logSumExp',
    'Perplexity',
    'perplexity',
    'sequenceLogProbs',
    'sigmoid',
    'softmax',
    'tokenLogProbs',
    'topLogProbs',
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
  logCoshLoss: {},
  quantileLoss: { quantile: 0.5 },
  klDiv: { logTarget: false },
  poissonNllLoss: { logInput: true, full: false, eps: 1e-8 },
  gaussianNllLoss: { full: false, eps: 1e-6 },
  softMarginLoss: {},
  hingeEmbeddingLoss: { margin: 1 },
  marginRankingLoss: { margin: 0 },
  poly1Loss: { epsilon: 1, weight: undefined, ignoreIndex: -100 },
  diceLoss: { smooth: 1 },
  tverskyLoss: { alpha: 0.5, beta: 0.5, smooth: 1 },
  multilabelMarginLoss: {},
  multilabelSoftMarginLoss: { weight: undefined },
  cosineEmbeddingLoss: { margin: 0 },
  tripletMarginLoss: { margin: 1, p: 2, eps: 1e-6, swap: false },
  distillationLoss: { temperature: 1, direction: 'forward', mask: undefined },
  jsDivergence: { beta: 0.5, temperature: 1, mask: undefined },
  ctcLoss: { blank: 0, zeroInfinity: false, fromLogits: false },
};

const SIZE = { rows: 5, classes: 7 };

describe.each(cases.map((each) => each.name))('%s', (name) => {
  const loss = lossOf(name);
  const each = entry(name);
  const given = () => argumentsOf(sample({ entry: each, config: 'none', size: SIZE, precision: 'float32' }));

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

  /** A call with these options, and with those that say the size of flat arrays. */
  const run = (more: object = {}) => {
    const { inputs, options } = given();
    return loss.valueAndGrad(...inputs, { ...more, ...options });
  };

  test('parameters: every default given in words is the default', () => {
    const want = run();
    same(run(Object.fromEntries(loss.parameters.map((each) => [each.name, each.default]))), want, 'all');
    for (const parameter of loss.parameters) {
      same(run({ [parameter.name]: parameter.default }), want, parameter.name);
      same(run({ [parameter.name]: undefined }), want, `${parameter.name}: undefined`);
    }
  });

  test('parameters: a number just outside its range is a RangeError that names it, its ends are not', () => {
    const { inputs, options } = given();
    for (const { name: option, min, max, exclusiveMin, exclusiveMax } of loss.parameters) {
      const call = (value: number) => () => loss.valueAndGrad(...inputs, { ...options, [option]: value });
      const refused = (value: number) => {
        expect(call(value), `${option} ${value}`).toThrow(RangeError);
        expect(call(value)).toThrow(new RegExp(`${name}.*${option}`));
      };
      // A size has to be the right one.
      const good = option in options ? [] : [min, max];
      for (const end of good) if (end !== undefined) expect(call(end), `${option} ${end}`).not.toThrow();
      if (exclusiveMin !== undefined) refused(exclusiveMin);
      if (exclusiveMax !== undefined) refused(exclusiveMax);
      // alpha below 0 is off, not wrong.
      const negativeIsOff = name === 'sigmoidFocalLoss' && option === 'alpha';
      if (min !== undefined && Number.isFinite(min) && !negativeIsOff) refused(min - 0.5);
      if (max !== undefined && Number.isFinite(max)) refused(max + 0.5);
    }
  });

  test('options that are null where off exists, and undefined anywhere', () => {
    const want = run();
    const off = ['weight', 'softcap'].filter((option) => option in OWN[name]!);
    for (const option of off) same(run({ [option]: null }), want, option);
    const common = ['reduction', 'divisor', 'gradOutput', 'grad', 'out'];
    same(run(Object.fromEntries(common.map((option) => [option, undefined]))), want, 'undefined');
    // A bound option can be switched off again.
    if (!off.includes('weight')) return;
    const { inputs, options } = given();
    const bound = loss.with({ weight: Float32Array.from({ length: SIZE.classes }, (_, i) => i) });
    same(bound.valueAndGrad(...inputs, { ...options, weight: null }), want, 'bound weight');
  });

  test('returns numbers for mean and sum, arrays for none, gradients by name, and the divisor', () => {
    const { inputs, options } = given();
    expect(loss(...inputs, options)).toBeTypeOf('number');
    expect(loss(...inputs, { ...options, reduction: 'sum' })).toBeTypeOf('number');
    const count = lossesOf(each, SIZE);
    const none = loss(...inputs, { ...options, reduction: 'none' });
    expect(none).toBeInstanceOf(Float32Array);
    expect(asArray(none)).toHaveLength(count);
    const { divisor, grad, ...rest } = loss.valueAndGrad(...inputs, options);
    expect(Object.keys(rest)).toEqual(['value']);
    const names = differentiable(each).map((input) => input.name);
    if (names.length > 1) expect(Object.keys(grad)).toEqual(names);
    for (const array of gradsOf(grad)) expect(array).toBeInstanceOf(Float32Array);
    const counted = has(each, 'index') ? Array.from(inputs[1]!).filter((y) => y >= 0).length : count;
    expect(divisor).toBe(counted);
  });

  test('with checks its options when they are bound', () => {
    expect(() => loss.with({ reduction: 'average' })).toThrow(RangeError);
    expect(() => loss.with({ labelSmooting: 0.1 })).toThrow(TypeError);
    expect(() => loss.with({ divisor: -1 })).toThrow(new RegExp(`${name}.*divisor`));
  });
});

test('every loss has its place in the API pages', () => {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const { categoryOrder } = JSON.parse(read('typedoc.json')) as { categoryOrder: string[] };
  for (const name of names) {
    const source = read(`src/losses/${name}.ts`);
    const docs = source
      .slice(0, source.indexOf(`export const ${name}`))
      .split('/**')
      .pop()!;
    expect(docs, name).toContain('@function');
    expect(categoryOrder, name).toContain(/@category (.+)/.exec(docs)?.[1]);
  }
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
