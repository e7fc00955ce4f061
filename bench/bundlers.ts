/**
 * Four bundlers, called as an application's production build calls them: esbuild, Rollup with its resolver (minified by esbuild, as it has no
 * minifier), Vite and webpack. A folder stands for the application, with the built package in its node_modules. They know no loss.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild, transform } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

export const bundlers = ['esbuild', 'rollup', 'vite', 'webpack'] as const;
export type Bundler = (typeof bundlers)[number];

/** Exports that are bundled by all of them; the others by esbuild alone, as some take a second for each. */
export const TYPICAL: readonly string[] = [
  'crossEntropy',
  'mseLoss',
  'sigmoidFocalLoss',
  'ctcLoss',
  'tripletMarginLoss',
  'linearCrossEntropy',
  'infoNceLoss',
  'dpoLoss',
  'tokenLogProbs',
];

/** What they all agree on; Vite's own default is a list of browsers of about that year. */
const TARGET = 'es2022';

export interface Bundle {
  /** The application's own script; all imports are in it. */
  file: string;
  code: string;
  /** Every file that was written. */
  files: string[];
  bytes: number;
  gzip: number;
}

export class Application {
  readonly folder = mkdtempSync(join(tmpdir(), 'losskit-'));
  #built = 0;

  constructor() {
    mkdirSync(join(this.folder, 'node_modules'));
    const root = fileURLToPath(new URL('..', import.meta.url));
    symlinkSync(root, join(this.folder, 'node_modules/losskit'), 'junction');
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }\n');
  }

  /** Bundles a script, each time to a folder of its own. */
  async bundle(bundler: Bundler, script: string): Promise<Bundle> {
    const name = `app${this.#built++}`;
    const entry = join(this.folder, `${name}.js`);
    const out = join(this.folder, name);
    writeFileSync(entry, script);
    await builds[bundler](entry, out, this.folder);
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.\w+$/.test(path),
    );
    const file = join(
      out,
      files.find((path) => path.endsWith('app.js'))!,
    );
    const code = readFileSync(file, 'utf8');
    return { file, code, files, bytes: Buffer.byteLength(code), gzip: gzipSync(code, { level: 9 }).length };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const builds: Record<Bundler, (entry: string, out: string, root: string) => Promise<unknown>> = {
  esbuild: (entry, out) =>
    esbuild({
      entryPoints: { app: entry },
      outdir: out,
      bundle: true,
      minify: true,
      format: 'esm',
      target: TARGET,
      logLevel: 'error',
    }),

  async rollup(entry, out) {
    const bundle = await rollup({
      input: { app: entry },
      plugins: [
        nodeResolve(),
        {
          name: 'minify',
          renderChunk: (code) => transform(code, { minify: true, format: 'esm', target: TARGET }),
        },
      ],
      onwarn(warning) {
        throw new Error(warning.message);
      },
    });
    await bundle.write({ dir: out });
    await bundle.close();
  },

  vite: (entry, out, root) =>
    vite({
      root,
      configFile: false,
      // Relative, so that a page in any folder finds the worker.
      base: './',
      logLevel: 'error',
      build: {
        outDir: out,
        emptyOutDir: false,
        modulePreload: false,
        rolldownOptions: { input: { app: entry }, output: { entryFileNames: '[name].js' } },
      },
    }),

  webpack: (entry, out, root) =>
    new Promise<void>((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          context: root,
          entry: { app: entry },
          target: ['web', TARGET],
          experiments: { outputModule: true },
          output: {
            path: out,
            filename: '[name].js',
            chunkFilename: '[name].js',
            module: true,
            publicPath: 'auto',
          },
          // The limit that it warns at by itself is for whole pages.
          performance: { hints: false },
          devtool: false,
        },
        (error, stats) => {
          if (error) return reject(error);
          const found = stats!.toJson({ all: false, errors: true, warnings: true });
          const said = [...found.errors!, ...found.warnings!].map(({ message }) => message);
          if (said.length) reject(new Error(said.join('\n')));
          else resolve();
        },
      );
    }),
};
