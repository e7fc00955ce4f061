/** The controls of a setting: the loss with its options, and the data. Knows no run. */
import { choice, type Control as Shown, slider } from '../ui/controls.js';
import { h, newId } from '../ui/dom.js';
import { shapes } from './data.js';
import { choiceOf, initialOptions, lossChoices } from './losses.js';
import { SHARE } from './state.js';
import type { Setting } from './trainer.js';

export interface Settings {
  readonly loss: HTMLElement;
  readonly data: HTMLElement;
  /** Shows a setting without telling anyone. */
  set(setting: Setting): void;
}

export function settings(first: Setting, onInput: (setting: Setting) => void): Settings {
  let now = first;
  const change = (part: Partial<Setting>): void => onInput((now = { ...now, ...part }));

  const id = newId('loss');
  const select = h('select', { class: 'select', id, 'data-name': 'loss' });
  for (const { loss } of lossChoices) select.append(h('option', { value: loss.lossName }, loss.lossName));
  select.addEventListener('change', () => {
    const next = choiceOf(select.value);
    // An option that both have keeps its value.
    const options = initialOptions(next);
    for (const name of Object.keys(options)) options[name] = now.options[name] ?? options[name];
    change({ loss: select.value, options });
    show();
  });
  const optionsRoom = h('div', { class: 'options' });
  const hint = h('p', { class: 'hint', 'aria-live': 'polite' });

  const data = choice({
    label: 'Data',
    name: 'data',
    choices: shapes.map(({ id: value, label }) => ({ value, label })),
    value: now.data,
    onInput: (to) => change({ data: to }),
  });
  const share = slider({
    label: 'Rare class, %',
    name: 'share',
    min: 100 * SHARE.low,
    max: 100 * SHARE.high,
    step: 100 * SHARE.step,
    value: 100 * now.share,
    initial: 5,
    onInput: (to) => change({ share: to / 100 }),
  });
  const draw = h('button', { type: 'button', class: 'button', 'data-name': 'draw' }, 'Draw other points');
  draw.addEventListener('click', () => change({ seed: (now.seed % 9999) + 1 }));

  let shown: Record<string, Shown<number>> = {};
  function show(): void {
    const { controls, hint: text } = choiceOf(now.loss);
    shown = {};
    optionsRoom.replaceChildren(
      ...controls.map(({ name, low, high, step, initial, description }) => {
        const made = slider({
          label: name,
          name,
          description,
          min: low,
          max: high,
          step,
          value: now.options[name],
          initial,
          onInput: (to) => change({ options: { ...now.options, [name]: to } }),
        });
        shown[name] = made;
        return made.element;
      }),
    );
    hint.textContent = text;
  }
  show();
  select.value = now.loss;

  return {
    loss: h(
      'div',
      { class: 'panel loss' },
      h(
        'div',
        { class: 'control' },
        h('div', { class: 'control-head' }, h('label', { for: id }, 'Loss')),
        select,
      ),
      optionsRoom,
      hint,
    ),
    data: h('div', { class: 'panel data' }, data.element, share.element, draw),
    set(setting) {
      const other = setting.loss !== now.loss;
      now = setting;
      select.value = now.loss;
      data.set(now.data);
      share.set(100 * now.share);
      if (other) show();
      else for (const [name, control] of Object.entries(shown)) control.set(now.options[name]);
    },
  };
}
