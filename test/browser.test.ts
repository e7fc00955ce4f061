/**
 * The built package in a real browser, Debian's Chromium, served as files without a bundler: with WebAssembly, under a
 * content security policy that forbids it, under one that allows it, with a module handed over, and with a pool of threads.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADVICE, launch, missing } from './support/browser.js';
import { requireDist } from './support/child.js';

/** Runs in the page as a script of its own: what devtools evaluate is exempt from the policy. */
const SCRIPT = (before: string) => `
import { backend, backendError, crossEntropy, initSync, mseLoss, useBackend } from '/dist/index.js';
const report = {};
try {
  ${before}
  const logits = new Float32Array([2, 1, 0, 0.5, 0.5, 3]);
  const targets = new Int32Array([0, 1]);
  const small = crossEntropy.valueAndGrad(logits, targets);
  const ones = new Float32Array(100_000).fill(1);
  const large = mseLoss.valueAndGrad(new Float64Array(100_000).fill(3), new Float64Array(ones));
  Object.assign(report, {
    backend: backend(),
    error: backendError()?.message ?? null,
    value: crossEntropy(logits, targets),
    fused: small.value,
    grad: [...small.grad],
    half: mseLoss(ones, new Float32Array(100_000).fill(0.5)),
    large: [large.value, large.grad[0], large.grad[99_999]],
  });
  try { useBackend('wasm-relaxed'); useBackend('wasm'); report.forced = 'ran'; } catch (error) { report.forced = error.message; }
} catch (error) {
  report.thrown = String(error.stack ?? error);
}
const found = document.createElement('pre');
found.textContent = JSON.stringify(report);
document.body.append(found);
`;

const SCRIPTS: Record<string, string> = {
  plain: SCRIPT(''),
  initSync: SCRIPT(`
  initSync({ float32: await (await fetch('/dist/float32.wasm')).arrayBuffer() });
  report.given = true;`),
  compiled: SCRIPT(`
  const [float32, float64] = await Promise.all(
    ['float32', 'float64'].map((name) => WebAssembly.compileStreaming(fetch('/dist/' + name + '.wasm'))),
  );
  initSync({ float32, float64 });
  report.given = true;`),
};

/** A pool in the page: its results beside one thread's, in shared memory where there is any. */
SCRIPTS['pool'] = `
import { backend, binaryCrossEntropyWithLogits, crossEntropy, linearCrossEntropy, mseLoss } from '/dist/index.js';
import { createPool } from '/dist/parallel/index.js';
const report = {};
try {
  const memory = (n) => new Float32Array(typeof SharedArrayBuffer === 'undefined' ? n : new SharedArrayBuffer(4 * n));
  const made = (n) => memory(n).map((_, i) => Math.sin(i));
  const equal = (a, b) => a.every((x, i) => Object.is(x, b[i]));
  const pool = await createPool({ threads: 2 });
  Object.assign(report, { shared: pool.shared, reason: pool.reason ?? null, backend: backend(), same: [] });
  const n = 1_200_000, x = memory(n), ordinary = new Float32Array(n), ones = memory(n), targets = new Int32Array(1200);
  for (let i = 0; i < x.length; i++) ordinary[i] = x[i] = Math.sin(i);
  for (const logits of [x, ordinary]) {
    for (const [loss, ...args] of [[crossEntropy, logits, targets], [binaryCrossEntropyWithLogits, logits, ones]]) {
      const want = loss.valueAndGrad(...args);
      const got = await pool.valueAndGrad(loss, ...args, { grad: logits === x ? memory(n) : new Float32Array(n) });
      report.same.push(got.value === want.value && equal(got.grad, want.grad));
    }
  }
  const hidden = new Float32Array(600 * 8).fill(0.5), head = new Float32Array(200 * 8).fill(0.1), ids = new Int32Array(600);
  report.same.push((await pool.value(linearCrossEntropy, hidden, head, ids)) === linearCrossEntropy(hidden, head, ids));
  try { pool.valueSync(mseLoss, x, x); report.blocking = 'ran'; } catch (error) { report.blocking = error.message; }
  await pool.close();
  report.closed = await pool.value(mseLoss, x, x).catch((error) => error.message);
} catch (error) {
  report.thrown = String(error.stack ?? error);
}
const found = document.createElement('pre');
found.textContent = JSON.stringify(report);
document.body.append(found);
`;

const STRICT = "default-src 'self'";
const ALLOWING = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

interface Report {
  backend: string;
  error: string | null;
  forced: string;
  value: number;
  fused: number;
  grad: number[];
  half: number;
  large: number[];
  given?: true;
  thrown?: string;
}

interface PoolReport {
  shared: boolean;
  reason: string | null;
  backend: string;
  same: boolean[];
  blocking: string;
  closed: string;
  thrown?: string;
}

