/** The panels beside the plots: the numbers that go into the loss, and its options. Knows no loss by name. */
import type { Parameter } from 'losskit';
import { choice, type Control, slider } from '../ui/controls.js';
import { h } from '../ui/dom.js';
import { losses } from './catalogue.js';
import type { Argument, Setting } from './entry.js';
import { rangeOf } from './kinds/point.js';
import { classNames } from './kinds/row.js';
import { hiddenParameters, type OptionValue, shownParameters, valueOf } from './options.js';
import { type Change, parameterControl } from './parameterControls.js';
import { axisOf, settled, shownArguments } from './settings.js';

interface Events extends Change {
  /** The curve is another. */
  curve(): void;
  /** The slider of x has moved the marker. */
  marker(): void;
}

function argumentControl(argument: Argument, { state, options }: Setting, events: Events): HTMLElement {
  const { name, label, start, choices, integer } = argument;
  const take = (value: number): void => {
    events.begin(name);
    state.rest[name] = value;
    events.curve();
  };
  if (choices)
    return choice({
      label,
      name,
      value: String(state.rest[name]),
      choices: choices.map(([value, text]) => ({ value: String(value), label: text })),
      onInput: (value) => take(Number(value)),
    }).element;
  const [min, max] = rangeOf(argument, options);
  return slider({
    label,
    name,
    min,
    max,
    value: state.rest[name]!,
    initial: settled(argument, options, start),
    ...(integer && { step: 1 }),
    onStart: () => events.begin(name, true),
    onInput: take,
  }).element;
}

/** Gives the slider of a point's x, which is to move with the marker. */
export function fillInputs(
  panel: HTMLElement,
  setting: Setting,
  events: Events,
): Control<number> | undefined {
  const { entry, state, options } = setting;
  const controls = shownArguments(entry).map((argument) => argumentControl(argument, setting, events));
  let x: Control<number> | undefined;
  if (entry.kind === 'point') {
    const [min, max] = rangeOf(entry.x, options);
    x = slider({
      label: axisOf(setting).label,
      name: 'x',
      min,
      max,
      value: state.x,
      initial: settled(entry.x, options, entry.x.start),
      onInput(value) {
        state.x = value;
        events.marker();
      },
    });
    controls.unshift(x.element);
  }
  panel.hidden = !controls.length;
  panel.replaceChildren(h('h3', {}, 'Inputs'), ...controls);
  return x;
}

export function fillParameters(
  panel: HTMLElement,
  { name, entry, state, options }: Setting,
  change: Change,
  onOption: (parameter: Parameter, value: OptionValue) => void,
): void {
  const loss = losses.get(name)!;
  const names = entry.kind === 'row' ? classNames(entry, state.values.length) : [''];
  const controls = shownParameters(loss, entry).map((parameter) =>
    parameterControl({
      parameter,
      names,
      change,
      value: valueOf(parameter, options),
      onInput: (value) => onOption(parameter, value),
    }),
  );
  const hidden = hiddenParameters(loss, entry);
  panel.replaceChildren(
    h('h3', {}, 'Options'),
    ...(controls.length ? controls : [h('p', { class: 'note' }, 'It has none that one input can show.')]),
    ...(hidden.length ? [h('p', { class: 'note others' }, `Not shown here: ${hidden.join(', ')}.`)] : []),
  );
}
