/** The relaxed build beside the fixed one, in one process in turn. Knows no loss: it takes cases of the table. No case where the engine has no relaxed SIMD. */
import { useBackend } from 'losskit';
import type { Case } from './case.js';

/** Whether the relaxed build runs here. */
export const relaxedRuns = ((): boolean => {
  try {
    useBackend('wasm-relaxed');
    return true;
  } catch {
    return false;
  } finally {
    useBackend('auto');
  }
})();

/** The losskit call of a case under 'wasm-relaxed', and the same call under 'wasm'. */
export function relaxed(target: number, { name, prepare, ...rest }: Case): Case[] {
  if (!relaxedRuns) return [];
  const both = () => {
    const prepared = prepare();
    const under = (backend: 'wasm' | 'wasm-relaxed') => () => {
      useBackend(backend);
      return prepared.subject();
    };
    return { ...prepared, subject: under('wasm-relaxed'), other: under('wasm') };
  };
  return [
    { ...rest, name: `relaxed: ${name}`, kind: 'faster', target, process: `relaxed: ${name}`, prepare: both },
  ];
}
