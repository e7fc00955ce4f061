/** How a page shows what runner.ts finds: cells of its table, the ways that are missing, the chart, the report. Runs nothing and owns no page. */
import { backend } from 'losskit';
import { barChart } from '../charts.js';
import { type CaseResult, speedup, timed } from '../contest/results.js';
import type { Found } from './runner.js';
import type { Way } from './ways.js';

function cell(tag: 'td' | 'th', text: string, note = ''): HTMLTableCellElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (note) made.title = note;
  return made;
}

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

export const CAPTION =
  'Nanoseconds an element, value and gradient unless said; beside them, times as fast as plain loops.';

/** The head of each column: the case's, then one a way. */
export function headCells(ways: readonly Way[]): HTMLTableCellElement[] {
  const heads = ['case', ...ways.map(({ label }) => label)].map((text) => cell('th', text));
  for (const head of heads) head.scope = 'col';
  return heads;
}

export function absentItems(missing: Found['missing'], ways: readonly Way[]): HTMLLIElement[] {
  return Object.entries(missing).map(([name, why]) => {
    const item = document.createElement('li');
    item.textContent = `${ways.find((way) => way.name === name)!.label}: not available: ${why}`;
    return item;
  });
}

/** `data-verified` says whether every way gave the reference's results. */
export function resultRow(result: CaseResult, ways: readonly Way[]): HTMLTableRowElement {
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
  return row;
}

/** SVG text. */
export function speedupChart(
  results: readonly CaseResult[],
  ways: readonly Way[],
  room: number,
  styled = true,
): string {
  const width = Math.min(1240, Math.max(340, room));
  return barChart({
    title: 'Times as fast as plain loops',
    note: 'Measured on this machine, in this browser, just now.',
    width,
    columns: width < 640 ? 1 : width < 1000 ? 2 : 3,
    styled,
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

/** What was found and where, as JSON. */
export const reportOf = (found: Found, quick: boolean): string =>
  JSON.stringify(
    {
      date: new Date().toISOString(),
      userAgent: navigator.userAgent,
      backend: backend(),
      threads: navigator.hardwareConcurrency,
      isolated: crossOriginIsolated,
      quick,
      ...found,
    },
    null,
    2,
  );
