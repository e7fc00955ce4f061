/**
 * Guard bands: whatever a call is given, the kernels write to their own regions of memory and nowhere else. All that
 * lies between the regions holds a pattern, and so do the modules' constants below them; after every call both are as before.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as layout from '../src/kernels/wasm/layout.js';
import { sharedEngine } from '../src/kernels/wasm/engine.js';
import {
  logSoftmax,
  logSumExp,
  sigmoid,
  softmax,
  tokenLogProbs,
  topLogProbs,
  useBackend,
} from '../src/index.js';
import { byRow, cases, lossesOf, type Entry, has } from './cases.js';
import { AUTO, lossOf, PRECISIONS, RELAXED } from './support/library.js';
import type { Precision } from './support/judge.js';
import { modules } from './support/modules.js';
import { argumentsOf, gradOption, places, realArray, sample } from './support/sample.js';

const { END, GUARD, PAD, REGION, ROW_LOSS, ROW_SCALE, ROW_WEIGHT, ROWS_MAX, TARGETS, TERMS, TOTALS } = layout;
const REGIONS = { X: layout.X, Q: layout.Q, G: layout.G, D: layout.D, W: layout.W };
/** Where the modules' own constants end at the latest. */
const CONSTANTS_END = 98304;
/** One vector more than a list has entries: its last group of rows is a whole one. */
const lists = ROWS_MAX * 8 + 16;

/** What nobody may write: [name, from, to). */
const bands: readonly [string, number, number][] = [
  ['the constants', 0, CONSTANTS_END],
  ['behind the state of a row', TOTALS + 2048, 102400],
  ['behind the padded vectors', PAD + 1024, TARGETS],
  ['behind TARGETS', TARGETS + 4 * ROWS_MAX + 16, ROW_WEIGHT],
  ['behind ROW_WEIGHT', ROW_WEIGHT + lists, ROW_SCALE],
  ['behind ROW_SCALE', ROW_SCALE + lists, ROW_LOSS],
  ['behind ROW_LOSS', ROW_LOSS + lists, TERMS],
  ['behind TERMS', TERMS + 8192 * 16, layout.X],
  ...Object.entries(REGIONS).map(
    ([name, at]) => [`behind ${name}`, at + REGION, at + REGION + GUARD] as [string, number, number],
  ),
];

useBackend(AUTO);
const engine = sharedEngine();
// Instantiating writes the constants: before the pattern.
for (const precision of PRECISIONS)
  for (const build of ['fixed', 'relaxed'] as const)
    for (const module of Object.values(modules))
      if (RELAXED || build === 'fixed') engine.instantiate(precision, build, module);
const bytes = new Uint8Array(engine.buffer);
for (const [, from, to] of bands.slice(1)) for (let i = from; i < to; i++) bytes[i] = (i * 167 + 13) & 255;
const expected = bands.map(([, from, to]) => Buffer.from(bytes.slice(from, to)));

function intact(where: string): void {
  bands.forEach(([name, from, to], b) => {
    const now = Buffer.from(bytes.buffer, from, to - from);
    if (now.equals(expected[b]!)) return;
    const at = expected[b]!.findIndex((byte, i) => byte !== now[i]);
    const last = expected[b]!.findLastIndex((byte, i) => byte !== now[i]);
    bytes.set(expected[b]!, from);
    expect.fail(
      `${where}: bytes ${from + at} to ${from + last} were written, ${at} ${name} (${from}, ${to})`,
    );
  });
}

interface Shape {
  outer: number;
  classes: number;
  inner: number;
}

type Bits = 'float16' | 'bfloat16';
interface Half {
  data: Uint16Array;
  type: Bits;
  dims: number[];
}

/** Numbers in [0, 1) as bits: a probability, a logit, a log-probability as good as any here. */
const half = (type: Bits, dims: number[]): Half => ({
  data: Uint16Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (i * 7919) % 0x3c00),
  type,
  dims,
});

/** All forms of one call: the value, the gradient, into given arrays, in place, from 16-bit floats. */
function exercise(entry: Entry, config: string, precision: Precision, shape: Shape, halves = true): void {
  const { outer, classes, inner } = shape;
  const rows = outer * inner;
  const where = `${entry.name}, ${config}, ${precision}, [${outer}, ${classes}, ${inner}]`;
  const loss = lossOf(entry.name);
  const Real = realArray(precision);
  const s = sample({ entry, config, size: { rows, classes }, precision });
  const layered = entry.family === 'pointwise' || entry.family === 'rows';
  const dims = layered ? [outer, classes, inner] : s.shape;
  const { inputs, options } = argumentsOf(s, layered ? { shape: dims, axis: 1, classes: undefined } : {});
  const losses = lossesOf(entry, { rows, classes });
  loss(...inputs, options);
  intact(`${where}, value`);
  loss.valueAndGrad(...inputs, options);
  intact(`${where}, valueAndGrad`);
  const gradOutput = new Real(losses).fill(0.5);
  loss.valueAndGrad(...inputs, { ...options, reduction: 'none', out: new Real(losses), gradOutput });
  intact(`${where}, none`);
  if (halves && precision === 'float32') {
    for (const type of ['float16', 'bfloat16'] as const) {
      const soft = entry.inputs.map(
        ({ kind, perRow }) => !perRow && !['sign', 'labels', 'sequence', 'lengths'].includes(kind),
      );
      loss.valueAndGrad(...inputs.map((input, i) => (soft[i] ? half(type, dims) : input)), options);
      intact(`${where}, ${type}`);
    }
  }
  loss.valueAndGrad(...inputs, { ...options, grad: gradOption(entry, places(entry, inputs)) });
  intact(`${where}, in place`);
}

