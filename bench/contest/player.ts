/** A contender's process as the driver sees it: lines to it, one answer each (protocol.ts). Ends with its reason where the process ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** Longer than the longest call of anyone that is let in. */
const PATIENCE = 180_000;

/** Where the repository stands is nobody's business: it goes from what is said. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export class Player {
  readonly #child: ChildProcess;
  readonly #answers: string[] = [];
  #waiting: ((answer: string) => void) | undefined;
  #ended: string | undefined;
  #complaint = '';

  constructor({ file, args }: Command) {
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#give(line));
    this.#child.stderr!.on('data', (data) => (this.#complaint += String(data)));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('close', (code, signal) => {
      const last = this.#complaint.trim().split('\n').pop();
      this.#end(`the process ended with ${signal ?? code}${last ? `: ${last}` : ''}`);
    });
    // The process may be gone when a line is written; `close` says so.
    this.#child.stdin!.on('error', () => {});
  }

  #give(answer: string): void {
    // Other lines are what a library has to say.
    if (!/^(ready|unavailable|ok|none|failed|value|ns)(\t|$)/.test(answer)) return;
    if (this.#waiting) this.#waiting(answer);
    else this.#answers.push(answer);
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#waiting?.(`failed\t${this.#ended}`);
  }

  /** The next answer, as words. */
  async answer(): Promise<string[]> {
    let line = this.#answers.shift();
    if (line === undefined && this.#ended !== undefined) line = `failed\t${this.#ended}`;
    if (line === undefined) {
      let timer: NodeJS.Timeout | undefined;
      line = await new Promise<string>((resolve) => {
        this.#waiting = resolve;
        timer = setTimeout(() => {
          resolve('failed\tno answer within three minutes');
          this.#child.kill('SIGKILL');
        }, PATIENCE);
      });
      this.#waiting = undefined;
      clearTimeout(timer);
    }
    return line.replaceAll(ROOT, '').split('\t');
  }

  ask(...words: (string | number)[]): Promise<string[]> {
    this.#child.stdin!.write(`${words.join('\t')}\n`);
    return this.answer();
  }

  /** Nanoseconds of so many calls. */
  async time(calls: number): Promise<number> {
    const [word, said] = await this.ask('time', calls);
    if (word !== 'ns') throw new Error(said);
    return Number(said);
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    this.#child.stdin!.end();
    await closed;
    clearTimeout(timer);
  }
}
