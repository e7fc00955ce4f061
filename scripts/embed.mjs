/** Compiles assembly/ once a dtype (asconfig.json's targets) and embeds the modules in src/kernels/wasm/modules.ts as base64. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const targets = Object.keys(JSON.parse(readFileSync('asconfig.json', 'utf8')).targets);
mkdirSync('build', { recursive: true });
mkdirSync('src/kernels/wasm', { recursive: true });
const lines = ['// Made by scripts/embed.mjs from assembly/. Not edited, not committed.'];
for (const target of targets) {
  const { error, stderr } = await asc.main(['--target', target]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  const bytes = readFileSync(`build/${target}.wasm`);
  lines.push(`export const ${target}: string =\n  '${bytes.toString('base64')}';`);
  console.log(`${target}.wasm: ${(bytes.length / 1024).toFixed(1)} KB`);
}
writeFileSync('src/kernels/wasm/modules.ts', lines.join('\n') + '\n');
