/**
 * The built package in three real browser engines, served as files without a bundler: PyTorch's cases on every backend, and
 * a page with WebAssembly, under a content security policy that forbids it, under one that allows it, with a module handed
 * over, and with a pool of threads.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PageName, servePages } from './engines/bundle.js';
import { engines, type Running } from './engines/index.js';
import type { GoldenReport } from './engines/pages/golden.js';
import type { PoolReport } from './engines/pages/pool.js';
import type { ValuesReport } from './engines/pages/values.js';
import { ISOLATING, type Site } from './support/serve.js';
import { requireDist } from './support/child.js';
import { golden } from './support/goldenFile.js';

const STRICT = "default-src 'self'";
const ALLOWING = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** What each engine has. WebKitGTK 2.50 has no relaxed SIMD, and no SharedArrayBuffer even on an isolated page. */
const HAS: Record<string, { backends: readonly string[]; sharedMemory: boolean }> = {
  Chromium: { backends: ['wasm-relaxed', 'wasm', 'js'], sharedMemory: true },
  Firefox: { backends: ['wasm-relaxed', 'wasm', 'js'], sharedMemory: true },
  WebKitGTK: { backends: ['wasm', 'js'], sharedMemory: false },
};

/** log(e² + e + 1) − 2 and log(2√e + e³) − ½, averaged. */
const VALUE = (Math.log(Math.exp(2) + Math.E + 1) - 2 + Math.log(2 * Math.exp(0.5) + Math.exp(3)) - 0.5) / 2;

