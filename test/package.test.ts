/** The package as npm ships it: its files, its entry points, and that a bundler keeps what is used and no more. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as source from '../src/index.js';
import type { KernelModule } from '../src/kernels/wasm/builds.js';
import { requireDist, run } from './support/child.js';
import { losses } from './support/library.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  sideEffects: readonly string[];
  dependencies?: object;
  exports: Record<string, string | Record<string, string>>;
};

beforeAll(requireDist);

describe('what npm packs', () => {
  let files: string[];
  beforeAll(() => {
    const { stdout, stderr, status } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(stderr);
    const report = JSON.parse(stdout) as { files: { path: string }[] }[];
    files = report[0]!.files.map(({ path }) => path);
  });

  test('the documents and dist, nothing else', () => {
    const outside = files.filter((path) => !path.startsWith('dist/'));
    expect(outside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    for (const path of files.filter((each) => each.startsWith('dist/'))) {
      expect(path).toMatch(/^dist\/[\w/-]+(\.js|\.d\.ts|\.wasm)$/);
    }
  });

  test('every module comes with its types, and every source with both', () => {
    const modules = files.filter((path) => path.endsWith('.js'));
    expect(modules.length).toBeGreaterThan(40);
    for (const path of modules) expect(files).toContain(path.replace(/\.js$/, '.d.ts'));
    for (const name of Object.keys(losses)) expect(files).toContain(`dist/losses/${name}.js`);
  });

  test('what exports names is there', () => {
    const targets = Object.values(manifest.exports).flatMap((to) =>
      typeof to === 'string' ? [to] : Object.values(to),
    );
    expect(targets.length).toBeGreaterThan(3);
    for (const target of targets) expect(files).toContain(target.replace('./', ''));
  });
});

test('no dependency at run time, no side effect declared', () => {
  expect(manifest.dependencies).toBeUndefined();
  // A worker's file is run, not imported.
  expect(manifest.sideEffects).toEqual(['./dist/parallel/worker.js']);
});

test('the modules that are embedded are those that were built', async () => {
  const { unpack } = (await import(
    /* @vite-ignore */ new URL('../dist/kernels/wasm/builds.js', import.meta.url).href
  )) as typeof import('../src/kernels/wasm/builds.js');
  const directory = join(root, 'dist/kernels/wasm/embedded');
  const names = readdirSync(directory).filter((file) => file.endsWith('.js'));
  expect(names.length).toBeGreaterThan(10);
  for (const file of names) {
    const name = file.replace('.js', '');
    const { [name]: module } = (await import(/* @vite-ignore */ join(directory, file))) as Record<
      string,
      KernelModule
    >;
    const builds = unpack(module!);
    for (const [i, target] of ['float32', 'float32-relaxed', 'float64', 'float64-relaxed'].entries()) {
      const built = readFileSync(join(root, `build/modules/${name}.${target}.wasm`));
      expect(Buffer.from(builds[i]!).equals(built), `${name} ${target}`).toBe(true);
    }
  }
});

test('the built package exports what src/ does', () => {
  const { stdout } = run([], 'console.log(JSON.stringify(Object.keys(await import(losskit)).sort()))');
  expect(JSON.parse(stdout)).toEqual(Object.keys(source).sort());
});

describe('bundled', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'losskit-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/losskit'), 'junction');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function bundle(contents: string): Promise<string> {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      write: false,
      format: 'esm',
      minify: true,
      logLevel: 'silent',
    });
    return outputFiles[0]!.text;
  }

  /** The definitions in it, by the name that each carries; a kernel has one, too, and its module behind it. */
  const defined = (code: string) =>
    Object.keys(losses).filter((name) => new RegExp(`\\bname:\\s*["'\`]${name}["'\`](?!,module)`).test(code));

  test('all of it defines every loss', async () => {
    const code = await bundle('export * from "losskit"');
    expect(defined(code).sort()).toEqual(Object.keys(losses).sort());
    // What the README says of its size.
    expect(code.length).toBeLessThan(410_000);
    expect(gzipSync(code).length).toBeLessThan(270_000);
  });

  test.each(Object.keys(losses))('%s alone', async (name) => {
    const code = await bundle(`import { ${name} } from 'losskit'; console.log(${name}([1], [1]));`);
    expect(defined(code)).toEqual([name]);
  });

  test('nothing imported by name, nothing left', async () => {
    expect((await bundle("import 'losskit'")).trim()).toBe('');
    expect((await bundle("import { mseLoss } from 'losskit'")).trim()).toBe('');
  });
});
