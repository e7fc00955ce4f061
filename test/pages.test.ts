/** The built package on pages as users make them: with the workers that bundlers make, in Vite's development, and from another origin with no bundler. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application } from '../bench/bundlers.js';
import { launch, missing } from './support/browser.js';
import { requireDist } from './support/child.js';
import { ISOLATING, PUBLIC, serve, type Site } from './support/serve.js';

const dist = new URL('../dist/', import.meta.url);

/** Two threads' results beside one's, in shared arrays and in ordinary ones. */
const POOL = (losskit: string, parallel: string, workerUrl = 'undefined') => `
import { backend, crossEntropy } from '${losskit}';
import { createPool } from '${parallel}';
async function compare() {
  const pool = await createPool({ threads: 2, workerUrl: ${workerUrl} });
  const same = [];
  for (const Buffer of [SharedArrayBuffer, ArrayBuffer]) {
    const memory = () => new Float32Array(new Buffer(4 * 1_200_000));
    const logits = memory(), targets = new Int32Array(1200);
    for (let i = 0; i < logits.length; i++) logits[i] = Math.sin(i);
    const one = crossEntropy.valueAndGrad(logits, targets, { grad: memory() });
    const two = await pool.valueAndGrad(crossEntropy, logits, targets, { grad: memory() });
    same.push(one.value === two.value && one.grad.every((g, i) => g === two.grad[i]));
  }
  await pool.close();
  return { same, shared: pool.shared, backend: backend() };
}
globalThis.report = compare().catch((error) => ({ thrown: String(error.stack ?? error) }));
`;
const RIGHT = { same: [true, true], shared: true, backend: 'wasm-relaxed' };
const HTML = (script: string) =>
  `<!doctype html><title>.</title><script type="module" src="${script}"></script>`;

describe.skipIf(missing)('in Chromium', () => {
  let application: Application;
  let browser: Browser;
  let server: Site;

  beforeAll(async () => {
    requireDist();
    application = new Application();
    server = await serve({
      folders: { '/': pathToFileURL(`${application.folder}/`), '/losskit/': dist },
      headers: ISOLATING,
    });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    application?.remove();
  });

  /** What the page's script found, how many workers it had, and what went wrong beside. */
  async function visit(url: string): Promise<{ report: unknown; workers: number; noise: string[] }> {
    const page = await browser.newPage();
    const noise: string[] = [];
    let workers = 0;
    page.on('worker', () => workers++);
    page.on('console', (message) => {
      if (!message.text().startsWith('[vite]')) noise.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => noise.push(`uncaught: ${error.message}`));
    page.on('response', (response) => {
      if (response.status() >= 400) noise.push(`${response.status()}: ${response.url()}`);
    });
    try {
      await page.goto(url);
      await page.waitForFunction('globalThis.report', null, { timeout: 20_000 });
      return { report: await page.evaluate('globalThis.report'), workers, noise };
    } catch (error) {
      throw new Error(`${url}: ${noise.join('\n')}`, { cause: error });
    } finally {
      await page.close();
    }
  }

  /** Writes a page, and gives its address. */
  function page(name: string, html: string): string {
    writeFileSync(join(application.folder, name), html);
    return `${server.origin}/${name}`;
  }

  const pool = POOL('losskit', 'losskit/parallel');

  test.each(['vite', 'webpack'] as const)(
    '%s makes a file of the worker, and of nothing else',
    async (bundler) => {
      const { file, code, files } = await application.bundle(bundler, pool);
      const [worker, ...more] = files.filter((path) => !file.endsWith(path));
      expect(more).toEqual([]);
      expect(code).toContain(worker!.split(/[\\/]/).pop());
      const path = file.slice(application.folder.length).replaceAll('\\', '/');
      const { report, workers, noise } = await visit(page(`${bundler}.html`, HTML(`.${path}`)));
      expect(report).toEqual(RIGHT);
      expect(workers).toBe(2);
      expect(noise).toEqual([]);
    },
  );

  test('with esbuild the worker is an entry of its own, named', async () => {
    const folder = join(application.folder, 'two');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'source.js'),
      POOL('losskit', 'losskit/parallel', "new URL('./losskit-worker.js', import.meta.url)"),
    );
    await build({
      entryPoints: {
        app: join(folder, 'source.js'),
        'losskit-worker': 'losskit/parallel/worker',
      },
      absWorkingDir: application.folder,
      outdir: folder,
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
    });
    const { report, workers, noise } = await visit(page('esbuild.html', HTML('./two/app.js')));
    expect(report).toEqual(RIGHT);
    expect(workers).toBe(2);
    expect(noise).toEqual([]);
  });

  test("Vite's development server, nothing to configure", async () => {
    const root = join(application.folder, 'dev');
    // A copy: Vite treats a package that is linked as the application's own source.
    const installed = join(root, 'node_modules/losskit');
    cpSync(dist, join(installed, 'dist'), { recursive: true });
    cpSync(new URL('../package.json', dist), join(installed, 'package.json'));
    writeFileSync(join(root, 'index.html'), HTML('./app.js'));
    writeFileSync(join(root, 'app.js'), pool);
    const vite = await createServer({
      root,
      configFile: false,
      logLevel: 'error',
      cacheDir: join(root, 'cache'),
      server: { host: '127.0.0.1', port: 0, headers: ISOLATING, fs: { strict: false }, hmr: false },
    });
    try {
      await vite.listen();
      const { port } = vite.httpServer!.address() as { port: number };
      const { report, workers } = await visit(`http://127.0.0.1:${port}/`);
      expect(report).toEqual(RIGHT);
      expect(workers).toBe(2);
    } finally {
      await vite.close();
    }
  });

  test("a policy of the workers' file alone: they run what the page has compiled", async () => {
    const policy = encodeURIComponent("script-src 'self'");
    const script = POOL(
      '/losskit/index.js',
      '/losskit/parallel/index.js',
      `"/losskit/parallel/worker.js?policy=${policy}"`,
    );
    const { report, workers, noise } = await visit(
      page('policy.html', `<!doctype html><title>.</title><script type="module">${script}</script>`),
    );
    expect(report).toEqual(RIGHT);
    expect(workers).toBe(2);
    expect(noise).toEqual([]);
  });

  describe('from another origin, without a bundler', () => {
    let cdn: Site;
    beforeAll(async () => {
      cdn = await serve({ folders: { '/dist/': dist }, headers: PUBLIC });
    });
    afterAll(() => cdn?.close());

    const inline = (name: string, script: string) =>
      page(name, `<!doctype html><title>.</title><script type="module">${script}</script>`);

    test('one file', async () => {
      const { report, noise } = await visit(
        inline(
          'min.html',
          `import { backend, crossEntropy } from '${cdn.origin}/dist/losskit.min.js';
          globalThis.report = [backend(), crossEntropy([2, 1, 0], [0])];`,
        ),
      );
      expect(report).toEqual(['wasm-relaxed', expect.closeTo(Math.log(1 + Math.exp(-1) + Math.exp(-2)), 12)]);
      expect(noise).toEqual([]);
    });

    test('a pool, with a worker that imports the one there', async () => {
      const { report, workers, noise } = await visit(
        inline(
          'pool.html',
          POOL(
            `${cdn.origin}/dist/index.js`,
            `${cdn.origin}/dist/parallel/index.js`,
            `URL.createObjectURL(new Blob(['import "${cdn.origin}/dist/parallel/worker.js"'], { type: 'text/javascript' }))`,
          ),
        ),
      );
      expect(report).toEqual(RIGHT);
      expect(workers).toBe(2);
      expect(noise).toEqual([]);
    });
  });
});
