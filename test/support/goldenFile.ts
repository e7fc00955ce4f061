/** The golden cases, read from their file: for tests in Node. */
import { readFileSync } from 'node:fs';
import type { GoldenFile } from './golden.js';

export const golden: GoldenFile = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);
