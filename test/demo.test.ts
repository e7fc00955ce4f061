/** The demo page as its readers have it, used by clicks and keys in Chromium: all losses, what it shows against losskit, its address, its looks, its speed. */
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as losskit from '../dist/index.js';
import { ADVICE, missing } from './support/browser.js';
import {
  openSite,
  painted,
  picture,
  POLICY,
  reading,
  shown,
  type Site,
  written,
} from './support/demoPage.js';

const VIEWS = ['explore', 'training', 'bench'] as const;

const exported = (Object.values(losskit) as unknown[]).flatMap((value) =>
  typeof value === 'function' && 'lossName' in value ? [value.lossName as string] : [],
);

if (missing && process.env['CI']) throw new Error(ADVICE);

let site: Site;
const open = (query?: string, options?: BrowserContextOptions) => site.open(query, options);
const address = (query: string): string => site.address(query);

describe.skipIf(missing)('the demo', () => {
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site?.close());

  test('every exported loss opens and has a finite curve', async () => {
    const { page, complaints } = await open();
    await shown(page);
    const names = await page.$$eval('.losses a', (links) => links.map(({ textContent }) => textContent!));
    expect([...names].sort()).toEqual([...exported].sort());
    for (const name of names) {
      await page.click(`.losses a[href$="loss=${name}"]`);
      expect(await page.textContent('h2'), name).toBe(name);
      expect(await painted(page, 'loss', 'accent'), `${name}: pixels of the loss`).toBeGreaterThan(60);
      expect(await painted(page, 'slope', 'second'), `${name}: pixels of the gradient`).toBeGreaterThan(60);
      await page.focus('.marker[role=slider]');
      for (const key of ['Home', 'ArrowRight', 'PageUp', 'End']) {
        await page.keyboard.press(key);
        const what = `${name} after ${key}`;
        expect(await reading(page, 'loss'), what).not.toBeNaN();
        expect(Number.isFinite(await reading(page, 'loss')), what).toBe(true);
        expect(Number.isFinite(await reading(page, 'gradient')), what).toBe(true);
      }
      expect(await page.isVisible('.stage .failure'), name).toBe(false);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('its numbers are those of losskit', async () => {
    const { page } = await open(
      '?view=explore&loss=crossEntropy&values=2,-1,0.5&class=2&select=0&labelSmoothing=0.1',
    );
    await shown(page);
    const logits = [2, -1, 0.5];
    const { value, grad } = losskit.crossEntropy.valueAndGrad(logits, [2], { labelSmoothing: 0.1 });
    expect(await reading(page, 'loss')).toBeCloseTo(value, 3);
    expect(await reading(page, 'gradient')).toBeCloseTo(grad[0]!, 3);
    expect(await reading(page, 'probability')).toBeCloseTo(losskit.softmax(logits)[0]!, 3);
    const shares = await page.$$eval('.class-row .gradient .numbers', (cells) =>
      cells.map(({ textContent }) => Number(textContent!.replace('−', '-'))),
    );
    shares.forEach((share, i) => expect(share).toBeCloseTo(grad[i]!, 2));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(0, 2);

    await page.goto(address('?view=explore&loss=sigmoidFocalLoss&x=0.7&gamma=3.5&alpha=null&target=0'));
    await shown(page);
    const focal = losskit.sigmoidFocalLoss.valueAndGrad([0.7], [0], { gamma: 3.5, alpha: null });
    expect(await reading(page, 'loss')).toBeCloseTo(focal.value, 3);
    expect(await reading(page, 'gradient')).toBeCloseTo(focal.grad[0]!, 3);

    await page.goto(address('?view=explore&loss=tripletMarginLoss&values=0,0,1,0,0,1.5&margin=2'));
    await shown(page);
    const triplet = losskit.tripletMarginLoss.valueAndGrad([0, 0], [1, 0], [0, 1.5], { margin: 2, dim: 2 });
    expect(await reading(page, 'loss')).toBeCloseTo(triplet.value, 3);
    expect(await reading(page, 'gradient')).toBeCloseTo(triplet.grad.negative[1]!, 3);

    await page.goto(address('?view=explore&loss=dpoLoss&x=4&beta=0.3&type=ipo'));
    await shown(page);
    expect(await reading(page, 'loss')).toBeCloseTo(
      losskit.dpoLoss([4], [0], [0], [0], { beta: 0.3, type: 'ipo' }),
      3,
    );
    await page.context().close();
  });

  test('a slider moves by keys, keeps the curve as it was, and the address says it', async () => {
    const { page, complaints } = await open('?view=explore&loss=sigmoidFocalLoss');
    await shown(page);
    const before = await picture(page);
    expect(await painted(page, 'loss', 'ghost')).toBeLessThan(20);
    await page.focus('[data-name=gamma] input[type=range]');
    for (let i = 0; i < 16; i++) await page.keyboard.press('ArrowLeft');
    expect(await picture(page)).not.toBe(before);
    expect(await painted(page, 'loss', 'ghost')).toBeGreaterThan(60);
    expect(await page.isVisible('.key:has(.ghost)')).toBe(true);
    expect(await page.inputValue('[data-name=gamma] input[type=number]')).toBe('1.2');
    expect(await page.textContent('code.call')).toContain('gamma: 1.2');
    await written(page, 'gamma=1.2');

    const state = async () => [
      await page.textContent('.reading'),
      await page.textContent('code.call'),
      await page.inputValue('[data-name=gamma] input[type=number]'),
    ];
    const then = await state();
    await page.reload();
    await shown(page);
    expect(await state()).toEqual(then);
    await page.click('[data-name=gamma] .reset');
    expect(await page.inputValue('[data-name=gamma] input[type=number]')).toBe('2');
    await page.fill('[data-name=x] input[type=number]', '2.5');
    expect(await page.getAttribute('.marker[role=slider]', 'aria-valuenow')).toBe('2.5');
    await page.fill('[data-name=gamma] input[type=number]', '-1'); // not allowed, so nothing changes
    expect(await page.textContent('code.call')).not.toContain('gamma');
    await page.click('.tries a');
    expect(await page.textContent('code.call')).toContain('gamma: 0');
    expect(await page.isVisible('.key:has(.ghost)')).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('a row: logits, targets, classes and the class of the curve', async () => {
    const { page } = await open('?view=explore&loss=crossEntropy');
    await shown(page);
    await page.focus('[aria-label="logit of A"]');
    await page.keyboard.press('End');
    await page.check('[aria-label="A is the target"]');
    await page.check('[aria-label="draw the curve over the logit of A"]');
    await page.click('[aria-label="A class more"]');
    await written(page, 'class=0');
    expect(await page.locator('.class-row:not(.heads)').count()).toBe(5);
    expect(await page.textContent('.axis-label')).toBe('logit of A');
    expect(await reading(page, 'loss')).toBeCloseTo(losskit.crossEntropy([6, 0.4, -0.8, -0.2, 0], [0]), 3);
    const search = await page.evaluate(() => location.search);
    expect(search).toContain('values=6,0.4,-0.8,-0.2,0');
    await page.context().close();
  });

  test('points of the plane move by keys and by the pointer', async () => {
    const { page } = await open('?view=explore&loss=tripletMarginLoss');
    await shown(page);
    const before = await reading(page, 'loss');
    await page.focus('.point[aria-label=negative]');
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowDown');
    const after = await reading(page, 'loss');
    expect(after).toBeLessThan(before);
    const box = (await page.locator('.point[aria-label=negative]').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y - 40, { steps: 5 });
    await page.mouse.up();
    expect(await reading(page, 'loss')).toBeGreaterThan(after);
    await page.context().close();
  });

  test('back and forward, and an address that is wrong', async () => {
    const { page, complaints } = await open('?view=explore&loss=hingeLoss&margin=2');
    await shown(page);
    await page.click('.losses a[href$="loss=mseLoss"]');
    await page.click('.views a[href*=training]');
    await page.waitForSelector('.view.training');
    await page.goBack();
    await shown(page);
    expect(await page.textContent('h2')).toBe('mseLoss');
    await page.goBack();
    await expect.poll(() => page.textContent('h2')).toBe('hingeLoss');
    expect(await page.textContent('code.call')).toContain('margin: 2');
    await page.goForward();
    await expect.poll(() => page.textContent('h2')).toBe('mseLoss');
    for (const wrong of [
      '?view=nothing&loss=constructor',
      '?loss=crossEntropy&values=1,2&class=9&labelSmoothing=7&temperature=0&weight=a,b&softcap=-1&select=-1',
      '?loss=huberLoss&x=NaN&delta=0&target=1e9',
      '?loss=tripletMarginLoss&values=1,2,3&p=0&swap=maybe',
      '?loss=dpoLoss&type=none&beta=',
      '?loss=ctcLoss&class=7&values=,,',
    ]) {
      await page.goto(address(wrong));
      await shown(page);
      expect(Number.isFinite(await reading(page, 'loss')), wrong).toBe(true);
      expect(await page.isVisible('.stage .failure'), wrong).toBe(false);
    }
    expect(complaints).toEqual([]);
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

  test('without WebAssembly it says so, and works', async () => {
    site.policy = "default-src 'self'";
    try {
      const { page } = await open('?view=explore&loss=huberLoss');
      await shown(page);
      await expect
        .poll(() => page.textContent('#backend'))
        .toMatch(/‘js’, because WebAssembly cannot run: ./);
      expect(await reading(page, 'loss')).toBeCloseTo(losskit.huberLoss([1.5], [0]), 3);
      await page.context().close();
    } finally {
      site.policy = POLICY;
    }
  });
});
