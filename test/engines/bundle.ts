/** The pages of pages/ with their scripts: bundled from TypeScript, with the built package outside, as files of /dist/. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Content, Site } from '../support/serve.js';
import { serveListened } from './server.js';

const PAGES = ['values', 'pool', 'golden', 'loud'] as const;
export type PageName = (typeof PAGES)[number];

async function bundled(): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    entryPoints: PAGES.map((name) => fileURLToPath(new URL(`pages/${name}.ts`, import.meta.url))),
    outdir: '/',
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    alias: { losskit: '/dist/index.js', 'losskit/parallel': '/dist/parallel/index.js' },
    external: ['/dist/*'],
    logLevel: 'warning',
  });
  const scripts = outputFiles.map(({ text }, i) => [`/${PAGES[i]}.js`, text] as const);
  const pages = PAGES.map(
    (name) =>
      [
        `/${name}.html`,
        `<!doctype html><title>${name}</title><script type="module" src="/${name}.js"></script>`,
      ] as const,
  );
  return Object.fromEntries([...scripts, ...pages]);
}

/** /<name>.html of each page, dist/ and the golden cases: as any page has them, and with the headers of an isolated one. */
export async function servePages(headers: Content['headers'][]): Promise<Site[]> {
  const files = await bundled();
  const folders = {
    '/dist/': new URL('../../dist/', import.meta.url),
    '/fixtures/': new URL('../fixtures/', import.meta.url),
  };
  return Promise.all(
    headers.map((each) => serveListened({ files, folders, ...(each ? { headers: each } : {}) })),
  );
}
