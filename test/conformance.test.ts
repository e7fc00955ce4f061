/**
 * One suite over backends x precisions x losses x sizes: around the lane width, the block of 1024 elements of the
 * order of summation, the 64 classes of the small kernel, and the edges of the tiles that calls stream through.
 */
import { describe, test } from 'vitest';
import { has, byRow, cases, lossesOf, type Entry, type Size } from './cases.js';
import type { ReferenceOptions } from './reference/index.js';
import { PRECISIONS, REDUCTIONS } from './support/library.js';
import { random } from './support/random.js';
import { sample, type Sample } from './support/sample.js';
import { verify } from './support/verify.js';

const TIMEOUT = { timeout: 120_000 };

const around = (...sizes: number[]) => sizes.flatMap((size) => [size - 1, size, size + 1]);
const LANES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15, 16, 17, 31, 32, 33];

/** Elements of a pointwise loss: lanes, the block, and tiles of 8, 16 and 32 K elements. */
const ELEMENTS = [...LANES, ...around(64, 1024, 2048, 4096, 8192, 16384, 32768), 100_003];

/** Classes of a row-wise loss; how many rows rotates, so that small kernels see full and partial vectors of rows. */
const CLASSES = [
  ...LANES,
  ...around(64, 128, 512, 1024, 2048, 4096),
  1000,
  5003,
  ...around(8192, 16384),
  40_000,
];
const ROWS = [1, 2, 3, 4, 5, 7, 8, 9, 17];

/** Many short rows: tiles end between rows, and the last tile is short. */
const BATCHES: Size[] = [
  { rows: 1025, classes: 1 },
  { rows: 9001, classes: 2 },
  { rows: 5003, classes: 10 },
  { rows: 517, classes: 64 },
  { rows: 517, classes: 65 },
  { rows: 131, classes: 1000 },
];

/** Samples and classes of CTC, over 4 to 11 frames. */
const SAMPLES: Size[] = [...LANES, ...around(64), 1000, 5003].map((classes, i) => ({
  rows: ROWS[i % ROWS.length]!,
  classes,
}));

const byClasses = CLASSES.map((classes, i) => ({
  rows: classes > 1000 ? 3 : ROWS[i % ROWS.length]!,
  classes,
})).concat(BATCHES);

const sizesOf = ({ family }: Entry): Size[] =>
  family === 'pointwise'
    ? ELEMENTS.map((classes) => ({ rows: 1, classes }))
    : family === 'ctc'
      ? SAMPLES
      : family === 'embedding'
        ? byClasses.filter(({ classes }) => classes > 1) // a cosine of numbers is ±1
        : byClasses;

/** Small, medium and beyond a tile; every configuration runs at each. */
const SAMPLED: Size[] = [
  { rows: 3, classes: 5 },
  { rows: 6, classes: 67 },
  { rows: 2, classes: 1027 },
  { rows: 401, classes: 50 },
];

describe.each(PRECISIONS)('%s', (precision) => {
  test.each(cases.map((entry) => [entry.name, entry] as const))('%s: every size', TIMEOUT, (_, entry) => {
    sizesOf(entry).forEach((size, i) => {
      const s = sample({ entry, config: 'none', size, precision });
      verify(s, { options: { reduction: REDUCTIONS[i % 3]! } });
    });
  });

  test.each(cases.map((entry) => [entry.name, entry] as const))(
    '%s: every configuration',
    TIMEOUT,
    (name, entry) => {
      const r = random(name.length);
      for (const config of Object.keys(entry.options)) {
        for (const size of SAMPLED) {
          for (const reduction of REDUCTIONS) {
            const s = sample({ entry, config, size, precision, seed: reduction });
            const count = lossesOf(entry, size);
            const options: ReferenceOptions = {
              reduction,
              gradOutput:
                reduction === 'none'
                  ? Float32Array.from({ length: count }, () => r.normal())
                  : r.pick([1, 0.5, -3]),
            };
            if (reduction === 'mean' && r.next() < 0.5) options.divisor = 17;
            verify(s, { options, where: config });
          }
        }
      }
    },
  );

  const rowWise = cases.filter(byRow).map((entry) => [entry.name, entry] as const);

  test.each(rowWise)('%s: rows longer than a tile', TIMEOUT, (_, entry) => {
    for (const config of new Set(['none', Object.keys(entry.options)[1] ?? 'none'])) {
      const s = sample({ entry, config, size: { rows: 2, classes: 151_936 }, precision });
      verify(s, { options: { reduction: config === 'none' ? 'mean' : 'none' } });
    }
  });

  // More than 2^19 classes: the row buffer is too small and blocks are read again.
  test.each(rowWise)('%s: rows longer than the row buffer', TIMEOUT, (_, entry) => {
    const config = Object.keys(entry.options).at(-1)!;
    const s = sample({ entry, config, size: { rows: 2, classes: 600_001 }, precision });
    verify(s, { options: { reduction: 'sum' } });
  });
});

