/** Debian's Chromium, or the one that CHROMIUM names, through Playwright. */
import { ADVICE, launch, missing } from '../support/browser.js';
import { type Engine, NOISE_ATTRIBUTE, type Page, PATIENCE, recorded } from './engine.js';

export const chromium: Engine = {
  name: 'Chromium',
  missing: missing ? ADVICE : null,

  async launch() {
    const browser = await launch();
    return {
      async open(url) {
        const context = await browser.newContext();
        const page = await context.newPage();
        page.setDefaultTimeout(PATIENCE);
        const printed: string[] = [];
        page.on('console', (message) => printed.push(`${message.type()}: ${message.text()}`));
        page.on('pageerror', (error) => printed.push(`uncaught: ${error.message}`));
        page.on('requestfailed', (request) => printed.push(`failed: ${request.url()}`));
        await page.goto(url);
        return {
          evaluate: <T>(expression: string) => page.evaluate<T>(expression),
          textOf: async (selector, timeout = PATIENCE) =>
            (await page.locator(selector).first().textContent({ timeout })) ?? '',
          click: (selector) => page.locator(selector).first().click(),
          press: (key, selector) =>
            selector === undefined ? page.keyboard.press(key) : page.locator(selector).first().press(key),
          setViewport: (width, height) => page.setViewportSize({ width, height }),
          screenshot: async (path) => void (await page.screenshot({ path })),
          noise: async () => [
            ...printed,
            ...recorded(await page.locator('html').getAttribute(NOISE_ATTRIBUTE)),
          ],
          close: () => context.close(),
        } satisfies Page;
      },
      close: () => browser.close(),
    };
  },
};
