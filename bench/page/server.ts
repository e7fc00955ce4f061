/** Bundles the bench page and serves it beside dist/, with or without the headers that a page needs for SharedArrayBuffer. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const BUNDLE = here('../out/page/');
const DIST = here('../../dist/');

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** main.js and reference.js, which share nothing; the package stays outside, as it is served. */
export async function buildPage(): Promise<void> {
  await build({
    entryPoints: [here('main.ts'), here('reference.ts')],
    outdir: BUNDLE,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['losskit'],
    define: { PARALLEL: String(existsSync(`${DIST}parallel/index.js`)) },
    logLevel: 'warning',
  });
}

/** The file of a path: of the page, or of the package under /dist/. */
function fileOf(path: string): string | null {
  if (path === '/') return here('index.html');
  const [, folder, name] = /^\/(dist\/)?([\w/.-]+)$/.exec(path) ?? [];
  if (!name || name.includes('..')) return null;
  return `${folder ? DIST : BUNDLE}${name}`;
}

/** A server on localhost that listens; port 0: any. */
export async function servePage({ isolated, port }: { isolated: boolean; port: number }): Promise<Server> {
  const server = createServer((request, response) => {
    const file = fileOf(new URL(request.url ?? '/', 'http://localhost').pathname);
    readFile(file ?? '').then(
      (body) => {
        const type = TYPES[extname(file!)] ?? 'text/plain';
        response.writeHead(200, {
          'content-type': type,
          'cache-control': 'no-store',
          ...(isolated ? ISOLATION : {}),
        });
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
