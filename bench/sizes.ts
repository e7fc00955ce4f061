/**
 * `npm run sizes`: what an import of losskit adds to an application: every function alone with esbuild, a few with all bundlers, all of it, and
 * the embedded modules. Prints a table and writes docs/sizes.json, from which `npm run readme` takes its own.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Application, type Bundler, bundlers } from './bundlers.js';

const root = new URL('../', import.meta.url);
const losskit = (await import(new URL('dist/index.js', root).href)) as Record<string, unknown>;

/** For every bundler; the others by esbuild alone. */
const SOME = ['crossEntropy', 'mseLoss', 'ctcLoss', 'tripletMarginLoss', 'linearCrossEntropy', 'dpoLoss'];
const ALL = 'all of losskit';

interface Size {
  bytes: number;
  gzip: number;
}

/** The modules in a file of kernels/wasm, by its name: what of the WebAssembly a family of losses brings along. */
async function embedded(): Promise<Record<string, Record<string, Size>>> {
  const folder = new URL('dist/kernels/wasm/', root);
  const found: Record<string, Record<string, Size>> = {};
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = new URL(path.replaceAll('\\', '/'), folder);
    if (!path.endsWith('.js') || !readFileSync(file, 'utf8').includes('deflated:')) continue;
    const modules = (await import(file.href)) as Record<string, { bytes?: number; deflated?: string }>;
    for (const [name, { bytes, deflated }] of Object.entries(modules)) {
      if (bytes === undefined || deflated === undefined) continue;
      (found[basename(path, '.js')] ??= {})[name] = { bytes, gzip: gzipSync(deflated, { level: 9 }).length };
    }
  }
  return found;
}

const application = new Application();
const bundles: Record<string, Partial<Record<Bundler, Size>>> = {};
async function measure(name: string, script: string, by: readonly Bundler[]): Promise<void> {
  for (const bundler of by) {
    const { bytes, gzip } = await application.bundle(bundler, script);
    (bundles[name] ??= {})[bundler] = { bytes, gzip };
  }
}
try {
  for (const [name, value] of Object.entries(losskit)) {
    if (typeof value !== 'function') continue;
    const script = `import { ${name} } from 'losskit'; globalThis.found = ${name};`;
    await measure(name, script, SOME.includes(name) ? bundlers : ['esbuild']);
  }
  await measure(ALL, `import * as all from 'losskit'; globalThis.found = (name) => all[name];`, bundlers);
} finally {
  application.remove();
}

const modules = await embedded();
const min = readFileSync(new URL('dist/losskit.min.js', root));
const result = {
  modules,
  bundles,
  file: { bytes: min.length, gzip: gzipSync(min, { level: 9 }).length },
};
writeFileSync(new URL('docs/sizes.json', root), `${JSON.stringify(result, null, 2)}\n`);

const kilobytes = ({ bytes, gzip }: Size) =>
  [bytes, gzip].map((size) => (size / 1000).toFixed(1).padStart(7)).join(' /');
console.log('kB minified / after gzip');
for (const [name, sizes] of Object.entries(bundles))
  console.log(
    name.padEnd(30),
    ...bundlers
      .map((each) => sizes[each])
      .map((size, i) => (size ? `${bundlers[i]} ${kilobytes(size)} ` : '')),
  );
console.log('\nembedded modules, kB of WebAssembly / of text after gzip');
for (const [file, builds] of Object.entries(modules))
  for (const [name, size] of Object.entries(builds))
    console.log(`${file} ${name}`.padEnd(30), kilobytes(size));
