/** The demo as it is built, in three engines, by clicks and keys: the explorer, a training, a benchmark; and what the package computes under its policy. */
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './engines/engine.js';
import { engines, type Page, type Running } from './engines/index.js';
import { serveListened } from './engines/server.js';
import { buildDemo, type BuiltDemo } from './support/demoBuild.js';
import { ISOLATING, type Site } from './support/serve.js';

const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'";
/** What was seen, to look at. */
const PICTURES = new URL('../build/demo-screenshots/', import.meta.url);

let demo: BuiltDemo;
let site: Site;
beforeAll(async () => {
  demo = await buildDemo();
  site = await serveListened({ folders: { '/': pathToFileURL(`${demo.folder}/`) }, headers: ISOLATING });
  mkdirSync(PICTURES, { recursive: true });
}, 240_000);
afterAll(async () => {
  await site?.close();
  demo?.remove();
});

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s', (name, engine) => {
  const { missing } = engine;
  let running: Running;
  beforeAll(async () => {
    if (!missing) running = await engine.launch();
  }, 240_000);
  afterAll(() => running?.close());

  const open = (query: string) =>
    running.open(`${site.origin}/?${query}&policy=${encodeURIComponent(POLICY)}`);
  const number = async (page: Page, what: string) =>
    Number((await page.textOf(`[data-read="${what}"]`)).replace('−', '-'));
  const state = (page: Page, view: string, wanted: string) =>
    page.textOf(`.view.${view}[data-state=${wanted}]`, 150_000);
  const picture = (page: Page, what: string) =>
    page.screenshot(new URL(`${name.toLowerCase()}-${what}.png`, PICTURES).pathname);

  test.skipIf(missing)(
    'the explorer: a loss by a click, its options and its marker by keys',
    async () => {
      const page = await open('view=explore&loss=crossEntropy&values=2,-1,0.5&class=2&select=0');
      await page.setViewport(1280, 800);
      await page.textOf('.plots .uplot');
      const loss = Math.log(Math.exp(2) + Math.exp(-1) + Math.exp(0.5)) - 0.5;
      expect(await number(page, 'loss')).toBeCloseTo(loss, 3);
      await page.press('ArrowRight', '[data-name=labelSmoothing] input[type=range]');
      expect(await number(page, 'loss')).not.toBe(loss);
      await picture(page, 'rows');

      await page.click('.losses a[href$="loss=sigmoidFocalLoss"]');
      expect(await page.textOf('h2')).toBe('sigmoidFocalLoss');
      const [before, gradient] = [await number(page, 'loss'), await number(page, 'gradient')];
      for (let i = 0; i < 5; i++) await page.press('ArrowLeft', '[data-name=gamma] input[type=range]');
      expect(await number(page, 'loss')).toBeGreaterThan(before);
      expect(await page.evaluate<boolean>('!!document.querySelector(".key .ghost")')).toBe(true);
      const moved = await number(page, 'loss');
      await page.press('ArrowRight', '.marker[role=slider]');
      expect(await number(page, 'loss')).toBeLessThan(moved);
      expect(await number(page, 'gradient')).not.toBe(gradient);
      await eventually('the address', async () =>
        (await page.evaluate<string>('location.search')).includes('gamma=') ? true : null,
      );
      await picture(page, 'points');

      await page.click('#theme');
      await page.setViewport(360, 740);
      await eventually(
        'a page no wider than the screen',
        async () =>
          (await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')) || null,
      );
      await picture(page, 'phone');
      expect(await page.noise()).toEqual([]);
      await page.close();
    },
    240_000,
  );

  test.skipIf(missing)(
    'training finds more of the rare class under a greater weight',
    async () => {
      const page = await open('view=training');
      await page.setViewport(1280, 800);
      await state(page, 'training', 'done');
      const recall = async () => parseFloat(await page.textOf('[data-metric=recall]'));
      const before = await recall();
      await page.press('End', '[data-name=posWeight] input[type=range]');
      await eventually('another recall', async () => ((await recall()) > before + 20 ? true : null));
      await state(page, 'training', 'done');
      await picture(page, 'training');
      expect(await page.noise()).toEqual([]);
      await page.close();
    },
    240_000,
  );

  test.skipIf(missing)(
    'the benchmark runs to its end, and nothing is wrong',
    async () => {
      const page = await open('view=bench&loss=mseLoss');
      await page.setViewport(1280, 800);
      // An engine may have no shared memory in a page that is isolated.
      const shared = await page.evaluate<boolean>('typeof SharedArrayBuffer !== "undefined"');
      expect(await page.textOf('.machine')).toContain(`Shared memory${shared ? 'yes' : 'no'}`);
      await page.click('[data-name=start]');
      await state(page, 'bench', 'done');
      expect(
        await page.evaluate<number>('document.querySelectorAll(".view.bench tr[data-verified=true]").length'),
      ).toBeGreaterThan(0);
      expect(
        await page.evaluate<number>(
          'document.querySelectorAll(".view.bench tr[data-verified=false]").length',
        ),
      ).toBe(0);
      expect(
        await page.evaluate<number>('document.querySelectorAll(".view.bench svg rect").length'),
      ).toBeGreaterThan(0);
      const absent = await page.textOf('.absent');
      if (shared) expect(absent).not.toContain('shared');
      else expect(absent).toContain('this browser has no SharedArrayBuffer');
      await picture(page, 'bench');
      expect(await page.noise()).toEqual([]);
      await page.close();
    },
    240_000,
  );
});