function expectValues(report: ValuesReport): void {
  expect(report.thrown).toBeUndefined();
  expect(report.value).toBeCloseTo(VALUE, 6);
  expect(report.fused).toBe(report.value);
  const parts = [
    [2, 1, 0],
    [0.5, 0.5, 3],
  ].flatMap((row, target) => {
    const e = row.map(Math.exp);
    const sum = e[0]! + e[1]! + e[2]!;
    return e.map((each, c) => (each / sum - (c === target ? 1 : 0)) / 2);
  });
  expect(report.grad).toHaveLength(6);
  for (const [i, part] of parts.entries()) expect(report.grad[i]).toBeCloseTo(part, 6);
  expect(report.half).toBe(0.25);
  expect(report.large).toEqual([4, 4e-5, 4e-5]);
}

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s', (name, engine) => {
  const { missing } = engine;
  const { backends, sharedMemory } = HAS[name]!;
  const [auto] = backends;

  if (missing) console.warn(`${name} is not tested: ${missing}`);

  test('is there', ({ skip }) => {
    skip(missing !== null && !process.env['CI'], missing ?? '');
    expect(missing).toBeNull();
  });

  describe.skipIf(missing)('the package', () => {
    let plain: Site;
    let isolated: Site;
    let running: Running;

    beforeAll(async () => {
      requireDist();
      [plain, isolated] = (await servePages([{}, ISOLATING])) as [Site, Site];
      running = await engine.launch();
    });

    afterAll(async () => {
      await running?.close();
      await Promise.all([plain?.close(), isolated?.close()]);
    });

    /** Firefox prints that a policy has refused WebAssembly whatever the page does about it; nothing but trying tells a page. */
    const own = (noise: readonly string[], policy?: string) =>
      noise.filter((line) => policy !== STRICT || !/page’s settings blocked WebAssembly/.test(line));

    interface Visit {
      policy?: string;
      given?: string;
      site?: Site;
      milliseconds?: number;
    }

    /** What the page found; it has printed nothing, and thrown nothing that was not caught. */
    async function visit<R>(
      page: PageName,
      { policy, given, site = plain, milliseconds }: Visit = {},
    ): Promise<R> {
      const query = new URLSearchParams({ ...(policy ? { policy } : {}), ...(given ? { given } : {}) });
      const opened = await running.open(`${site.origin}/${page}.html?${query}`);
      try {
        const found = await opened.textOf('pre', milliseconds).catch(String);
        expect(own(await opened.noise(), policy)).toEqual([]);
        expect(found).toMatch(/^{/);
        return JSON.parse(found) as R;
      } finally {
        await opened.close();
      }
    }

    test('what a page prints and throws is heard', async () => {
      const page = await running.open(`${plain.origin}/loud.html`);
      await page.textOf('pre');
      const noise = (await page.noise()).join('\n');
      await page.close();
      for (const each of [
        'a warning',
        'an error',
        'uncaught: .*thrown',
        'unhandled: .*rejected',
        '/none.png',
      ])
        expect(noise).toMatch(new RegExp(each));
    });

    /** WebAssembly runs in every build that the engine has, and nothing else. */
    function expectAll(report: ValuesReport): void {
      expectValues(report);
      expect(report).toMatchObject({ backend: auto, error: null });
      for (const [backend, outcome] of Object.entries(report.forced)) {
        if (backends.includes(backend)) expect(outcome).toBe('ran');
        else expect(outcome).toMatch(`'${backend}' cannot run here: CompileError`);
      }
    }

    /** The TypeScript loops run, and it is said why. */
    function expectRefused(report: ValuesReport): void {
      expectValues(report);
      expect(report.backend).toBe('js');
      expect(report.error).toMatch(/content security policy|unsafe-eval|CSP/i);
    }

    test('WebAssembly runs, with no await and no configuration', async () => {
      expectAll(await visit('values'));
    });

    test("a policy with 'wasm-unsafe-eval' is enough", async () => {
      expectAll(await visit('values', { policy: ALLOWING }));
    });

    test("a policy without 'wasm-unsafe-eval': the TypeScript loops, in silence", async () => {
      const report = await visit<ValuesReport>('values', { policy: STRICT });
      expectRefused(report);
      expect(report.forced['wasm-relaxed']).toMatch(/'wasm-relaxed' cannot run here/);
      expect(report.forced.wasm).toMatch(/'wasm' cannot run here/);
      expect(report.forced.js).toBe('ran');
    });

    test.each(['bytes', 'compiled'])('modules that the page fetched: %s', async (given) => {
      const report = await visit<ValuesReport>('values', { given });
      expect(report.given).toBe(given);
      expectAll(report);
    });

    test('a module handed over does not get round the policy: the loops, and the reason', async () => {
      expectRefused(await visit('values', { given: 'bytes', policy: STRICT }));
    });

    /** A pool's results are one thread's, and it says what it is; without shared memory also `why`. */
    function expectPool(
      report: PoolReport,
      shared: boolean,
      why = /this engine has no SharedArrayBuffer/,
    ): void {
      expect(report.thrown).toBeUndefined();
      expect(report).toMatchObject({ shared, same: [true, true, true, true, true] });
      if (shared) expect(report.reason).toBeNull();
      else expect(report.reason).toMatch(why);
      expect(report.blocking).toMatch(shared ? /may not block/ : /no shared memory/);
      expect(report.closed).toMatch(/closed/);
    }

    test(`a pool on an isolated page ${sharedMemory ? 'shares memory' : 'has no memory to share'}`, async () => {
      const report = await visit<PoolReport>('pool', { site: isolated });
      expect(report.memory).toBe(sharedMemory);
      expectPool(report, sharedMemory);
      expect(report.backend).toBe(auto);
    });

    test('a pool on another page works by messages, and says so', async () => {
      expectPool(await visit('pool'), false, /Cross-Origin-Opener-Policy/);
    });

    test('a pool under a policy without WebAssembly runs the TypeScript loops', async () => {
      const report = await visit<PoolReport>('pool', { policy: STRICT, site: isolated });
      expectPool(report, sharedMemory);
      expect(report.backend).toBe('js');
    });

    test('the golden cases, on every backend', async () => {
      const report = await visit<GoldenReport>('golden', { milliseconds: 110_000 });
      expect(report.thrown).toBeUndefined();
      const run = golden.cases.length + golden.large.length;
      expect(report.backends).toEqual(backends.map((backend) => ({ backend, run, failed: 0, failures: [] })));
    });
  });
});
