/**
 * The benchmark view: runs the bench page's cases in this browser, each way held against a float64 reference before it is timed. What is measured
 * and how is bench/page's; this is its place in the demo.
 */
import { backend, backendError, useBackend } from 'losskit';
import { chartStyle } from '../../bench/charts.js';
import type { Loops } from '../../bench/contest/calls.js';
import { pageCases } from '../../bench/contest/cases.js';
import type { Parallel } from '../../bench/contest/places.js';
import type { CaseResult } from '../../bench/contest/results.js';
import { type Found, quick, runCases, thorough } from '../../bench/page/runner.js';
import { absentItems, CAPTION, headCells, reportOf, resultRow, speedupChart } from '../../bench/page/show.js';
import { waysWith } from '../../bench/page/ways.js';
import { choice, copyButton } from '../ui/controls.js';
import { h, newId } from '../ui/dom.js';
import { onResize } from '../ui/resize.js';
import type { Mount } from '../view.js';
import { machine } from './machine.js';
import './style.css';

// A style element would need a laxer policy than a sheet.
const sheet = new CSSStyleSheet();
sheet.replaceSync(chartStyle);

const parallel = (): Promise<Parallel> => import('losskit/parallel') as unknown as Promise<Parallel>;

/** A copy that sees Float64Arrays alone, so that the engine specialises the timed loops for float32. */
const reference = (): Promise<Loops> => import('../../bench/page/reference.js?copy') as Promise<Loops>;

const nameOf = ({ name }: { name: string }): string => name.split(' ')[0];
const losses = [...new Set(pageCases.map(nameOf))];

const counted = (count: number): string => `${count} ${count === 1 ? 'case' : 'cases'}`;

type Effort = 'quick' | 'thorough';

/** The run of a view that was left may last until its measurement ends; the backend is one setting of the page, so the next one waits. */
let last: Promise<void> = Promise.resolve();

