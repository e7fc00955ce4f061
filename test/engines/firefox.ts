/** Debian's Firefox ESR, or the one that FIREFOX names, through WebDriver BiDi as Puppeteer speaks it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type KeyInput, launch } from 'puppeteer-core';
import { type Engine, NOISE_ATTRIBUTE, type Page, PATIENCE, recorded } from './engine.js';
import { Keeper } from './keeper.js';

const FIREFOX = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';

export const firefox: Engine = {
  name: 'Firefox',
  missing: existsSync(FIREFOX)
    ? null
    : `${FIREFOX} is missing: apt-get install firefox-esr, or set FIREFOX to a Firefox`,

  async launch() {
    const keeper = new Keeper();
    const browser = await launch({
      browser: 'firefox',
      executablePath: FIREFOX,
      headless: true,
      timeout: PATIENCE,
      userDataDir: join(keeper.home, 'profile'),
      env: { ...process.env, ...keeper.variables },
    }).catch(async (error: unknown) => {
      await keeper.close();
      throw error;
    });
    keeper.keep(browser.process()!);
    return {
      async open(url) {
        const context = await browser.createBrowserContext();
        const page = await context.newPage();
        page.setDefaultTimeout(PATIENCE);
        const printed: string[] = [];
        page.on('console', (message) => printed.push(`${message.type()}: ${message.text()}`));
        page.on('pageerror', (error) => printed.push(`uncaught: ${String(error)}`));
        page.on('requestfailed', (request) => printed.push(`failed: ${request.url()}`));
        await page.goto(url);
        const find = async (selector: string, timeout = PATIENCE) =>
          (await page.waitForSelector(selector, { timeout }))!;
        return {
          evaluate: async <T>(expression: string) => (await page.evaluate(expression)) as T,
          textOf: async (selector, milliseconds) =>
            (await find(selector, milliseconds)).evaluate((element) => element.textContent ?? ''),
          click: async (selector) => (await find(selector)).click(),
          press: async (key, selector) => {
            if (selector !== undefined) await (await find(selector)).focus();
            await page.keyboard.press(key as KeyInput);
          },
          setViewport: (width, height) => page.setViewport({ width, height }),
          screenshot: async (path) => void (await page.screenshot({ path: path as `${string}.png` })),
          noise: async () => {
            const html = await find('html');
            const attribute = await html.evaluate(
              (element, name) => element.getAttribute(name),
              NOISE_ATTRIBUTE,
            );
            return [...printed, ...recorded(attribute)];
          },
          close: () => context.close(),
        } satisfies Page;
      },
      async close() {
        try {
          await browser.close();
        } finally {
          await keeper.close();
        }
      },
    };
  },
};
