/** The bench page: starts runner.ts, shows its progress, a table and a chart. `?quick` starts by itself and takes little time. */
import { backend, useBackend } from 'losskit';
import { barChart } from '../charts.js';
import type { Loops } from '../contest/calls.js';
import { pageCases } from '../contest/cases.js';
import { type CaseResult, speedup, timed } from '../contest/results.js';
import type { Parallel } from '../contest/places.js';
import { type Found, quick, runCases, thorough } from './runner.js';
import { type Way, waysWith } from './ways.js';

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

function cell(tag: 'td' | 'th', text: string, note = ''): HTMLTableCellElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (note) made.title = note;
  return made;
}

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

function showHead(ways: readonly Way[]): void {
  const heads = ways.map(({ label }) => cell('th', label));
  for (const head of heads) head.scope = 'col';
  const first = cell('th', 'case');
  first.scope = 'col';
  byId('heads').replaceChildren(first, ...heads);
}

function showAbsent(missing: Found['missing'], ways: readonly Way[]): void {
  const items = Object.entries(missing).map(([name, why]) => {
    const item = document.createElement('li');
    item.textContent = `${ways.find((way) => way.name === name)!.label}: not available: ${why}`;
    return item;
  });
  absent.replaceChildren(...items);
}

function showRow(result: CaseResult, ways: readonly Way[]): void {
  const row = document.createElement('tr');
  const outcomes = ways.map(({ name }) => result.outcomes[name]);
  const good = outcomes.every((outcome) => outcome === undefined || timed(outcome));
  row.dataset['verified'] = String(good);
  const head = cell('th', result.name);
  head.scope = 'row';
  row.append(head);
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome === undefined) row.append(cell('td', '–'));
    else if (timed(outcome)) {
      const ratio = speedup(result, ways[i].name, 'loops');
      const made = cell('td', digits(outcome.best / result.elements));
      if (ratio !== null && ways[i].name !== 'loops') {
        const small = document.createElement('small');
        small.textContent = ` ${digits(ratio)} ×`;
        made.append(small);
      }
      row.append(made);
    } else {
      const [word, why] = Object.entries(outcome)[0];
      const made = cell('td', word, why);
      made.className = 'wrong';
      row.append(made);
    }
  }
  rows.append(row);
}

function drawChart(results: readonly CaseResult[], ways: readonly Way[]): void {
  const width = Math.min(900, Math.max(340, chart.clientWidth));
  chart.innerHTML = barChart({
    title: 'Times as fast as plain loops',
    note: 'Measured on this machine, in this browser, just now.',
    width,
    columns: width < 640 ? 1 : 2,
    panels: results
      .map((result) => ({
        title: result.name,
        bars: ways
          .filter(({ name }) => name !== 'loops')
          .map(({ name, label, tone }) => ({ label, tone, value: speedup(result, name, 'loops') ?? NaN }))
          .filter(({ value }) => Number.isFinite(value)),
      }))
      .filter(({ bars }) => bars.length),
  });
}

function finish(found: Found, ways: readonly Way[]): void {
  report = JSON.stringify(
    {
      date: new Date().toISOString(),
      userAgent: navigator.userAgent,
      threads: navigator.hardwareConcurrency,
      isolated: crossOriginIsolated,
      quick: isQuick,
      ...found,
    },
    null,
    2,
  );
  copy.disabled = false;
  drawChart(found.cases, ways);
}

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
          showHead(ways);
          showAbsent(missing, all);
        }
        progress.max = total;
        progress.value = done;
        status.textContent = result ? `${done} of ${total} cases` : `${done} of ${total} cases; now ${doing}`;
        if (!result) return;
        results.push(result);
        showRow(result, ways);
        drawChart(results, ways);
      },
    });
    finish(found, ways);
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

byId('machine').textContent =
  `losskit takes '${backend()}' here by itself. ${navigator.hardwareConcurrency} threads, ` +
  `${crossOriginIsolated ? 'cross-origin isolated: arrays can be shared' : 'not cross-origin isolated: no shared arrays'}.`;
if (isQuick) void run();
