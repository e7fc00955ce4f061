/**
 * Makes dist/ anew: src/ compiled by tsc, and beside it the modules of build/, for initSync. Put together elsewhere and
 * moved, so that dist/ is whole or not there.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, renameSync, rmSync } from 'node:fs';

const next = 'build/dist';
rmSync(next, { recursive: true, force: true });
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', next];
const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' });
if (status !== 0) process.exit(1);
for (const file of readdirSync('build')) {
  if (file.endsWith('.wasm')) copyFileSync(`build/${file}`, `${next}/${file}`);
}
rmSync('dist', { recursive: true, force: true });
renameSync(next, 'dist');
