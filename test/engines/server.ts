/** Serves pages with noise.js at the top of every one. It knows no engine and no page. */
import { readFileSync } from 'node:fs';
import { type Content, serve, type Site } from '../support/serve.js';

const NOISE = '/noise.js';
const noise = new URL('noise.js', import.meta.url);

/** A classic script before every other. */
const listened = (html: string): string =>
  html.replace(
    /<head[^>]*>|<!doctype html>(?![^]*<head)/i,
    (start) => `${start}<script src="${NOISE}"></script>`,
  );

export function serveListened(content: Omit<Content, 'change'>): Promise<Site> {
  const files = { ...content.files, [NOISE]: readFileSync(noise, 'utf8') };
  return serve({ ...content, files, change: listened });
}
