/** Runs a module script against the built package in a Node process of its own, with flags of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = new URL('../../dist/index.js', import.meta.url);

export function requireDist(): void {
  if (!existsSync(fileURLToPath(dist)))
    throw new Error('dist/ is missing: run `npm run build` before this test');
}

export interface Child {
  stdout: string;
  stderr: string;
}

/** `script` finds the package at `losskit`, which is the URL of dist/index.js. */
export function run(flags: readonly string[], script: string): Child {
  requireDist();
  const source = `const losskit = ${JSON.stringify(dist.href)};\n${script}`;
  const child = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', source], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (child.status !== 0)
    throw new Error(`node ${flags.join(' ')} ended with ${child.status}\n${child.stderr}`);
  return { stdout: child.stdout, stderr: child.stderr };
}
