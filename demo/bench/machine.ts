/** What the benchmark has to run on in this browser, as a list. Measures nothing. */
import type { Backend } from 'losskit';
import { sharedMemory } from '../../bench/page/sharedMemory.js';
import { h } from '../ui/dom.js';

const WHY: Record<string, string> = {
  'wasm-relaxed': 'WebAssembly with relaxed SIMD, the fastest that this browser runs',
  wasm: 'WebAssembly with fixed SIMD; this browser has no relaxed SIMD',
  js: 'TypeScript loops',
};

export function machine(backend: Exclude<Backend, 'auto'>, error: unknown): HTMLElement {
  const reason = error === undefined ? '' : `: ${error instanceof Error ? error.message : String(error)}`;
  const shared = sharedMemory();
  const item = (name: string, value: string, note: string): HTMLElement[] => [
    h('dt', {}, name),
    h('dd', {}, value, h('span', { class: 'hint' }, note)),
  ];
  return h(
    'dl',
    { class: 'machine' },
    ...item('Backend', backend, WHY[backend] + reason),
    ...item('Logical cores', String(navigator.hardwareConcurrency), 'as the browser says'),
    ...item(
      'Shared memory',
      shared.available ? 'yes' : 'no',
      shared.available ? shared.why : `${shared.why}: threads get copies`,
    ),
  );
}
