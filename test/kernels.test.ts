/**
 * The lists that name things by hand or by place: threads are told of kernels in words, so each is found by its name and no two share one; each
 * embedded module has a place of its own, and all exports that its kernels call.
 */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RowKernel } from '../src/kernels/kernel.js';
import { compiled } from '../src/kernels/wasm/builds.js';
import type { AnyKernel } from '../src/parallel/families/family.js';
import { kernelNamed } from '../src/parallel/kernels.js';
import { modules } from './support/modules.js';

const directory = new URL('../src/kernels/modules/', import.meta.url);
const kernels = (
  await Promise.all(
    readdirSync(directory).map(
      async (file) =>
        Object.entries(
          (await import(new URL(file, directory).href)) as Record<string, NonNullable<AnyKernel>>,
        ) as [string, NonNullable<AnyKernel>][],
    ),
  )
).flat();

test('threads find every kernel by its name', () => {
  expect(kernels.length).toBeGreaterThan(30);
  expect(kernelNamed(null)).toBeNull();
  for (const [exported, kernel] of kernels) {
    expect(kernel.name).toBe(exported);
    // The very one: another file's of the same name would be found instead.
    expect(kernelNamed(kernel.name), `${kernel.name} by its name: src/parallel/kernels.ts`).toBe(kernel);
  }
  expect(() => kernelNamed('none')).toThrow(/no kernel none/);
});

test('every embedded module has a place of its own', () => {
  const places = Object.values(modules).map(({ index }) => index);
  expect(places.sort((a, b) => a - b)).toEqual(places.map((_, i) => i));
});

test('a kernel has its exports in its module', () => {
  for (const [, kernel] of kernels) {
    if (!kernel.module) continue;
    const exports = WebAssembly.Module.exports(compiled(kernel.module, 'float32', 'fixed')).map(
      ({ name }) => name,
    );
    const { columns, wholeRows, mostClasses } = kernel as RowKernel;
    const parts =
      columns === undefined
        ? ['']
        : ['Rows', ...(columns ? ['Columns'] : []), ...(wholeRows || mostClasses ? [] : ['Begin', 'Phase'])];
    expect(exports, kernel.name).toEqual(expect.arrayContaining(parts.map((part) => kernel.name + part)));
    if ('exportOf' in kernel && kernel.exportOf)
      for (const first of [0, 1])
        for (const second of [0, 2]) expect(exports).toContain(kernel.exportOf([first, second]));
  }
});
