/** Cloudflare Workers: the built package in workerd, which miniflare brings along, bundled as wrangler does it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireDist } from './support/child.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Large enough for the kernels in both precisions; the small ones are checked by hand. */
const WORKER = `
import { backend, backendError, crossEntropy, mseLoss, useBackend } from 'losskit';
export default {
  async fetch() {
    const logits = new Float32Array([2, 1, 0, 0.5, 0.5, 3]);
    const rows = new Float32Array(600).map((_, i) => logits[i % 6]);
    const targets = new Int32Array(200).map((_, i) => i % 2);
    const { value, grad } = crossEntropy.valueAndGrad(rows, targets);
    const double = mseLoss.valueAndGrad(new Float64Array(1000).fill(3), new Float64Array(1000).fill(1));
    const forced = (name) => { try { useBackend(name); return crossEntropy(rows, targets); } catch (error) { return error.message; } };
    let bytes = 'compiles';
    try { new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); } catch (error) { bytes = error.message; }
    return Response.json({
      backend: backend(), error: backendError()?.message ?? null, bytes,
      value, tiny: crossEntropy(logits, [0, 1]), grad: [...grad.subarray(0, 6)].map((x) => x * 200),
      double: [double.value, double.grad[0], double.grad[999]],
      forced: Object.fromEntries(['wasm-relaxed', 'wasm', 'js'].map((name) => [name, forced(name)])),
    });
  },
};`;

interface Report {
  backend: string;
  error: string | null;
  bytes: string;
  value: number;
  tiny: number;
  grad: number[];
  double: number[];
  forced: Record<string, number | string>;
}

let folder: string;
beforeAll(() => {
  requireDist();
  folder = mkdtempSync(join(tmpdir(), 'losskit-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/losskit'), 'junction');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the worker answers, its package resolved under these conditions; and the `.wasm` files that became modules beside it. */
async function answer(conditions: string[]): Promise<{ report: Report; compiled: string[] }> {
  const wasm = new Map<string, string>();
  const beside: Plugin = {
    name: 'wasm modules beside the script',
    setup(esbuild) {
      esbuild.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
        wasm.set(basename(path), join(resolveDir, path));
        return { path: `./${basename(path)}`, external: true };
      });
    },
  };
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: folder },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions,
    plugins: [beside],
  });
  const miniflare = new Miniflare({
    compatibilityDate: '2026-04-01',
    modulesRoot: '/',
    modules: [
      { type: 'ESModule', path: '/worker.js', contents: outputFiles[0]!.text },
      ...[...wasm].map(([name, file]) => ({
        type: 'CompiledWasm' as const,
        path: `/${name}`,
        contents: readFileSync(file),
      })),
    ],
  });
  try {
    const response = await miniflare.dispatchFetch('http://worker/');
    expect(response.status, await response.clone().text()).toBe(200);
    return { report: (await response.json()) as Report, compiled: [...wasm.keys()].sort() };
  } finally {
    await miniflare.dispose();
  }
}

/** log(e² + e + 1) − 2 and log(2√e + e³) − ½, averaged. */
const VALUE = (Math.log(Math.exp(2) + Math.E + 1) - 2 + Math.log(2 * Math.exp(0.5) + Math.exp(3)) - 0.5) / 2;

function expectValues(report: Report): void {
  expect(report.bytes).toMatch(/disallowed|not allowed|blocked/i);
  expect(report.value).toBeCloseTo(VALUE, 6);
  expect(report.tiny).toBeCloseTo(VALUE, 6);
  const rows = [
    [2, 1, 0],
    [0.5, 0.5, 3],
  ].map((row) => row.map(Math.exp));
  const parts = rows.flatMap((row, y) =>
    row.map((e, c) => e / row.reduce((a, b) => a + b) - (c === y ? 1 : 0)),
  );
  parts.forEach((part, i) => expect(report.grad[i]).toBeCloseTo(part, 5));
  expect(report.double).toEqual([4, 0.004, 0.004]);
  expect(report.forced['js']).toBeCloseTo(VALUE, 6);
}

test('under the condition workerd the kernels run, relaxed ones too, with nothing to configure', async () => {
  const { report, compiled } = await answer(['workerd', 'worker', 'browser']);
  expectValues(report);
  expect(report).toMatchObject({ backend: 'wasm-relaxed', error: null });
  expect(report.forced['wasm-relaxed']).toBe(report.value);
  expect(report.forced['wasm']).toBeCloseTo(VALUE, 6);
  expect(compiled).toEqual(['float32-relaxed.wasm', 'float32.wasm', 'float64-relaxed.wasm', 'float64.wasm']);
});

test('without the condition: the TypeScript loops, and the reason', async () => {
  const { report, compiled } = await answer(['worker', 'browser']);
  expectValues(report);
  expect(report.backend).toBe('js');
  expect(report.error).toMatch(/disallowed|not allowed|blocked/i);
  expect(report.forced['wasm']).toMatch(/cannot run here/);
  expect(compiled).toEqual([]);
});
