/**
 * Compiles assembly/ (asconfig.json's targets): the whole to build/float32.wasm and its siblings, for `initSync`; and each file of assembly/abi/ by
 * itself to build/modules/ and, packed, to src/kernels/wasm/embedded/, so that a bundle has the kernels of its losses and no others.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import asc from 'assemblyscript/asc';
import { pack } from './pack.mjs';

const TARGETS = Object.keys(JSON.parse(readFileSync('asconfig.json', 'utf8')).targets);
const EMBEDDED = 'src/kernels/wasm/embedded';

/** Where a module's own constants may be: below the layout's STATE, a place for each, so that all of them may stand in one memory. */
const FIRST = 1024;
const STATE = 98304;
const WHOLE_ROOM = 2048;
const ROOM = 1024;

/** 'float32Relaxed' as a file is named. */
const fileName = (target) => target.replace('Relaxed', '-relaxed');

// Node 20 has relaxed SIMD under a flag; later ones have it, and no such flag.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');

if (isMainThread) await main();
else parentPort.on('message', compile);

async function main() {
  const names = readdirSync('assembly/abi')
    .map((file) => file.replace('.ts', ''))
    .sort();
  for (const directory of ['build/modules', EMBEDDED]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }
  const jobs = TARGETS.map((target, i) => ({
    target,
    entry: 'assembly/index.ts',
    outFile: `build/${fileName(target)}.wasm`,
    base: FIRST + i * WHOLE_ROOM,
    room: WHOLE_ROOM,
    text: `build/${fileName(target)}.wat`,
  }));
  const first = FIRST + TARGETS.length * WHOLE_ROOM;
  for (const [m, name] of names.entries())
    for (const [i, target] of TARGETS.entries())
      jobs.push({
        target,
        entry: `assembly/abi/${name}.ts`,
        outFile: `build/modules/${name}.${fileName(target)}.wasm`,
        base: first + (m * TARGETS.length + i) * ROOM,
        room: ROOM,
      });
  const last = jobs.at(-1);
  if (last.base + last.room > STATE) throw new Error('The modules have no room for their constants');
  await compileAll(jobs);
  for (const [index, name] of names.entries()) embed(name, index);
}

/** All jobs, the large ones first, a thread a core. */
async function compileAll(jobs) {
  const waiting = [...jobs];
  const run = (worker) =>
    new Promise((resolve, reject) => {
      const next = () => {
        const job = waiting.shift();
        if (job) worker.postMessage(job);
        else resolve(worker.terminate());
      };
      worker.on('message', (error) => {
        if (error) reject(new Error(error));
        else next();
      });
      worker.on('error', reject);
      next();
    });
  const workers = Array.from(
    { length: Math.min(availableParallelism(), 8) },
    () => new Worker(new URL(import.meta.url)),
  );
  try {
    await Promise.all(workers.map(run));
  } catch (error) {
    console.error(String(error.message ?? error));
    process.exit(1);
  }
}

/** In a thread: one job; answers what went wrong. */
async function compile({ target, entry, outFile, base, room, text }) {
  const options = ['--target', target, '--outFile', outFile, '--memoryBase', String(base)];
  const { error, stderr } = await asc.main([entry, ...options, ...(text ? ['--textFile', text] : [])]);
  if (error) parentPort.postMessage(`${outFile}: ${stderr.toString() || error}`);
  else if (constantsEnd(readFileSync(outFile)) > base + room)
    parentPort.postMessage(`${outFile}: more than ${room} bytes of constants`);
  else parentPort.postMessage(null);
}

/** The end of what an instance writes into its memory. */
function constantsEnd(bytes) {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536 });
  const module = new WebAssembly.Module(bytes);
  new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  return new Uint8Array(memory.buffer).findLastIndex((byte) => byte !== 0) + 1;
}

function embed(name, index) {
  const builds = TARGETS.map((target) => readFileSync(`build/modules/${name}.${fileName(target)}.wasm`));
  const packed = pack(builds).toString('base64');
  const lines = [
    `// Made by scripts/embed.mjs from assembly/abi/${name}.ts. Not edited, not committed.`,
    `import type { KernelModule } from '../builds.js';`,
    `export const ${name}: KernelModule = {`,
    `  index: ${index},`,
    `  sizes: [${builds.map(({ length }) => length).join(', ')}],`,
    `  packed:\n    '${packed}',`,
    '};',
  ];
  writeFileSync(`${EMBEDDED}/${name}.ts`, lines.join('\n') + '\n');
  const raw = builds.reduce((sum, { length }) => sum + length, 0);
  const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
  console.log(`${name}: ${kilobytes(raw)}, embedded ${kilobytes(packed.length)}`);
}
