/** A server of folders for pages of tests: GET <prefix>… gives the file below the folder of the longest prefix that fits. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What gives a page shared memory, on it and on its workers' files. */
export const ISOLATING = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** What a content delivery network sends. */
export const PUBLIC = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};

export interface Served {
  origin: string;
  close(): void;
}

export async function serve(
  folders: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<Served> {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const send = (status: number, type: string, body: string | Buffer) => {
      response.writeHead(status, { 'content-type': type, ...headers });
      response.end(body);
    };
    const prefix = prefixes.find((each) => pathname.startsWith(each));
    if (pathname === '/favicon.ico') return send(204, 'text/plain', '');
    if (prefix === undefined) return send(404, 'text/plain', '');
    readFile(join(folders[prefix]!, pathname.slice(prefix.length))).then(
      (body) => send(200, TYPES[extname(pathname)] ?? 'text/plain', body),
      () => send(404, 'text/plain', ''),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}
