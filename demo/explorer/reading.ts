/** The numbers at the marker. Knows no loss by name. */
import { sigmoid } from 'losskit';
import { format } from '../ui/controls.js';
import { h } from '../ui/dom.js';
import type { Setting } from './entry.js';
import { rowAt } from './kinds/row.js';
import { axisOf } from './settings.js';

interface Reading {
  readonly element: HTMLElement;
  update(setting: Setting, x: number, loss: number, slope: number): void;
}

export function createReading(): Reading {
  const field = (name: string): { element: HTMLElement; term: HTMLElement; value: HTMLElement } => {
    const term = h('dt', {}, name);
    const value = h('dd', { class: 'numbers', 'data-read': name });
    return { element: h('div', {}, term, value), term, value };
  };
  const [x, probability, loss, gradient] = ['x', 'probability', 'loss', 'gradient'].map(field) as [
    ReturnType<typeof field>,
    ReturnType<typeof field>,
    ReturnType<typeof field>,
    ReturnType<typeof field>,
  ];
  loss.element.classList.add('loss');
  gradient.element.classList.add('slope');
  return {
    element: h('dl', { class: 'reading' }, x.element, probability.element, loss.element, gradient.element),
    update(setting, at, value, slope) {
      x.term.textContent = axisOf(setting).label;
      x.value.textContent = format(at);
      const chance = probabilityOf(setting);
      probability.element.hidden = chance === undefined;
      if (chance)
        [probability.term.textContent, probability.value.textContent] = [chance[0], format(chance[1])];
      loss.value.textContent = format(value);
      gradient.value.textContent = format(slope);
    },
  };
}

function probabilityOf(setting: Setting): [string, number] | undefined {
  const { entry, state } = setting;
  if (entry.kind === 'point') return entry.logit ? ['probability', sigmoid([state.x])[0]!] : undefined;
  if (entry.kind !== 'row') return undefined;
  const { probabilities } = rowAt({ ...setting, entry });
  return probabilities && ['probability', probabilities[state.selected]!];
}
