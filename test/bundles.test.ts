/**
 * The built package in applications: esbuild, Rollup, Vite and webpack keep of it what is imported, and what they make of it computes what the
 * source does. Sizes are of production builds, after gzip.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application, type Bundle, type Bundler, bundlers, TYPICAL } from '../bench/bundlers.js';
import * as source from '../src/index.js';
import { callsOf, computes } from './support/calls.js';
import { requireDist } from './support/child.js';
import { type AnyLoss, losses } from './support/library.js';

/** The most that one loss may bring along, with its kernels of both precisions and builds. */
const ONE_LOSS = 60_000;
/** tokenLogProbs has two modules: with the statistics of rows and, faster, without. */
const ONE_FUNCTION = 70_000;
/** What the README says of all of it, minified and after gzip. */
const ALL = 410_000;
const ALL_GZIP = 270_000;

const names = Object.keys(source).filter(computes);

let application: Application;
beforeAll(() => {
  requireDist();
  application = new Application();
});
afterAll(() => application?.remove());

interface Results {
  values: { value: unknown; both: unknown }[];
  instances: number;
}

/** What bundles give, each run on its export's calls in one process under this one's flags. */
function runAll(bundles: readonly (readonly [name: string, bundle: Bundle])[]): Results[] {
  const exchange = join(application.folder, 'calls');
  writeFileSync(exchange, serialize(bundles.map(([name, { file }]) => ({ file, calls: callsOf(name) }))));
  const script = fileURLToPath(new URL('support/runCalls.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, script, exchange], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return deserialize(readFileSync(exchange)) as Results[];
}

/** The source's own results, bit for bit. */
function expectResults(name: string, { values, instances }: Results): void {
  const own = (source as unknown as Record<string, AnyLoss>)[name]!;
  const expected = callsOf(name).map((args) => ({
    value: own(...args),
    both: own.valueAndGrad?.(...args) ?? null,
  }));
  expect(values, name).toEqual(expected);
  // Sums over a few rows stay in TypeScript.
  if (name in losses && !TYPESCRIPT.includes(name))
    expect(instances, `${name} ran WebAssembly`).toBeGreaterThan(0);
}
/** Losses of one number a sequence have no kernels. */
const TYPESCRIPT = ['dpoLoss', 'orpoLoss', 'simpoLoss', 'ktoLoss'];

const script = (name: string) => `import { ${name} } from 'losskit'; globalThis.found = ${name};`;
const all = `import * as losskit from 'losskit'; globalThis.found = (name, ...args) => losskit[name](...args);`;

/** The definitions in it, by the name that each carries; a kernel has one, too, and its module behind it. */
const defined = (code: string) =>
  Object.keys(losses).filter((name) =>
    new RegExp(`\\bname:\\s*["'\`]${name}["'\`](?!,\\s*module)`).test(code),
  );

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);
function report(title: string, bundles: readonly (readonly [name: string, bundle: Bundle])[]): void {
  const lines = bundles.map(
    ([name, { bytes, gzip }]) => `  ${name.padEnd(30)}${kilobytes(bytes)}, gzip ${kilobytes(gzip)}`,
  );
  console.log(`${title}\n${lines.join('\n')}`);
}

describe.each(bundlers)('%s', (bundler: Bundler) => {
  const wanted = bundler === 'esbuild' ? names : TYPICAL;
  let bundles: [name: string, bundle: Bundle][];
  beforeAll(async () => {
    bundles = [];
    for (const name of wanted) bundles.push([name, await application.bundle(bundler, script(name))]);
    report(bundler, bundles);
  });

  test('one import brings one definition', () => {
    for (const [name, { code, files }] of bundles) {
      expect(defined(code), name).toEqual(name in losses ? [name] : []);
      expect(files, name).toHaveLength(1);
    }
  });

  test(`one loss is at most ${ONE_LOSS} bytes after gzip`, () => {
    const over = bundles
      .filter(([name, { gzip }]) => gzip > (name in losses ? ONE_LOSS : ONE_FUNCTION))
      .map(([name, { gzip }]) => `${name}: ${gzip}`);
    expect(over).toEqual([]);
  });

  test('what it computes is what the source does', () => {
    runAll(bundles).forEach((results, i) => expectResults(bundles[i]![0], results));
  });

  test('all of it defines every loss, and stays small', async () => {
    const bundle = await application.bundle(bundler, all);
    report(`${bundler}, all of losskit`, [['*', bundle]]);
    expect(defined(bundle.code).sort()).toEqual(Object.keys(losses).sort());
    expect(bundle.bytes).toBeLessThan(ALL);
    expect(bundle.gzip).toBeLessThan(ALL_GZIP);
  });

  test('nothing used, nothing left', async () => {
    for (const unused of ["import 'losskit'", "import { mseLoss } from 'losskit'"]) {
      const { code } = await application.bundle(bundler, `${unused};\nglobalThis.found = 1;`);
      expect(code.length, code.slice(0, 300)).toBeLessThan(60);
    }
  });
});

test('every loss is bundled, and every other function of arrays', () => {
  expect(names).toEqual(expect.arrayContaining(Object.keys(losses)));
  const rest = Object.keys(source).filter((name) => !names.includes(name));
  // Tools that bring no kernels of their own.
  expect(rest.sort()).toEqual([
    'Perplexity',
    'backend',
    'backendError',
    'classWeights',
    'commonParameters',
    'createArena',
    'initSync',
    'useBackend',
  ]);
});
