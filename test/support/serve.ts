/** A server of texts and folders on localhost, for the pages of tests. It knows no engine and no page. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

type Headers = Readonly<Record<string, string>>;

/** What gives a page shared memory where the engine has any, on it and on its workers' files. */
export const ISOLATING: Headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** What a content delivery network sends. */
export const PUBLIC: Headers = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};

export interface Content {
  /** Texts by their paths; the type goes by the extension. */
  files?: Readonly<Record<string, string>>;
  /** Folders, as URLs that end with a slash, by the start of their paths, which ends with one, too: the longest counts. `/` of a folder is its index.html. */
  folders?: Readonly<Record<string, URL>>;
  /** Of every response. A query `?policy=…` adds a content security policy to that response alone. */
  headers?: Headers | (() => Headers);
  /** What becomes of a page before it is sent. */
  change?: (html: string) => string;
}

export interface Site {
  /** Without a slash at the end. */
  origin: string;
  close(): Promise<void>;
}

export async function serve({ files = {}, folders = {}, headers = {}, change }: Content): Promise<Site> {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const read = async (path: string): Promise<string | Buffer> => {
    if (Object.hasOwn(files, path)) return files[path]!;
    const prefix = prefixes.find((start) => path.startsWith(start));
    // URL has resolved every `..` of the path already.
    if (prefix === undefined) throw new Error(`nothing at ${path}`);
    return readFile(new URL(`.${path.slice(prefix.length - 1)}`, folders[prefix]));
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(pathname.replace(/\/$/, '/index.html'));
    const policy = searchParams.get('policy');
    const all = {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'cache-control': 'no-store',
      ...(typeof headers === 'function' ? headers() : headers),
      ...(policy ? { 'content-security-policy': policy } : {}),
    };
    read(path).then(
      (body) =>
        response.writeHead(200, all).end(change && extname(path) === '.html' ? change(String(body)) : body),
      // Browsers ask for an icon on their own.
      () => response.writeHead(path === '/favicon.ico' ? 204 : 404, all).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
