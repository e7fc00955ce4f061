/** The bench page in Chromium: every case is verified, nothing is printed, with and without cross-origin isolation, in either colour scheme. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageCases } from '../bench/contest/cases.js';
import { buildPage, servePage } from '../bench/page/server.js';
import { launch, missing } from './support/browser.js';
import { requireDist } from './support/child.js';

// test/engines.test.ts says what to do where Chromium is missing, and fails under CI.
describe.skipIf(missing)('the bench page', () => {
  let browser: Browser;
  const servers: Server[] = [];

  beforeAll(async () => {
    requireDist();
    await buildPage();
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
  });

  async function visit(isolated: boolean, query: string, colorScheme: 'light' | 'dark') {
    const server = await servePage({ isolated, port: 0 });
    servers.push(server);
    const page = await (await browser.newContext({ colorScheme })).newPage();
    const noise: string[] = [];
    page.on('console', (message) => noise.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => noise.push(`uncaught: ${error.message}`));
    page.on('requestfailed', (request) => noise.push(`failed: ${request.url()}`));
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/${query}`);
    return { page, noise };
  }

  const finished = (page: Page) => page.waitForSelector('body[data-state=done]', { timeout: 100_000 });

  test.each([
    [true, 'light'],
    [false, 'dark'],
  ] as const)('isolated: %s, %s: runs to the end, and every row is verified', async (isolated, scheme) => {
    const { page, noise } = await visit(isolated, '?quick', scheme);
    await finished(page);
    const rows = await page.locator('#rows tr').all();
    expect(rows).toHaveLength(pageCases.length);
    for (const row of rows)
      expect(await row.getAttribute('data-verified'), (await row.textContent()) ?? '').toBe('true');
    expect(await page.locator('#chart svg rect').count()).toBeGreaterThan(pageCases.length);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
    expect(await page.locator('#copy').isEnabled()).toBe(true);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('starts, stops and starts again from the keyboard', async () => {
    const { page, noise } = await visit(true, '', 'light');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('start');
    await page.keyboard.press('Enter');
    await page.waitForSelector('body[data-state=running]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('body[data-state=stopped]', { timeout: 60_000 });
    expect(await page.locator('#start').textContent()).toBe('Run again');
    expect(await page.locator('#copy').isEnabled()).toBe(false);
    expect(noise).toEqual([]);
    await page.context().close();
  });
});
