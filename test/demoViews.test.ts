/** The demo's training and benchmark views as they are built, in Chromium: keys, the address, themes, a phone's screen, and nothing printed. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STEPS } from '../demo/training/trainer.js';
import { launch, missing } from './support/browser.js';
import { buildDemo, type BuiltDemo, CONFIG } from './support/demoBuild.js';

// test/engines.test.ts says what to do where Chromium is missing, and fails under CI.
describe.skipIf(missing)('the views of the demo', () => {
  let demo: BuiltDemo;
  let server: PreviewServer;
  let browser: Browser;

  beforeAll(async () => {
    demo = await buildDemo();
    server = await preview({
      configFile: CONFIG,
      logLevel: 'error',
      build: { outDir: demo.folder },
      preview: { port: 0, host: '127.0.0.1' },
    });
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    demo?.remove();
  });

  async function visit(query: string, options: Parameters<Browser['newPage']>[0] = {}) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
    const noise: string[] = [];
    page.on('console', (message) => noise.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => noise.push(`uncaught: ${error.message}`));
    await page.goto(`${server.resolvedUrls!.local[0]}${query}`);
    return { page, noise };
  }

  const state = (page: Page, view: string, wanted: string) =>
    page.waitForSelector(`.view.${view}[data-state=${wanted}]`, { timeout: 50_000 });
  const named = (page: Page, name: string) => page.locator(`[data-name=${name}]`);
  const percent = async (page: Page, metric: string) =>
    parseFloat((await page.locator(`[data-metric=${metric}]`).textContent())!);
  const pixels = (page: Page) =>
    page.locator('canvas.picture').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

  async function accessible(page: Page): Promise<void> {
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(grave.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
  }

  const noWiderThanTheScreen = async (page: Page) =>
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );

  test('training starts by itself; a key on the slider moves the boundary and finds more of the rare class', async () => {
    const { page, noise } = await visit('?view=training');
    await state(page, 'training', 'running');
    await state(page, 'training', 'done');
    const [recall, picture] = [await percent(page, 'recall'), await pixels(page)];
    const slider = named(page, 'posWeight').locator('input[type=range]');
    await slider.focus();
    await page.keyboard.press('End');
    await state(page, 'training', 'running');
    await state(page, 'training', 'done');
    expect(await percent(page, 'recall')).toBeGreaterThan(recall + 20);
    expect(await percent(page, 'precision')).toBeLessThan(60);
    expect(await pixels(page)).not.toBe(picture);
    expect(await page.locator('canvas.picture').getAttribute('aria-label')).toContain(
      `before the last change it found ${recall.toFixed(1)} %`,
    );
    await page.waitForURL(/posWeight=30/);
    await accessible(page);
    expect(noise).toEqual([]);
    await page.close();
  });

  test('training pauses, steps, resets and goes on; the address and the theme are followed', async () => {
    const { page, noise } = await visit(
      '?view=training&loss=sigmoidFocalLoss&alpha=0.9&data=ring&share=0.2',
      {
        reducedMotion: 'reduce',
        colorScheme: 'dark',
      },
    );
    // Who wants less motion starts it.
    await state(page, 'training', 'paused');
    const count = page.locator('.count');
    expect(await count.textContent()).toBe(`step 0 of ${STEPS}`);
    expect(await named(page, 'alpha').locator('input[type=number]').inputValue()).toBe('0.9');
    await named(page, 'step').click();
    expect(await count.textContent()).toBe(`step 1 of ${STEPS}`);
    await named(page, 'start').click();
    await state(page, 'training', 'running');
    await named(page, 'start').click();
    await state(page, 'training', 'paused');
    const paused = await count.textContent();
    await page.waitForTimeout(150);
    expect(await count.textContent()).toBe(paused);
    await named(page, 'reset').click();
    expect(await count.textContent()).toBe(`step 0 of ${STEPS}`);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await state(page, 'training', 'done');
    const dark = await pixels(page);
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(() => pixels(page)).not.toBe(dark);
    await accessible(page);
    expect(noise).toEqual([]);
    await page.close();
  });

  test('training waits while the tab is hidden', async () => {
    const { page, noise } = await visit('?view=training');
    const hide = (hidden: boolean) =>
      page.evaluate((to) => {
        Object.defineProperty(document, 'hidden', { value: to, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        return document.querySelector('.count')!.textContent;
      }, hidden);
    await state(page, 'training', 'running');
    const hidden = await hide(true);
    await page.waitForTimeout(200);
    expect(await page.locator('.count').textContent()).toBe(hidden);
    expect(hidden).not.toBe(`step ${STEPS} of ${STEPS}`);
    await hide(false);
    await state(page, 'training', 'done');
    expect(noise).toEqual([]);
    await page.close();
  });

  test('the benchmark runs to its end, and every row is verified', async () => {
    const { page, noise } = await visit('?view=bench&loss=mseLoss');
    await state(page, 'bench', 'ready');
    expect(await page.locator('.machine').textContent()).toContain('cross-origin isolated');
    await named(page, 'start').click();
    await state(page, 'bench', 'done');
    const rows = await page.locator('.bench tbody tr').all();
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(await row.getAttribute('data-verified')).toBe('true');
    expect(await page.locator('.bench thead th').allTextContents()).toEqual([
      'case',
      'wasm-relaxed',
      'wasm',
      'wasm, arena',
      '2 threads',
      '2 threads, shared',
      'js',
      'plain loops',
    ]);
    expect(await page.locator('.chart svg rect.ours').count()).toBe(12);
    expect(await page.locator('.said').textContent()).toBe('2 cases done, all ways verified.');
    await page.evaluate(() => {
      const kept = (text: string) => ((document.body.dataset['copied'] = text), Promise.resolve());
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: kept } });
    });
    await page.getByRole('button', { name: 'Copy results as JSON' }).click();
    const copied = JSON.parse((await page.locator('body').getAttribute('data-copied'))!);
    expect(copied).toMatchObject({ quick: true, isolated: true, missing: {} });
    expect(copied.cases).toHaveLength(2);
    await accessible(page);
    expect(noise).toEqual([]);
    await page.close();
  });

  test('the benchmark stops where it is told to, and losskit chooses its backend again', async () => {
    const { page, noise } = await visit('?view=bench&effort=thorough', { colorScheme: 'dark' });
    await state(page, 'bench', 'ready');
    await named(page, 'start').click();
    await state(page, 'bench', 'running');
    await named(page, 'start').click();
    await state(page, 'bench', 'stopped');
    expect(await page.getByRole('button', { name: 'Copy' }).isDisabled()).toBe(true);
    expect(await named(page, 'start').textContent()).toBe('Run again');
    await accessible(page);
    expect(noise).toEqual([]);
    await page.close();
  });

  test.each(['training', 'bench&loss=hingeLoss'])('%s fits a screen of 360 pixels', async (view) => {
    const { page, noise } = await visit(`?view=${view}`, {
      viewport: { width: 360, height: 780 },
      isMobile: true,
      hasTouch: true,
    });
    if (view === 'training') await state(page, 'training', 'done');
    else {
      await named(page, 'start').tap();
      await state(page, 'bench', 'done');
    }
    await noWiderThanTheScreen(page);
    await accessible(page);
    expect(noise).toEqual([]);
    await page.close();
  });
});
