/** Who takes part in bench:peers: name, how it is started, and what it takes part in. The one list of them. */
import { fileURLToPath } from 'node:url';
import { type Engine, nativeProgram, pythonWithTorch, relaxedEngine, thisEngine } from './engines.js';
import { peersFolder } from './peerPackage.js';
import type { Command } from './player.js';

export interface Entrant {
  readonly name: string;
  /** As tables and charts call it. */
  readonly label: string;
  /** How its process is started, or why it cannot be. */
  readonly start: Command | { readonly missing: string };
  /** Whether it runs the sweep of sizes, too. */
  readonly sweep: boolean;
}

const tsx = import.meta.resolve('tsx');
const script = fileURLToPath(new URL('contender.ts', import.meta.url));
const inNode = ({ file, flags }: Engine, ...words: string[]): Command => ({
  file,
  args: [...flags, '--import', tsx, script, ...words],
});

function native(target: string): Entrant['start'] {
  const found = nativeProgram(target);
  return 'program' in found ? { file: found.program, args: [] } : found;
}

function torch(): Entrant['start'] {
  const python = pythonWithTorch();
  if (!python) return { missing: 'no Python here has torch (Debian: python3-torch)' };
  return { file: python, args: [`${peersFolder}torch/contender.py`] };
}

/** Whether one of them is in the packages of bench/peers. */
export const needPackages = (words: readonly string[]): boolean =>
  ['tfjs-cpu', 'tfjs-wasm', 'jax-js', 'transformers'].some((name) => !words.length || words.includes(name));

/** Those who are named, all where nobody is. Compiles and asks nothing for those left out. */
export function entrants(words: readonly string[]): Entrant[] {
  const all: Entrant[] = [];
  const add = (name: string, label: string, sweep: boolean, start: () => Entrant['start']) => {
    if (!words.length || words.includes(name)) all.push({ name, label, sweep, start: start() });
  };
  let relaxed: Engine | undefined;
  const onRelaxed = (way: string) => () => inNode((relaxed ??= relaxedEngine()), 'losskit', way);
  const here =
    (...args: string[]) =>
    () =>
      inNode(thisEngine, ...args);
  add('losskit', 'losskit', true, here('losskit', 'arrays'));
  add('fresh', 'losskit, new gradient', false, here('losskit', 'fresh'));
  add('arena', 'losskit, arena', true, here('losskit', 'arena'));
  // Beside the relaxed build, on its engine: what the build gains, without what the engine does.
  add('node24', 'losskit, newer Node', false, onRelaxed('arrays'));
  add('relaxed', 'losskit, relaxed', true, onRelaxed('relaxed'));
  add('relaxed-arena', 'losskit, relaxed, arena', false, onRelaxed('relaxed-arena'));
  add('pool', 'losskit, 2 threads', false, here('losskit', 'pool'));
  add('shared', 'losskit, 2 threads, shared', false, here('losskit', 'shared'));
  add('loops', 'plain loops', true, here('loops'));
  add('tfjs-cpu', 'tfjs cpu', false, here('tensorflow', 'cpu'));
  add('tfjs-wasm', 'tfjs wasm', true, here('tensorflow', 'wasm'));
  add('jax-js', 'jax-js', false, here('jax'));
  add('transformers', 'Transformers.js', false, here('transformers'));
  add('sse41', 'C, SSE4.1', false, () => native('-msse4.1'));
  add('native', 'C, this machine', false, () => native('-march=native'));
  add('torch', 'PyTorch, 1 thread', true, torch);
  add('copy', 'memcpy', true, here('copy'));
  return all;
}
