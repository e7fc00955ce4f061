/** The explorer as its readers have it, used by clicks and keys in Chromium: all losses, what it shows against losskit, its address. */
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

const exported = (Object.values(losskit) as unknown[]).flatMap((value) =>
  typeof value === 'function' && 'lossName' in value ? [value.lossName as string] : [],
);

if (missing && process.env['CI']) throw new Error(ADVICE);

let site: Site;
const open = (query?: string) => site.open(query);
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
    await page.fill('[data-name=temperature] input[type=number]', '2');
    expect(await reading(page, 'probability')).toBeCloseTo(losskit.softmax([1, -0.5, 0.25])[0]!, 3);
    await page.fill('[data-name=temperature] input[type=number]', '1');
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
    // Finer than the slider's steps, and kept.
    await page.fill('[data-name=gamma] input[type=number]', '1.2345');
    await page.press('[data-name=gamma] input[type=number]', 'Tab');
    expect(await page.inputValue('[data-name=gamma] input[type=number]')).toBe('1.2345');
    expect(await page.textContent('code.call')).toContain('gamma: 1.2345');
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
