/**
 * The process of a contender that runs in Node: `contender.ts <module of contenders/> [argument]`. Reads the data that the driver wrote,
 * answers its lines (protocol.ts); knows no loss.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseLoad, type Task } from './protocol.js';

export interface Data {
  readonly task: Task;
  /** Arrays of their own, not views of a file. */
  readonly x: Float32Array;
  readonly t: Float32Array | null;
  readonly y: Int32Array | null;
}

export interface Prepared {
  /** Gives the value; a promise where the library has no other way. */
  readonly run: () => number | Promise<number>;
  /** The gradients of the last run. */
  readonly gradients: () => readonly Float32Array[] | Promise<readonly Float32Array[]>;
}

export interface Contender {
  /** The library's version, or what else names it. */
  readonly about: string;
  /** What to run, or why there is nothing. */
  readonly prepare: (data: Data) => Prepared | string | Promise<Prepared | string>;
  readonly close?: () => unknown;
}

/** What a module of contenders/ exports; it throws where the contender cannot run here. */
export type Open = (argument: string | undefined) => Promise<Contender>;

function words32(file: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

function read(task: Task): Data {
  const x = new Float32Array(words32(task.x));
  const second = words32(task.t);
  if (task.loss === 'ce') return { task, x, t: null, y: new Int32Array(second) };
  if (task.loss !== 'linear') return { task, x, t: new Float32Array(second), y: null };
  const head = task.classes * task.width;
  return { task, x, t: new Float32Array(second, 0, head), y: new Int32Array(second, 4 * head) };
}

const say = (...answer: (string | number)[]) => process.stdout.write(`${answer.join('\t')}\n`);
const why = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0];

let sink = 0;

/** Nanoseconds of so many calls. */
async function time(run: Prepared['run'], calls: number): Promise<number> {
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) {
    const value = run();
    // An await of a number would cost a tiny call more than it takes.
    sink += typeof value === 'number' ? value : await value;
  }
  return Number(process.hrtime.bigint() - start);
}

async function main(): Promise<void> {
  const [, , module, argument] = process.argv;
  let contender: Contender;
  try {
    const { open } = (await import(`./contenders/${module}.js`)) as { open: Open };
    contender = await open(argument);
  } catch (error) {
    say('unavailable', why(error));
    return;
  }
  say('ready', contender.about);
  let task: Task | undefined;
  let prepared: Prepared | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const words = line.split('\t');
    try {
      if (words[0] === 'load') {
        prepared = undefined;
        task = parseLoad(words);
        const got = await contender.prepare(read(task));
        if (typeof got === 'string') say('none', got);
        else {
          prepared = got;
          say('ok');
        }
      } else if (words[0] === 'check') {
        const value = await prepared!.run();
        const parts = task!.grad ? await prepared!.gradients() : [];
        writeFileSync(
          task!.out,
          Buffer.concat(parts.map((g) => new Uint8Array(g.buffer, g.byteOffset, g.byteLength))),
        );
        say('value', value);
      } else {
        say('ns', await time(prepared!.run, Number(words[1])));
      }
    } catch (error) {
      say('failed', why(error));
    }
  }
  await contender.close?.();
  if (Number.isNaN(sink)) process.stderr.write('a call gave NaN\n');
}

await main();
