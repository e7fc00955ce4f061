/** The package as npm ships it: its files, its entry points, and that it works where it is installed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as vite } from 'vite';
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
  types: string;
  unpkg: string;
  jsdelivr: string;
  exports: Targets;
};
/** A file, or files by condition. */
type Targets = string | { [condition: string]: Targets };
const targetsOf = (targets: Targets): string[] =>
  typeof targets === 'string' ? [targets] : Object.values(targets).flatMap(targetsOf);

beforeAll(requireDist);

/** What npm may have to bring: measured, and some room. */
const PACKED = 1_100_000;

interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

let folder: string;
let packed: Packed;
let files: string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losskit-'));
  const [report] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  ) as Packed[];
  packed = report!;
  files = packed.files.map(({ path }) => path);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a command prints. */
function command(program: string, args: readonly string[], cwd: string): string {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    shell: program === 'npm' && process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}
const npm = (args: readonly string[], cwd: string) => command('npm', args, cwd);

describe('what npm packs', () => {
  test('the documents and dist, nothing else', () => {
    const outside = files.filter((path) => !path.startsWith('dist/'));
    expect(outside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    for (const path of files.filter((each) => each.startsWith('dist/'))) {
      expect(path).toMatch(/^dist\/[\w/-]+(\.min)?(\.js|\.d\.ts|\.wasm)$/);
    }
  });

  test('every module comes with its types, and every source with both', () => {
    const modules = files.filter((path) => path.endsWith('.js'));
    expect(modules.length).toBeGreaterThan(40);
    for (const path of modules) expect(files).toContain(path.replace(/\.js$/, '.d.ts'));
    for (const name of Object.keys(losses)) expect(files).toContain(`dist/losses/${name}.js`);
  });

  test('what the manifest names is there', () => {
    const { exports, sideEffects, types, unpkg, jsdelivr } = manifest;
    const targets = [...targetsOf(exports), ...sideEffects, types, unpkg, jsdelivr];
    expect(targets.length).toBeGreaterThan(12);
    for (const target of targets) expect(files).toContain(target.replace('./', ''));
  });

  test('no file asks for another that is not there', () => {
    for (const path of files.filter((each) => each.startsWith('dist/'))) {
      const text = path.endsWith('.wasm') ? '' : readFileSync(join(root, path), 'utf8');
      expect(text, path).not.toContain('sourceMappingURL');
      for (const [, to] of text.matchAll(/(?:from |import\(|import )['"](\.[^'"]+)['"]/g)) {
        const target = new URL(to!, `file:///${path}`).pathname.slice(1);
        expect(files, `${path} imports ${to}`).toContain(target);
      }
    }
  });

  test('its size', () => {
    console.log(`packed ${packed.size} bytes, unpacked ${packed.unpackedSize}, ${files.length} files`);
    expect(packed.size).toBeLessThan(PACKED);
  });
});

test('no dependency at run time, no side effect declared', () => {
  expect(manifest.dependencies).toBeUndefined();
  // A worker's file is run, not imported; that for workerd hands over its modules.
  expect(manifest.sideEffects).toEqual(['./dist/parallel/worker.js', './dist/workerd.js']);
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

test('the file for pages without a bundler exports it, too, imports nothing and says what it is', async () => {
  const url = new URL('../dist/losskit.min.js', import.meta.url);
  const text = readFileSync(url, 'utf8');
  expect(text.split('\n')[0]).toBe(`/*! losskit ${manifest.version}, MIT License */`);
  expect(text).not.toMatch(/\bimport\b\s*[{*"'(.]/);
  const own = (await import(/* @vite-ignore */ url.href)) as typeof source;
  expect(Object.keys(own).sort()).toEqual(Object.keys(source).sort());
  expect(own.crossEntropy([2, 1, 0], [0])).toBe(source.crossEntropy([2, 1, 0], [0]));
});

describe('installed', () => {
  let project: string;
  beforeAll(() => {
    project = join(folder, 'project');
    mkdirSync(project);
    write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
    npm(['install', join(folder, packed.filename), '--offline', '--no-audit', '--no-fund'], project);
  });
  const write = (name: string, text: string) => writeFileSync(join(project, name), text);
  const node = (...args: string[]) => command(process.execPath, args, project).trim();
  const CALL = `console.log(JSON.stringify([losskit.backend(), losskit.crossEntropy([2, 1, 0], [0])]));`;
  const VALUE = Math.log(1 + Math.exp(-1) + Math.exp(-2));

  test('alone in node_modules', () => {
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'losskit',
    ]);
  });

  test.each([
    ['import', 'main.mjs', `import * as losskit from 'losskit'; ${CALL}`],
    ['require', 'main.cjs', `const losskit = require('losskit'); ${CALL}`],
    ['one file', 'min.mjs', `import * as losskit from 'losskit/losskit.min.js'; ${CALL}`],
  ])('%s', (_, name, script) => {
    write(name, script);
    const [backend, value] = JSON.parse(node(name)) as [string, number];
    expect(backend).toMatch(/^wasm/);
    expect(value).toBeCloseTo(VALUE, 12);
  });

  test('a pool finds its worker', () => {
    write(
      'pool.mjs',
      `import { mseLoss } from 'losskit';
      import { createPool } from 'losskit/parallel';
      const memory = () => new Float32Array(new SharedArrayBuffer(4 * 1_200_000));
      const pool = await createPool({ threads: 2 });
      console.log(await pool.value(mseLoss, memory().fill(3), memory().fill(1)), pool.threads);
      await pool.close();`,
    );
    expect(node('pool.mjs')).toBe('4 2');
  });

  test.each([
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
    { module: 'esnext', moduleResolution: 'bundler', customConditions: ['workerd'] },
  ])('its types: %j', (options) => {
    write(
      'main.ts',
      `import { crossEntropy, initSync, type CrossEntropyOptions } from 'losskit';
      import * as file from 'losskit/losskit.min.js';
      import { createPool, type Pool } from 'losskit/parallel';
      const options: CrossEntropyOptions = { labelSmoothing: 0.1 };
      const each: Float32Array = crossEntropy(new Float32Array(3), [0], { ...options, reduction: 'none' });
      const grad: Float64Array = file.crossEntropy.valueAndGrad([2, 1, 0], [0]).grad;
      export const pool: Promise<Pool> = createPool({ threads: 2 });
      export { each, grad, initSync };
      // @ts-expect-error: no such option
      crossEntropy([2, 1, 0], [0], { smoothing: 0.1 });`,
    );
    const compilerOptions = { ...options, strict: true, noEmit: true, target: 'es2022', types: [] };
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    expect(node(join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')).toBe('');
  });

  test('an application of Vite', async () => {
    write('index.html', '<!doctype html><title>.</title><script type="module" src="/app.js"></script>');
    write('app.js', `import * as losskit from 'losskit'; ${CALL}`);
    await vite({
      root: project,
      configFile: false,
      logLevel: 'error',
      build: { modulePreload: false },
    });
    const assets = readdirSync(join(project, 'dist/assets'));
    expect(assets).toHaveLength(1);
    expect(JSON.parse(node(`dist/assets/${assets[0]}`))[1]).toBeCloseTo(VALUE, 12);
  });
});
