/** The bench page: starts runner.ts, shows its progress, a table and a chart. `?quick` starts by itself and takes little time. */
import { backend, useBackend } from 'losskit';
import type { Loops } from '../contest/calls.js';
import { pageCases } from '../contest/cases.js';
import type { CaseResult } from '../contest/results.js';
import type { Parallel } from '../contest/places.js';
import { quick, runCases, thorough } from './runner.js';
import { sharedMemory } from './sharedMemory.js';
import { absentItems, CAPTION, headCells, reportOf, resultRow, speedupChart } from './show.js';
import { waysWith } from './ways.js';

/** Whether the package that is served has `losskit/parallel`: said by the build. */
declare const PARALLEL: boolean;

const byId = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const start = byId<HTMLButtonElement>('start');
const copy = byId<HTMLButtonElement>('copy');
const progress = byId<HTMLProgressElement>('progress');
const status = byId('status');
const rows = byId<HTMLTableSectionElement>('rows');
const chart = byId('chart');
const absent = byId('absent');

// Neither is part of the bundle: the loops are to be a copy of their own, the pool comes from the package.
const REFERENCE = './reference.js';
const POOL = 'losskit/parallel';

function parallel(): Promise<Parallel> {
  if (!PARALLEL) throw new Error('this build of losskit has no losskit/parallel');
  return import(POOL) as Promise<Parallel>;
}

const isQuick = new URLSearchParams(location.search).has('quick');
let stop: AbortController | undefined;
let report = '';

async function run(): Promise<void> {
  stop = new AbortController();
  start.textContent = 'Stop';
  copy.disabled = true;
  rows.replaceChildren();
  chart.replaceChildren();
  const all = waysWith(parallel);
  let ways = all;
  const results: CaseResult[] = [];
  document.body.dataset['state'] = 'running';
  let state = 'done';
  try {
    const found = await runCases({
      cases: pageCases,
      ways: all,
      reference: (await import(REFERENCE)) as Loops,
      effort: isQuick ? quick : thorough,
      signal: stop.signal,
      onProgress({ done, total, doing, missing, result }) {
        if (!done && !result) {
          ways = all.filter(({ name }) => !(name in missing));
          byId('heads').replaceChildren(...headCells(ways));
          absent.replaceChildren(...absentItems(missing, all));
        }
        progress.max = total;
        progress.value = done;
        status.textContent = result ? `${done} of ${total} cases` : `${done} of ${total} cases; now ${doing}`;
        if (!result) return;
        results.push(result);
        rows.append(resultRow(result, ways));
        chart.innerHTML = speedupChart(results, ways, chart.clientWidth);
      },
    });
    report = reportOf(found, isQuick);
    copy.disabled = false;
    status.textContent = `${found.cases.length} cases, all done.`;
  } catch (error) {
    state = stop.signal.aborted ? 'stopped' : 'failed';
    status.textContent = state === 'stopped' ? 'Stopped.' : `Failed: ${String(error)}`;
  }
  useBackend('auto');
  stop = undefined;
  start.textContent = 'Run again';
  document.body.dataset['state'] = state;
}

start.addEventListener('click', () => {
  if (stop) stop.abort();
  else void run();
});
copy.addEventListener('click', () => {
  navigator.clipboard.writeText(report).then(
    () => (status.textContent = 'Copied.'),
    () => (status.textContent = 'The browser does not let this page write to the clipboard.'),
  );
});

byId('caption').textContent = CAPTION;
const { available, why } = sharedMemory();
byId('machine').textContent =
  `losskit takes '${backend()}' here by itself. ${navigator.hardwareConcurrency} threads, ` +
  `${available ? 'shared arrays' : 'no shared arrays'}: ${why}.`;
if (isQuick) void run();