const all = (length: number, from: number) => Array.from({ length }, (_, i) => from + i);
/** Tails of every kind, both kinds of kernel, both kinds of layout. */
const tails: Shape[] = [
  ...all(70, 1).map((classes) => ({ outer: 1 + (classes % 7), classes, inner: 1 })),
  ...all(70, 1).map((classes) => ({ outer: 2, classes, inner: 1 + (classes % 9) })),
  ...all(10, 1019).map((classes) => ({ outer: 3, classes, inner: 1 })),
  ...[1023, 1024, 1025].map((classes) => ({ outer: 2, classes, inner: 3 })),
];
/** Shapes that fill the tile, the lists or the region to the last element, and beyond. */
const full: Shape[] = [
  ...[1, 2, 3].flatMap((classes) =>
    [-1, 0, 1, 5].map((more) => ({ outer: ROWS_MAX + more, classes, inner: 1 })),
  ),
  ...[-1, 0, 1, 5].map((more) => ({ outer: 2, classes: 2, inner: ROWS_MAX + more })),
  { outer: 515, classes: 64, inner: 1 },
  { outer: 3, classes: 64, inner: 171 },
  { outer: 2, classes: 65, inner: 515 },
];
const whole: Shape[] = [
  ...[-1, 0, 1].flatMap((more) => [
    { outer: 1, classes: REGION / 4 + more, inner: 1 },
    { outer: 1, classes: REGION / 8 + more, inner: 1 },
  ]),
  { outer: 1, classes: REGION / 64, inner: 17 },
  { outer: 1, classes: REGION / 128 + 1, inner: 18 },
];

for (const entry of cases) {
  test(`${entry.name} writes to no guard`, { timeout: 240_000 }, () => {
    const configs = Object.keys(entry.options);
    const most = configs[configs.length - 1]!;
    for (const precision of PRECISIONS) {
      for (const shape of tails)
        for (const config of configs)
          if (shape.classes > 1 || shape.outer * shape.inner > 1) exercise(entry, config, precision, shape);
      for (const shape of full)
        for (const config of new Set([configs[0]!, most])) exercise(entry, config, precision, shape);
      if (byRow(entry)) {
        for (const shape of whole) {
          // Over another axis nothing ends the rows' labels: all of C² work.
          if (has(entry, 'labels') && shape.inner > 1) continue;
          const larger = shape.classes * shape.inner * 4 > REGION && shape.inner > 1;
          for (const config of larger ? [most] : new Set([configs[0]!, most]))
            exercise(entry, config, precision, shape, !larger);
        }
      } else if (entry.family === 'pointwise') {
        for (const length of [16383, 16384, 16385, 8191, 8193, 40_001])
          exercise(entry, most, precision, { outer: length, classes: 1, inner: 1 });
      }
    }
  });
}

test('softmax, sigmoid, logSumExp and logSoftmax write to no guard', () => {
  for (const Real of [Float32Array, Float64Array]) {
    for (const { outer, classes, inner } of [...tails, ...full, ...whole.slice(0, 6)]) {
      const input = new Real(outer * classes * inner).fill(0.5);
      const options = { shape: [outer, classes, inner], axis: 1 };
      softmax(input, options);
      sigmoid(input);
      logSumExp.valueAndGrad(input, options);
      logSoftmax.valueAndGrad(input, options);
      intact(`${Real.name}, [${outer}, ${classes}, ${inner}]`);
    }
  }
});