/** PyTorch's layouts: the class axis is not the last. The arrays are the same, read with another shape. */
const LAYOUTS: { shape: number[]; axis: number }[] = [
  { shape: [2, 3, 4], axis: 1 },
  { shape: [3, 5, 1], axis: 1 },
  { shape: [1, 4, 2, 1, 3], axis: 1 },
  { shape: [2, 3, 4], axis: -2 },
  { shape: [7, 9], axis: 0 },
  { shape: [2, 3, 4, 5], axis: 2 },
  { shape: [2, 70, 5, 3], axis: 1 },
  { shape: [2, 17, 1031], axis: 1 },
  { shape: [2, 1000, 7], axis: 1 },
  { shape: [1, 19, 64, 64], axis: 1 },
  { shape: [1, 300, 300], axis: 1 },
  { shape: [1, 40_000, 3], axis: 1 },
];

describe.each(PRECISIONS)('axis: %s', (precision) => {
  const tables = cases.filter(({ family }) => family === 'rows' || family === 'pointwise');
  test.each(tables.map((entry) => [entry.name, entry] as const))('%s', TIMEOUT, (_, entry) => {
    // With shift the sequence is the axis before the classes: only for the last axis.
    const configs = Object.keys(entry.options).filter(
      (config) => !entry.options[config]!.toString().includes('shift'),
    );
    LAYOUTS.forEach(({ shape, axis }, i) => {
      const at = axis < 0 ? shape.length + axis : axis;
      const elements = shape.reduce((a, b) => a * b, 1);
      const classes = shape[at]!;
      // Over another axis nothing ends the rows' labels: all of C² work.
      if (has(entry, 'labels') && classes > 1000) return;
      for (const config of i < 7 ? configs : [configs[i % configs.length]!, 'none']) {
        const flat = sample({ entry, config, size: { rows: elements / classes, classes }, precision });
        if (flat.options.shift) continue;
        const reduction = REDUCTIONS[i % 3]!;
        const inner = shape.slice(at + 1).reduce((a, b) => a * b, 1);
        verify(
          { ...flat, shape, axis, inputs: layered(flat, classes, inner) },
          { options: { reduction }, as: withShape(shape, axis), where: config },
        );
      }
    });
  });
});

/** Rows of labels, which must come first in their row, along another axis than the last; all else is as good anywhere. */
function layered({ entry, inputs }: Sample, classes: number, inner: number): Float64Array[] {
  return inputs.map((all, k) =>
    entry.inputs[k]!.kind === 'labels'
      ? all.map((_, i) => {
          const row = Math.floor(i / (classes * inner)) * inner + (i % inner);
          return all[row * classes + (Math.floor(i / inner) % classes)]!;
        })
      : all,
  );
}

function withShape(shape: number[], axis: number) {
  return (given: { inputs: unknown[]; options: Record<string, unknown> }) => {
    const { classes: _, ...options } = given.options;
    return { ...given, options: { ...options, shape, axis } };
  };
}
