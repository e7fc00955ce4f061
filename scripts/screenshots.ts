/** Photographs the built demo in Chromium for the README, after what a reader would do to see the same. Writes docs/images/*.png; tests nothing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { openSite, shown } from '../test/support/demoPage.js';

const FOLDER = new URL('../docs/images/', import.meta.url);

interface Picture {
  readonly name: string;
  readonly query: string;
  readonly colorScheme: 'light' | 'dark';
  readonly act: (page: Page) => Promise<void>;
}

const slider = (name: string): string => `[data-name=${name}] input[type=range]`;
const press = async (page: Page, name: string, key: string, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) await page.press(slider(name), key);
};
const trained = (page: Page) => page.waitForSelector('.view.training[data-state=done]', { timeout: 60_000 });

const pictures: readonly Picture[] = [
  {
    name: 'explorer',
    query: '?loss=sigmoidFocalLoss&alpha=null&gamma=0',
    colorScheme: 'light',
    async act(page) {
      await shown(page);
      await press(page, 'gamma', 'PageUp', 4);
    },
  },
  {
    name: 'row',
    query: '?loss=crossEntropy&values=2.5,0.4,-0.8,-0.2&class=0&select=0',
    colorScheme: 'dark',
    async act(page) {
      await shown(page);
      await press(page, 'labelSmoothing', 'PageUp', 4);
    },
  },
  {
    name: 'training',
    query: '?view=training',
    colorScheme: 'light',
    async act(page) {
      await trained(page);
      await press(page, 'posWeight', 'PageUp', 3);
      // A change is seen at once, so that this waits for the run that it began.
      await trained(page);
    },
  },
];

// Miniflare brings it; without it pictures are about three times as large.
const sharp = await import('sharp').catch(() => null);

mkdirSync(FOLDER, { recursive: true });
const site = await openSite();
try {
  for (const { name, query, colorScheme, act } of pictures) {
    const { page } = await site.open(query, { viewport: { width: 1280, height: 800 }, colorScheme });
    await act(page);
    // No ring round what has the focus, and the plots have been drawn.
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.waitForTimeout(300);
    const path = fileURLToPath(new URL(`${name}.png`, FOLDER));
    const png = await page.screenshot({ scale: 'css' });
    if (sharp) await sharp.default(png).png({ palette: true, quality: 90, effort: 10 }).toFile(path);
    else writeFileSync(path, png);
    await page.context().close();
    console.log(`docs/images/${name}.png`);
  }
} finally {
  await site.close();
}
