/**
 * `npm run bench:linear`: linearCrossEntropy beside the logits that it does not hold. Rate, time and peak memory of value and gradients at
 * [512, 768] x [32000, 768], fused and unfused (the same products, and crossEntropy on all logits); plain loops at a size that they finish; and
 * TensorFlow.js on WebAssembly where bench/peers has it installed. Every measurement in a process of its own; writes bench/out/linear.json.
 */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Order, Result } from './linearProcess.js';

const FULL = [512, 768, 32000] as const;
const SMALL = [128, 256, 8000] as const;

/** Of value and gradients: three products. */
const flops = ([n, h, v]: readonly number[]) => 6 * n * h * v;

function measure(order: Order): Promise<Result> {
  const file = fileURLToPath(new URL('linearProcess.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    let result: Result | undefined;
    const child = fork(file, [JSON.stringify(order)], { execArgv: [...process.execArgv, '--expose-gc'] });
    child.on('message', (message) => (result = message as Result));
    child.on('exit', (code) =>
      result ? resolve(result) : reject(new Error(`${order.what}: the process ended with ${code}`)),
    );
  });
}

async function main(): Promise<void> {
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`);
  const rows = [];
  for (const [what, size] of [
    ['product', FULL],
    ['linearCrossEntropy', FULL],
    ['linearCrossEntropy, head frozen', FULL],
    ['linearCrossEntropy, value', FULL],
    ['unfused', FULL],
    ['TensorFlow.js (wasm)', FULL],
    ['linearCrossEntropy', SMALL],
    ['plain loops', SMALL],
  ] as const) {
    const result = await measure({ what, size });
    if (result.skipped) {
      console.log(`${what}: ${result.skipped}`);
      continue;
    }
    const work = flops(size) * result.products;
    const row = {
      what,
      size,
      milliseconds: result.milliseconds,
      gigaflops: work / result.milliseconds / 1e6,
      mebibytes: result.bytes / 2 ** 20,
      error: result.error,
    };
    rows.push(row);
    const [n, h, v] = size;
    console.log(
      `${what.padEnd(34)} [${n},${h}] x [${v},${h}]  ${row.milliseconds.toFixed(0).padStart(6)} ms ` +
        `${row.gigaflops.toFixed(1).padStart(6)} GFLOP/s ${row.mebibytes.toFixed(0).padStart(5)} MiB beside inputs and gradients` +
        (row.error === null ? '' : `  largest relative error ${row.error.toExponential(1)}`),
    );
  }
  mkdirSync(new URL('out/', import.meta.url), { recursive: true });
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(
    new URL('out/linear.json', import.meta.url),
    `${JSON.stringify({ date, machine, rows }, null, 2)}\n`,
  );
}

await main();
