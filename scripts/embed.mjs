/**
 * Compiles assembly/ once a dtype and build (asconfig.json's targets) and embeds the modules in src/kernels/wasm/modules.ts, deflated, as
 * base64; src/kernels/wasm/inflate.ts undoes the one, builds.ts the other.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import asc from 'assemblyscript/asc';

const { targets } = JSON.parse(readFileSync('asconfig.json', 'utf8'));
mkdirSync('build', { recursive: true });
mkdirSync('src/kernels/wasm', { recursive: true });
const lines = [
  '// Made by scripts/embed.mjs from assembly/. Not edited, not committed.',
  'export interface Embedded {\n  bytes: number;\n  deflated: string;\n}',
];
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
for (const [target, { outFile }] of Object.entries(targets)) {
  const { error, stderr } = await asc.main(['--target', target]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  const bytes = readFileSync(outFile);
  const deflated = deflateRawSync(bytes, { level: 9, memLevel: 9 }).toString('base64');
  lines.push(
    `export const ${target}: Embedded = {\n  bytes: ${bytes.length},\n  deflated:\n    '${deflated}',\n};`,
  );
  console.log(`${outFile}: ${kilobytes(bytes.length)}, embedded ${kilobytes(deflated.length)}`);
}
writeFileSync('src/kernels/wasm/modules.ts', lines.join('\n') + '\n');