/** What gives a page shared memory, on it and on its workers' files. */
const ISOLATING = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** /page/<script>?<policy>: the page; /script/<name>.js: its script; /dist/…: the package; all of it with these headers. */
async function serve(headers: Record<string, string> = {}): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, kind, name = ''] = /^\/(page|script|dist)\/([\w/.]+)$/.exec(url.pathname) ?? [];
    const send = (status: number, type: string, body: string | Buffer) => {
      const policy = url.searchParams.get('policy');
      response.writeHead(status, {
        'content-type': type,
        ...headers,
        ...(policy ? { 'content-security-policy': policy } : {}),
      });
      response.end(body);
    };
    if (kind === 'page') {
      send(
        200,
        'text/html',
        `<!doctype html><title>.</title><script type="module" src="/script/${name}.js"></script>`,
      );
    } else if (kind === 'script') {
      send(200, 'text/javascript', SCRIPTS[name.replace('.js', '')] ?? '');
    } else if (kind === 'dist' && !name.includes('..')) {
      readFile(new URL(`../dist/${name}`, import.meta.url)).then(
        (body) => send(200, TYPES[extname(name)] ?? 'text/plain', body),
        () => send(404, 'text/plain', ''),
      );
    } else {
      send(url.pathname === '/favicon.ico' ? 204 : 404, 'text/plain', '');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

if (missing) console.warn(`The browser is not tested: ${ADVICE}`);

test('Chromium is there', ({ skip }) => {
  skip(missing && !process.env['CI'], ADVICE);
  expect(missing, ADVICE).toBe(false);
});

describe.skipIf(missing)('in Chromium', () => {
  let server: Server;
  let isolating: Server;
  let browser: Browser;

  beforeAll(async () => {
    requireDist();
    server = await serve();
    isolating = await serve(ISOLATING);
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    isolating?.close();
  });

  /** What the page's script found, and whatever the page printed or threw outside of it. */
  async function visit<R = Report>(
    script: string,
    policy: string,
    from = server,
  ): Promise<{ report: R; noise: string[] }> {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const noise: string[] = [];
      page.on('console', (message) => noise.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => noise.push(`uncaught: ${error.message}`));
      page.on('requestfailed', (request) => noise.push(`failed: ${request.url()}`));
      const { port } = from.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/page/${script}?policy=${encodeURIComponent(policy)}`);
      // No waitForFunction: it is an eval, which the policies forbid.
      const found = await page.locator('pre').textContent({ timeout: 20_000 }).catch(String);
      expect(found, noise.join('\n')).toMatch(/^{/);
      return { report: JSON.parse(found!) as R, noise };
    } finally {
      await context.close();
    }
  }

  /** log(e² + e + 1) − 2 and log(2√e + e³) − ½, averaged. */
  const VALUE =
    (Math.log(Math.exp(2) + Math.E + 1) - 2 + Math.log(2 * Math.exp(0.5) + Math.exp(3)) - 0.5) / 2;

  function expectValues(report: Report): void {
    expect(report.thrown).toBeUndefined();
    expect(report.value).toBeCloseTo(VALUE, 6);
    expect(report.fused).toBe(report.value);
    const parts = [0, 0.5].flatMap((_, row) => {
      const x = [
        [2, 1, 0],
        [0.5, 0.5, 3],
      ][row]!.map(Math.exp);
      const sum = x[0]! + x[1]! + x[2]!;
      return x.map((e, c) => (e / sum - (c === row ? 1 : 0)) / 2);
    });
    expect(report.grad).toHaveLength(6);
    for (const [i, part] of parts.entries()) expect(report.grad[i]).toBeCloseTo(part, 6);
    expect(report.half).toBe(0.25);
    expect(report.large).toEqual([4, 4e-5, 4e-5]);
  }

  test('WebAssembly runs, with no await and no configuration', async () => {
    const { report, noise } = await visit('plain', '');
    expectValues(report);
    expect(report).toMatchObject({ backend: 'wasm-relaxed', error: null, forced: 'ran' });
    expect(noise).toEqual([]);
  });

  test("a policy with 'wasm-unsafe-eval' is enough", async () => {
    const { report, noise } = await visit('plain', ALLOWING);
    expectValues(report);
    expect(report).toMatchObject({ backend: 'wasm-relaxed', error: null, forced: 'ran' });
    expect(noise).toEqual([]);
  });

  test("a policy without 'wasm-unsafe-eval': the TypeScript loops, in silence", async () => {
    const { report, noise } = await visit('plain', STRICT);
    expectValues(report);
    expect(report.backend).toBe('js');
    expect(report.error).toMatch(/content security policy|unsafe-eval/i);
    expect(report.forced).toMatch(/wasm/);
    expect(report.forced).not.toBe('ran');
    expect(noise).toEqual([]);
  });

  test.each(['initSync', 'compiled'])('modules that the page fetched: %s', async (script) => {
    const { report, noise } = await visit(script, '');
    expectValues(report);
    expect(report).toMatchObject({ given: true, backend: 'wasm-relaxed', error: null, forced: 'ran' });
    expect(noise).toEqual([]);
  });

  test('a pool on an isolated page shares memory', async () => {
    const { report, noise } = await visit<PoolReport>('pool', '', isolating);
    expect(report.thrown).toBeUndefined();
    expect(report).toMatchObject({ shared: true, reason: null, same: [true, true, true, true, true] });
    expect(report.blocking).toMatch(/may not block/);
    expect(report.closed).toMatch(/closed/);
    expect(noise).toEqual([]);
  });

  test('a pool on another page works by messages, and says so', async () => {
    const { report, noise } = await visit<PoolReport>('pool', '');
    expect(report.thrown).toBeUndefined();
    expect(report).toMatchObject({ shared: false, same: [true, true, true, true, true] });
    expect(report.reason).toMatch(/Cross-Origin-Opener-Policy/);
    expect(report.blocking).toMatch(/no shared memory/);
    expect(noise).toEqual([]);
  });

  test('a pool under a policy without WebAssembly runs the TypeScript loops', async () => {
    const { report } = await visit<PoolReport>('pool', STRICT, isolating);
    expect(report).toMatchObject({ backend: 'js', shared: true, same: [true, true, true, true, true] });
  });

  test('a module handed over does not get round the policy: the loops, and the reason', async () => {
    const { report } = await visit('initSync', STRICT);
    expectValues(report);
    expect(report.backend).toBe('js');
    expect(report.error).toMatch(/content security policy|unsafe-eval/i);
  });
});
