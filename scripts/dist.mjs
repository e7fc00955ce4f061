/**
 * Makes dist/ anew: src/ compiled by tsc, beside it the modules of build/, for initSync, and losskit.min.js: all of `losskit` in one file, for
 * pages without a bundler. Put together elsewhere and moved, so that dist/ is whole or not there.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { buildSync } from 'esbuild';

const next = 'build/dist';
rmSync(next, { recursive: true, force: true });
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', next];
const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' });
if (status !== 0) process.exit(1);
for (const file of readdirSync('build')) {
  if (file.endsWith('.wasm')) copyFileSync(`build/${file}`, `${next}/${file}`);
}

const { name, version, license } = JSON.parse(readFileSync('package.json', 'utf8'));
buildSync({
  entryPoints: [`${next}/index.js`],
  outfile: `${next}/losskit.min.js`,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  banner: { js: `/*! ${name} ${version}, ${license} License */` },
  logLevel: 'warning',
});
writeFileSync(`${next}/losskit.min.d.ts`, "export * from './index.js';\n");

rmSync('dist', { recursive: true, force: true });
renameSync(next, 'dist');
