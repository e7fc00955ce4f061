/**
 * Runs calls on bundled scripts in a process of its own: node runCalls.mjs <file>, with a list of { file, calls } there. Each script leaves the
 * function in globalThis.found. Writes back what every call gave, and how many WebAssembly modules the script had made.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { deserialize, serialize } from 'node:v8';

let instances = 0;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...args) {
    super(...args);
    instances++;
  }
};

// Without this Node prints the line at fault: a whole bundle.
process.on('uncaughtException', (error) => {
  console.error(error.stack);
  process.exit(1);
});

const [, , exchange] = process.argv;
const results = [];
for (const { file, calls } of deserialize(readFileSync(exchange))) {
  instances = 0;
  await import(pathToFileURL(file).href);
  const { found } = globalThis;
  if (typeof found !== 'function') throw new Error(`${file} left no function`);
  const values = calls.map((args) => ({
    value: found(...args),
    both: found.valueAndGrad?.(...args) ?? null,
  }));
  results.push({ values, instances });
}
writeFileSync(exchange, serialize(results));
