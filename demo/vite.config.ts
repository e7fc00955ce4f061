/** Builds demo/ to build/demo, for any folder of any static server. losskit is the built package, as its users get it. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { copies } from './bench/copy.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
// With these a page may share memory with its workers.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  root: path('.'),
  base: './',
  plugins: [copies()],
  resolve: {
    alias: [
      { find: /^losskit\/parallel$/, replacement: path('../dist/parallel/index.js') },
      { find: /^losskit$/, replacement: path('../dist/index.js') },
    ],
  },
  worker: { format: 'es' },
  build: {
    outDir: path('../build/demo'),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing as data: URLs, which `default-src 'self'` forbids.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    // The page's own script is there already: Firefox reports a second preload of it as an error.
    modulePreload: {
      resolveDependencies: (_, files) => files.filter((file) => !/\bindex-[^/]*\.js$/.test(file)),
    },
  },
  server: { headers, fs: { allow: [path('..')] } },
  preview: { headers },
});
