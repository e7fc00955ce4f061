/** Serves pages, texts and folders on localhost, with noise.js at the top of every page. It knows no engine and no page. */
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

/** What gives a page shared memory where the engine has any, on it and on its workers' files. */
export const ISOLATING: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export interface Content {
  /** Texts by their paths; the type goes by the extension. */
  files?: Readonly<Record<string, string>>;
  /** Folders, as URLs that end with a slash, by the start of their paths, which ends with one, too; `/` of a folder is its index.html. */
  folders?: Readonly<Record<string, URL>>;
  /** Of every response. A query `?policy=…` adds a content security policy to that response alone. */
  headers?: Readonly<Record<string, string>>;
}

export interface Site {
  /** Without a slash at the end. */
  origin: string;
  close(): Promise<void>;
}

const NOISE = '/noise.js';
const noise = new URL('noise.js', import.meta.url);

/** A classic script before every other. */
const listened = (html: string): string =>
  html.replace(
    /<head[^>]*>|<!doctype html>(?![^]*<head)/i,
    (start) => `${start}<script src="${NOISE}"></script>`,
  );

export async function serve({ files = {}, folders = {}, headers = {} }: Content): Promise<Site> {
  const read = async (path: string): Promise<string | Buffer> => {
    if (path === NOISE) return readFile(noise);
    if (Object.hasOwn(files, path)) return files[path]!;
    const prefix = Object.keys(folders).find((start) => path.startsWith(start));
    // URL has resolved every `..` of the path already.
    if (prefix === undefined) throw new Error(`nothing at ${path}`);
    return readFile(new URL(`.${path.slice(prefix.length - 1)}`, folders[prefix]));
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(pathname.replace(/\/$/, '/index.html'));
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    const policy = searchParams.get('policy');
    const all = {
      'content-type': type,
      'cache-control': 'no-store',
      ...headers,
      ...(policy ? { 'content-security-policy': policy } : {}),
    };
    read(path).then(
      (body) => response.writeHead(200, all).end(extname(path) === '.html' ? listened(String(body)) : body),
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
