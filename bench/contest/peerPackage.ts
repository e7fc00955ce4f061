/** The packages in bench/peers: whether they are installed, their versions, and how to load them. Knows nothing of what they are for. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const peersFolder = fileURLToPath(new URL('../peers/', import.meta.url));
/** Written last by npm: an install that was broken off does not have it. */
export const peersInstalled = (): boolean => existsSync(`${peersFolder}node_modules/.package-lock.json`);

export const peerRequire = createRequire(`${peersFolder}package.json`);

export function peerVersion(name: string): string {
  const file = `${peersFolder}node_modules/${name}/package.json`;
  if (!existsSync(file)) throw new Error(`${name} is not installed (npm ci in bench/peers)`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
