/** The looks and the speed of the demo in Chromium: dark and light, narrow screens, what axe finds, first paint and redraw. */
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADVICE, missing } from './support/browser.js';
import { openSite, painted, shown, type Site } from './support/demoPage.js';

const VIEWS = ['explore', 'training', 'bench'] as const;

if (missing && process.env['CI']) throw new Error(ADVICE);

let site: Site;
const open = (query?: string, options?: BrowserContextOptions) => site.open(query, options);
const address = (query: string): string => site.address(query);

describe.skipIf(missing)('the looks of the demo', () => {
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site?.close());

  test('at every width the page, its panels and their rows hold what is in them', async () => {
    const { page } = await open('?loss=crossEntropy');
    await shown(page);
    for (const name of [
      'crossEntropy',
      'softTargetCrossEntropy',
      'distillationLoss',
      'ctcLoss',
      'tripletMarginLoss',
    ]) {
      await page.evaluate((loss) => {
        history.pushState(null, '', `?view=explore&loss=${loss}`);
        dispatchEvent(new PopStateEvent('popstate'));
      }, name);
      for (const width of [320, 360, 390, 599, 600, 768, 800, 959, 960, 1024, 1239, 1240, 1280, 1920]) {
        await page.setViewportSize({ width, height: 800 });
        await page.waitForTimeout(60); // the plots take their new size in the next frame
        const wider = await page.evaluate(() => [
          ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : []),
          ...[...document.querySelectorAll('.panel, .class-row, .reading, .reading div, .losses a')]
            .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
            .map(({ className, textContent }) => `${className}: ${textContent}`),
        ]);
        expect(wider, `${name} at ${width}`).toEqual([]);
      }
    }
    await page.context().close();
  });

  test('table, plane and both plots are in sight of each other', async () => {
    const { page } = await open('?loss=crossEntropy&labelSmoothing=0.1');
    await shown(page);
    await page.waitForTimeout(100);
    const within = (selector: string) =>
      page.evaluate((wanted) => {
        const { top, bottom } = document.querySelector(wanted)!.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      }, selector);
    for (const part of ['.loss-figure', '.slope-figure', '.picture'])
      expect(await within(part), part).toBe(true);
    await page.setViewportSize({ width: 800, height: 800 });
    await page.locator('[data-name=reduction]').scrollIntoViewIfNeeded();
    await page.waitForTimeout(100);
    for (const part of ['.loss-figure', '.slope-figure', '[data-name=reduction]'])
      expect(await within(part), part).toBe(true);
    await page.context().close();
  });

  test('dark and light: the system’s, then the reader’s, kept; storage may be forbidden', async () => {
    const { page } = await open('', { colorScheme: 'dark' });
    await shown(page);
    const back = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const line = () => painted(page, 'loss', 'accent');
    const dark = await back();
    expect(await page.getAttribute('#theme', 'aria-pressed')).toBe('true');
    await page.click('#theme');
    const light = await back();
    expect(light).not.toBe(dark);
    await expect.poll(line).toBeGreaterThan(60);
    await page.reload();
    await shown(page);
    expect(await back()).toBe(light);
    await page.context().close();

    const context = await site.browser.newContext();
    const strict = await context.newPage();
    const errors: string[] = [];
    strict.on('pageerror', (error) => errors.push(String(error)));
    await strict.addInitScript(() => {
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('forbidden', 'SecurityError');
        },
      });
    });
    await strict.goto(address(''));
    await shown(strict);
    await strict.click('#theme');
    expect(await strict.getAttribute('#theme', 'aria-pressed')).toBe('true');
    expect(errors).toEqual([]);
    await context.close();
  });

  test('on a phone nothing is wider than the screen, and everything is as large as a finger', async () => {
    const { page } = await open('', {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    await shown(page);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    for (const name of [
      'binaryCrossEntropyWithLogits',
      'crossEntropy',
      'distillationLoss',
      'infoNceLoss',
      'ctcLoss',
    ]) {
      await page.selectOption('#loss-select', name);
      expect(await overflow(), name).toBeLessThanOrEqual(0);
      const small = await page.$$eval('button, .select, input, .views a', (all) =>
        all
          .filter(
            (one) =>
              (one as HTMLElement).offsetParent !== null && getComputedStyle(one).visibility !== 'hidden',
          )
          .map((one) => one.closest('label') ?? one)
          .filter((one) => one.getBoundingClientRect().height < 39.5)
          .map((one) => one.outerHTML.slice(0, 120)),
      );
      expect(small, name).toEqual([]);
    }
    for (const view of VIEWS.slice(1)) {
      await page.click(`.views a[href*=${view}]`);
      await page.waitForSelector(`.view.${view}`);
      expect(await overflow(), view).toBeLessThanOrEqual(0);
    }
    await page.context().close();
  });

  test('axe finds nothing serious in any view, light or dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open('', { colorScheme });
      for (const query of [
        '?view=explore&loss=sigmoidFocalLoss&weight=2',
        '?view=explore&loss=crossEntropy&weight=1,2,1,1',
        '?view=explore&loss=distillationLoss',
        '?view=explore&loss=tripletMarginLoss',
        '?view=training',
        '?view=bench',
      ]) {
        await page.goto(address(query));
        await page.waitForSelector('.view');
        if (query.includes('explore')) await shown(page);
        await page.addScriptTag({ url: '/axe.js' });
        const violations = await page.evaluate(async () => {
          const { axe } = window as unknown as { axe: typeof import('axe-core') };
          const found = (await axe.run()).violations;
          return found
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
        });
        expect(violations, `${colorScheme} ${query}`).toEqual([]);
      }
      await page.context().close();
    }
  });

  test('first paint and redraw are quick', async () => {
    const paints: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { page } = await open();
      await shown(page);
      paints.push(
        await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]!.startTime),
      );
      await page.context().close();
    }
    const { page } = await open('?view=explore&loss=crossEntropy');
    await shown(page);
    const redraw = await page.evaluate(async () => {
      const slider = document.querySelector<HTMLInputElement>('[data-name=temperature] input[type=range]')!;
      const times: number[] = [];
      for (let i = 0; i < 60; i++) {
        slider.value = String(0.5 + i * 0.05);
        const start = performance.now();
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await Promise.resolve(); // uPlot draws in a microtask, which was queued before this one
        times.push(performance.now() - start);
        await new Promise(requestAnimationFrame);
      }
      return times.sort((a, b) => a - b)[30]!;
    });
    const paint = paints.sort((a, b) => a - b)[1]!;
    console.log(
      `demo: first paint ${paint.toFixed(0)} ms, slider to redraw ${redraw.toFixed(2)} ms (medians)`,
    );
    expect(paint).toBeLessThan(1000);
    expect(redraw).toBeLessThan(50);
    await page.context().close();
  });
});