export const mount: Mount = (root, { params }) => {
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
  let effort: Effort = 'quick';
  let wanted = '';
  let stop: AbortController | undefined;
  let waiting = false;
  let left = false;
  let found: Found | undefined;
  let wasQuick = true;
  let draw = (): void => {};

  const start = h('button', { type: 'button', class: 'button primary', 'data-name': 'start' }, 'Start');
  const copy = copyButton('Copy results as JSON', () => (found ? reportOf(found, wasQuick) : ''));
  copy.disabled = true;
  const progress = h('progress', { value: 0, max: 1, 'aria-label': 'Cases done' });
  // What is going on is there to see; only how it began and ended is said.
  const doing = h('span', { class: 'doing note' });
  const said = h('p', { class: 'said note', role: 'status' });
  const heads = h('tr', {});
  const rows = h('tbody', {});
  const table = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Results', hidden: true },
    h('table', { class: 'table' }, h('caption', { class: 'hint' }, CAPTION), h('thead', {}, heads), rows),
  );
  const absent = h('ul', { class: 'absent note' });
  const chart = h('div', { class: 'chart' });

  const efforts = choice<Effort>({
    label: 'How carefully',
    name: 'effort',
    choices: [
      { value: 'quick', label: 'Quick and rough: seconds' },
      { value: 'thorough', label: 'Thorough: up to a minute' },
    ],
    value: effort,
    onInput(to) {
      effort = to;
      write();
    },
  });
  const id = newId('cases');
  const select = h('select', { class: 'select', id });
  select.append(
    h('option', { value: '' }, 'all losses'),
    ...losses.map((name) => h('option', { value: name }, name)),
  );
  select.addEventListener('change', () => {
    wanted = select.value;
    write();
  });

  function write(): void {
    const now = new URLSearchParams();
    if (effort !== 'quick') now.set('effort', effort);
    if (wanted) now.set('loss', wanted);
    params.write(now);
  }
  function read(): void {
    const now = params.read();
    effort = now.get('effort') === 'thorough' ? 'thorough' : 'quick';
    wanted = losses.find((name) => name === now.get('loss')) ?? '';
    efforts.set(effort);
    select.value = wanted;
  }
  read();
  params.onChange(read);

  root.append(
    h('h2', {}, 'Benchmark in this browser'),
    h(
      'p',
      { class: 'note lead' },
      'losskit on each backend, beside plain loops over typed arrays. Each is held against a float64 reference before it is timed; what misses it is called wrong, not fast. Run nothing beside it.',
    ),
    h(
      'div',
      { class: 'bench-grid' },
      h('div', { class: 'panel' }, h('h3', {}, 'What this browser has'), machine(backend(), backendError())),
      h(
        'div',
        { class: 'panel' },
        efforts.element,
        h(
          'div',
          { class: 'control' },
          h('div', { class: 'control-head' }, h('label', { for: id }, 'Cases')),
          select,
        ),
        h('div', { class: 'transport' }, start, copy),
        h('div', { class: 'progress' }, progress, doing),
        said,
      ),
    ),
    table,
    absent,
    chart,
  );
  root.dataset['state'] = 'ready';

  async function run(): Promise<void> {
    if (left) return;
    const stopping = (stop = new AbortController());
    waiting = false;
    const cases = pageCases.filter((shape) => !wanted || nameOf(shape) === wanted);
    start.textContent = 'Stop';
    copy.disabled = true;
    found = undefined;
    wasQuick = effort === 'quick';
    rows.replaceChildren();
    chart.replaceChildren();
    said.textContent = `Running ${counted(cases.length)}.`;
    root.dataset['state'] = 'running';
    const all = waysWith(parallel);
    let ways = all;
    const results: CaseResult[] = [];
    draw = () => {
      if (results.length) chart.innerHTML = speedupChart(results, ways, chart.clientWidth, false);
    };
    let state = 'done';
    try {
      found = await runCases({
        cases,
        ways: all,
        reference: await reference(),
        effort: wasQuick ? quick : thorough,
        signal: stopping.signal,
        onProgress({ done, total, doing: name, missing, result }) {
          if (!done && !result) {
            ways = all.filter((way) => !(way.name in missing));
            heads.replaceChildren(...headCells(ways));
            absent.replaceChildren(...absentItems(missing, all));
            table.hidden = false;
          }
          progress.max = total;
          progress.value = done;
          doing.textContent = done === total ? '' : `${done} of ${total}; now ${name}`;
          if (!result) return;
          results.push(result);
          rows.append(marked(resultRow(result, ways)));
          draw();
        },
      });
      copy.disabled = false;
      const wrong = rows.querySelectorAll('[data-verified=false]').length;
      said.textContent = `${counted(results.length)} done, ${wrong ? `${wrong} with a way that is wrong or failed` : 'all ways verified'}.`;
    } catch (error) {
      state = stopping.signal.aborted ? 'stopped' : 'failed';
      said.textContent =
        state === 'stopped' ? `Stopped after ${counted(results.length)}.` : `Failed: ${String(error)}`;
      doing.textContent = '';
    } finally {
      useBackend('auto');
    }
    stop = undefined;
    start.textContent = 'Run again';
    root.dataset['state'] = state;
  }

  start.addEventListener('click', () => {
    // Not disabled while it stops or waits: that would lose the focus.
    if (stop) {
      start.textContent = 'Stopping';
      stop.abort();
    } else if (!waiting) {
      waiting = true;
      last = last.then(run);
    }
  });
  const unsize = onResize(root, draw);

  return {
    destroy() {
      left = true;
      stop?.abort();
      unsize();
    },
  };
};

/** A row that is verified says so. */
function marked(row: HTMLTableRowElement): HTMLTableRowElement {
  if (row.dataset['verified'] === 'true')
    row.firstElementChild!.append(
      h('span', { class: 'verified', title: 'Every way gave the reference’s value and gradient' }, ' ✓'),
      h('span', { class: 'visually-hidden' }, ' verified'),
    );
  return row;
}
