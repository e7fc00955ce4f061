/** Builds the demo into a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { requireDist } from './child.js';

export const CONFIG = fileURLToPath(new URL('../../demo/vite.config.ts', import.meta.url));

export interface BuiltDemo {
  readonly folder: string;
  remove(): void;
}

export async function buildDemo(): Promise<BuiltDemo> {
  requireDist();
  const folder = mkdtempSync(join(tmpdir(), 'losskit-demo-'));
  await build({ configFile: CONFIG, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
