/** The demo as built, served under a strict policy to a Chromium of its own. Knows no view. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launch } from './browser.js';
import { buildDemo } from './demoBuild.js';
import { ISOLATING, serve } from './serve.js';

export const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'";
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export interface Site {
  readonly browser: Browser;
  /** The Content-Security-Policy of what is served from now on. */
  policy: string;
  address(query?: string): string;
  /** A page in a context of its own, whose errors are kept. */
  open(query?: string, options?: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

/** axe itself is served as /axe.js: the policy allows no script that is put in. */
export async function openSite(): Promise<Site> {
  const { folder, remove } = await buildDemo();
  const { origin, close } = await serve({
    files: { '/axe.js': readFileSync(AXE, 'utf8') },
    folders: { '/': pathToFileURL(`${folder}/`) },
    headers: () => ({ ...ISOLATING, 'content-security-policy': site.policy }),
  });
  const browser = await launch();
  const site: Site = {
    browser,
    policy: POLICY,
    address: (query = '') => `${origin}/${query}`,
    async open(query = '', options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(site.address(query));
      return { page, complaints };
    },
    async close() {
      await browser.close();
      await close();
      remove();
    },
  };
  return site;
}

/** The explorer is there. */
export const shown = (page: Page) => page.waitForSelector('.plots .uplot');
export const reading = async (page: Page, name: string): Promise<number> =>
  Number((await page.textContent(`[data-read="${name}"]`))!.replace('−', '-'));
/** How many pixels of the plot have a colour of the style's. */
export const painted = (page: Page, plot: 'loss' | 'slope', colour: string): Promise<number> =>
  page.evaluate(
    ([plotName, variable]) => {
      const probe = document.createElement('i');
      document.body.append(probe);
      probe.style.color = `var(--${variable})`;
      const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g)!.map(Number) as [number, number, number];
      probe.remove();
      const canvas = document.querySelector<HTMLCanvasElement>(`.plot.${plotName} canvas`)!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4)
        if (
          data[i + 3]! > 200 &&
          Math.abs(data[i]! - r) + Math.abs(data[i + 1]! - g) + Math.abs(data[i + 2]! - b) < 24
        )
          count++;
      return count;
    },
    [plot, colour] as const,
  );
/** The address is written with a delay. */
export const written = (page: Page, part: string) =>
  page.waitForURL((url) => url.search.includes(part), { timeout: 3000 });
export const picture = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector<HTMLCanvasElement>('.plot.loss canvas')!.toDataURL());
