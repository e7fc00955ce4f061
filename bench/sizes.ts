/**
 * `npm run sizes`: what an import of losskit adds to an application: every function alone with esbuild, a few with all bundlers, all of it, and
 * the embedded modules. Prints a table and writes docs/sizes.json, from which `npm run readme` takes its own.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { KernelModule } from '../src/kernels/wasm/builds.js';
import { Application, type Bundler, bundlers, TYPICAL } from './bundlers.js';

const root = new URL('../', import.meta.url);
const losskit = (await import(new URL('dist/index.js', root).href)) as Record<string, unknown>;

const ALL = 'all of losskit';

interface Size {
  bytes: number;
  gzip: number;
}

/** Each module in its four builds: the bytes of the WebAssembly, and of the text that is embedded. */
async function embedded(): Promise<Record<string, Size>> {
  const folder = new URL('dist/kernels/wasm/embedded/', root);
  const found: Record<string, Size> = {};
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.js'))) {
    const name = file.replace('.js', '');
    const { [name]: module } = (await import(new URL(file, folder).href)) as Record<string, KernelModule>;
    found[name] = {
      bytes: module.sizes.reduce((sum, size) => sum + size, 0),
      gzip: gzipSync(module.packed, { level: 9 }).length,
    };
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
    await measure(name, script, TYPICAL.includes(name) ? bundlers : ['esbuild']);
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
console.log('\nembedded modules, kB of WebAssembly in four builds / of text after gzip');
for (const [name, size] of Object.entries(modules)) console.log(name.padEnd(30), kilobytes(size));