test('tokenLogProbs and topLogProbs write to no guard', () => {
  for (const Real of [Float32Array, Float64Array]) {
    for (const { outer, classes, inner } of [...tails, ...full, ...whole.slice(0, 6)]) {
      const dims = [outer, classes, inner];
      const where = `${Real.name}, [${dims}]`;
      const input = new Real(outer * classes * inner).map((_, i) => (i * 7919) % 13);
      const targets = Int32Array.from({ length: outer * inner }, (_, i) => (i % 9 ? i % classes : -100));
      for (const options of [{}, { softcap: 3, temperature: 2 }]) {
        const all = { ...options, shape: dims, axis: 1, stats: true } as const;
        tokenLogProbs.valueAndGrad(input, targets, all);
        intact(`${where}, statistics`);
        tokenLogProbs.valueAndGrad(half('float16', dims), targets, { ...all, shape: undefined });
        intact(`${where}, statistics of float16`);
      }
      // All classes of more than a few rows take long, and fill the region all the same.
      for (const k of new Set([1, 5, classes > 1000 && outer * inner > 8 ? 17 : classes]))
        if (k <= classes) topLogProbs(input, { k, shape: dims, axis: 1 });
      intact(`${where}, top`);
      topLogProbs(half('bfloat16', dims), { k: 1, axis: 1 });
      intact(`${where}, top of bfloat16`);
    }
  }
});

test('the guards are seen to be written', () => {
  bytes[layout.X + REGION + 5]! ^= 1;
  expect(() => intact('this test')).toThrow(/behind X/);
  intact('restored');
});

/** The constants of a file of addresses, by name. */
function constantsOf(path: string): Record<string, number> {
  const text = readFileSync(new URL(path, import.meta.url), 'utf8');
  const found: Record<string, number> = {};
  for (const [, name, expression] of text.matchAll(/^export const (\w+)(?:: \w+)? =\s+([^;]+);/gm)) {
    const terms = expression!.replaceAll(/[A-Z_]+/g, (other) => String(found[other]));
    expect(terms, `${path}: ${name}`).toMatch(/^[\d\s+*]+$/);
    found[name!] = terms
      .split('+')
      .map((term) => term.split('*').reduce((product, factor) => product * Number(factor), 1))
      .reduce((a, b) => a + b, 0);
  }
  return found;
}

test('assembly/layout.ts and src/kernels/wasm/layout.ts are one table', () => {
  const kernels = constantsOf('../assembly/layout.ts');
  const marshalling = constantsOf('../src/kernels/wasm/layout.ts');
  expect(marshalling).toEqual({ ...layout });
  const only = ['GUARD', 'END']; // of the marshalling
  const common = Object.keys(marshalling).filter((name) => !only.includes(name));
  expect(common).toEqual(common.filter((name) => name in kernels));
  expect(common.length).toBeGreaterThan(12);
  for (const name of common) expect(kernels[name], name).toBe(marshalling[name]);
});

test('the table has no two things in one place', () => {
  const at = constantsOf('../assembly/layout.ts');
  const order = [
    'TOTALS CONSTANTS CONSTANT_LANES OPERANDS ROW_STATE STAGE_A STAGE_B STAGE_C PAD RESULT',
    'TARGETS ROW_WEIGHT ROW_SCALE ROW_LOSS TERMS X Q G D W',
  ].flatMap((names) => names.split(' '));
  for (let i = 1; i < order.length; i++)
    expect(at[order[i]!], `${order[i - 1]} < ${order[i]}`).toBeGreaterThan(at[order[i - 1]!]!);
  expect(TARGETS + 4 * ROWS_MAX + 16).toBeLessThanOrEqual(ROW_WEIGHT);
  for (const list of [ROW_WEIGHT, ROW_SCALE]) expect(list + lists).toBeLessThanOrEqual(list + 65536);
  expect(ROW_LOSS + lists).toBeLessThanOrEqual(TERMS);
  expect(ROWS_MAX + 4).toBeLessThanOrEqual(8192);
  expect(TERMS + 8192 * 16).toBeLessThanOrEqual(layout.X);
  const regions = Object.values(REGIONS);
  regions.forEach((region, i) => expect(region + REGION + GUARD, `region ${i}`).toBe(regions[i + 1] ?? END));
  expect(sharedEngine().buffer.byteLength).toBe(END);
});

test('the constants of all modules are below the state, and apart', () => {
  const memory = new WebAssembly.Memory({ initial: END / 65536, maximum: END / 65536 });
  const bytes = new Uint8Array(memory.buffer);
  const root = new URL('../build/', import.meta.url);
  const files = ['', 'modules/'].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((file) => file.endsWith('.wasm') && (RELAXED || !file.includes('relaxed')))
      .map((file) => folder + file),
  );
  expect(files.length).toBeGreaterThan(2 * Object.keys(modules).length);
  const places = files.map((file) => {
    const module = new WebAssembly.Module(readFileSync(new URL(file, root)));
    new WebAssembly.Instance(module, { env: { memory, abort: () => undefined } });
    const place = {
      file,
      from: bytes.findIndex((byte) => byte !== 0),
      to: bytes.findLastIndex((byte) => byte !== 0),
    };
    bytes.fill(0);
    return place;
  });
  places.sort((a, b) => a.from - b.from);
  places.forEach(({ file, from, to }, i) => {
    expect(from, file).toBeGreaterThanOrEqual(1024);
    expect(to, file).toBeLessThan(places[i + 1]?.from ?? CONSTANTS_END);
  });
});
