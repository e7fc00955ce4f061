/** The table of what a run achieves, beside the run before. Knows no trainer. */
import { h } from '../ui/dom.js';
import type { Metrics } from './metrics.js';

const ROWS: readonly (readonly [name: keyof Metrics, label: string, meaning: string])[] = [
  ['recall', 'Recall', 'of the rare points, found'],
  ['precision', 'Precision', 'of the points called rare, rare'],
  ['f1', 'F1', 'the harmonic mean of the two'],
  ['accuracy', 'Accuracy', 'of all points, right'],
];

export const percent = (value: number | null): string =>
  value === null ? '–' : `${(100 * value).toFixed(1)} %`;

export interface Figures {
  readonly element: HTMLElement;
  /** `before` is null where there is none, or it is not done yet. */
  show(now: Metrics, before: Metrics | null): void;
}

export function figures(caption: string): Figures {
  const rows = ROWS.map(([name, label, meaning]) => {
    const [now, before] = [h('td', { class: 'right now', 'data-metric': name }), h('td', { class: 'right' })];
    const head = h('th', { scope: 'row' }, label, h('span', { class: 'hint' }, meaning));
    return { name, now, before, element: h('tr', {}, head, now, before) };
  });
  const heads = h(
    'tr',
    {},
    h('td', {}),
    h('th', { scope: 'col', class: 'right' }, 'now'),
    h('th', { scope: 'col', class: 'right' }, 'before'),
  );
  return {
    element: h(
      'table',
      { class: 'table figures' },
      h('caption', { class: 'hint' }, caption),
      h('thead', {}, heads),
      h('tbody', {}, ...rows.map(({ element }) => element)),
    ),
    show(now, before) {
      for (const row of rows) {
        row.now.textContent = percent(now[row.name]);
        row.before.textContent = before ? percent(before[row.name]) : '–';
      }
    },
  };
}
