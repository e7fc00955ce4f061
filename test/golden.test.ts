/**
 * PyTorch's cases on every backend of this Node: the value and gradient of every golden case, as test/support/goldenRun.ts
 * puts and judges them. test/engines.test.ts does the same in browsers.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { ourName } from './support/golden.js';
import { golden } from './support/goldenFile.js';
import { type Large, type Note, prepare, runCase, runLarge } from './support/goldenRun.js';
import { boundsOf } from './support/judge.js';
import { BACKENDS, force, functionOf } from './support/library.js';

/** The worst error by loss, for the summary at the end. */
const worst = new Map<string, { float32: number; float64: number }>();

const note: Note = (name, precision, share) => {
  const entry = worst.get(name) ?? { float32: 0, float64: 0 };
  if (Number.isFinite(share)) entry[precision] = Math.max(entry[precision], share);
  worst.set(name, entry);
};

afterAll(() => {
  const rows = [...worst].map(([name, { float32, float64 }]) => {
    const bounds = boundsOf(name);
    const k = (float32 * bounds.float32).toFixed(2).padStart(6);
    const scaled = (float64 * bounds.float64).toExponential(1);
    return `  ${name.padEnd(36)} K ${k} of ${bounds.float32}   scaled ${scaled} of ${bounds.float64}`;
  });
  console.log(`golden cases, worst of all backends\n${rows.join('\n')}`);
});

const losses = [...new Set(golden.cases.map(ourName))];

describe.each(BACKENDS)('%s', (backend) => {
  test.each(losses)('%s', (name) => {
    force(backend);
    const entries = golden.cases.filter((entry) => ourName(entry) === name);
    expect(entries.flatMap((entry) => runCase(functionOf(name), entry, note))).toEqual([]);
  });
});

describe.each(golden.large.map((entry) => entry.id))('%s, computed inputs', (id) => {
  let large: Large;
  test.each(BACKENDS)('%s', { timeout: 60_000 }, (backend) => {
    large ??= prepare(golden.large.find((entry) => entry.id === id)!);
    force(backend);
    expect(runLarge(functionOf(large.name), large, note)).toEqual([]);
  });
});
