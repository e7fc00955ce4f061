/** Every golden case on every backend that the engine has, judged in the page by what judges them in Node. */
import * as losskit from 'losskit';
import { type GoldenFile, ourName } from '../../support/golden.js';
import { prepare, runCase, runLarge } from '../../support/goldenRun.js';
import type { AnyLoss } from '../../support/results.js';
import { tell } from './report.js';

export interface GoldenReport {
  /** One a backend that the engine has; failures are the first five. */
  backends: { backend: losskit.Backend; run: number; failed: number; failures: string[] }[];
  thrown?: string;
}

const functions = losskit as unknown as Record<string, AnyLoss>;

function takes(backend: losskit.Backend): boolean {
  try {
    losskit.useBackend(backend);
    return true;
  } catch {
    return false;
  }
}

await tell<GoldenReport>(async (report) => {
  const golden = (await (await fetch('/fixtures/golden.json')).json()) as GoldenFile;
  report.backends = (['wasm-relaxed', 'wasm', 'js'] as const)
    .filter(takes)
    .map((backend) => ({ backend, run: 0, failed: 0, failures: [] }));
  const onEach = (id: string, run: () => string[]) => {
    for (const part of report.backends!) {
      losskit.useBackend(part.backend);
      let failures: string[];
      try {
        failures = run();
      } catch (error) {
        failures = [`${id} threw ${String(error)}`];
      }
      part.run++;
      if (failures.length) part.failed++;
      part.failures.push(...failures.slice(0, 5 - part.failures.length));
    }
  };
  for (const entry of golden.cases) onEach(entry.id, () => runCase(functions[ourName(entry)]!, entry));
  for (const entry of golden.large) {
    const large = prepare(entry);
    onEach(entry.id, () => runLarge(functions[large.name]!, large));
  }
});
