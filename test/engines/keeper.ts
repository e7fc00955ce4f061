/**
 * Keeps what an engine starts and writes: its processes end and its home is removed when it is closed, and also when the process
 * that tests is killed, which no handler in it would hear. It knows no engine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Reads process groups, a line each, until its input ends, which it does with the process that writes them; then ends the groups,
 * the last first, and removes the home. A group of zombies that nobody waits for never goes: it gets two seconds.
 */
const SHELL = `
groups=
while read -r group; do groups="$group $groups"; done
for group in $groups; do kill -- "-$group"; done
for group in $groups; do
  tries=20
  while [ $tries -gt 0 ] && kill -0 -- "-$group"; do tries=$((tries - 1)); sleep 0.1; done
  kill -9 -- "-$group"
done
rm -rf "$0" || { sleep 1; rm -rf "$0"; }
`;

export class Keeper {
  readonly home = mkdtempSync(join(tmpdir(), 'losskit-engine-'));
  /** What makes a program keep its profile, caches and settings in the home. */
  readonly variables: Readonly<Record<string, string>> = {
    HOME: this.home,
    XDG_CONFIG_HOME: this.home,
    XDG_CACHE_HOME: this.home,
    XDG_RUNTIME_DIR: this.home,
  };
  readonly #shell = spawn('sh', ['-c', SHELL, this.home], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  readonly #ended = new Promise<void>((resolve) => this.#shell.once('exit', () => resolve()));

  /** To be ended with the rest: a process that leads a group of its own. */
  keep({ pid }: ChildProcess): void {
    if (pid !== undefined) this.#shell.stdin.write(`${pid}\n`);
  }

  /** Stream 3 is a pipe, the others lead nowhere. */
  start(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(command, args, {
      detached: true,
      env,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    this.keep(child);
    return child;
  }

  close(): Promise<void> {
    this.#shell.stdin.end();
    return this.#ended;
  }
}
