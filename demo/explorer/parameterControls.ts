/** A control for each option, made from `loss.parameters`. Knows no loss. */
import type { Parameter } from 'losskit';
import { choice, slider, toggle } from '../ui/controls.js';
import { h } from '../ui/dom.js';
import { allows, isOptional, type OptionValue } from './options.js';

export interface Change {
  /** Before a change; a `fresh` one begins a drag. */
  begin(id: string, fresh?: boolean): void;
}

interface Given {
  readonly parameter: Parameter;
  readonly value: OptionValue;
  /** How many numbers an array has, and what they are for. */
  readonly names: readonly string[];
  readonly change: Change;
  readonly onInput: (value: OptionValue) => void;
}

const FACTOR = [0, 4] as const;

export function parameterControl(given: Given): HTMLElement {
  const { parameter } = given;
  return isOptional(parameter) ? optionalControl(given) : plainControl(given, true);
}

/** A switch, and below it what is switched on. */
function optionalControl(given: Given): HTMLElement {
  const { parameter, onInput, change, names } = given;
  const { name } = parameter;
  const first = (): OptionValue =>
    parameter.type === 'array' ? names.map(() => 1) : (parameter.default ?? parameter.slider?.[0] ?? 1);
  const body = h('div', { class: 'optional' });
  const show = (value: OptionValue): void => {
    body.replaceChildren(...(value === null ? [] : [plainControl({ ...given, value }, false)]));
  };
  const onOff = toggle({
    label: name,
    name,
    description: parameter.description,
    value: given.value !== null,
    onInput(on) {
      change.begin(name, true);
      change.begin(name);
      const value = on ? first() : null;
      show(value);
      onInput(value);
    },
  });
  show(given.value);
  onOff.element.querySelector('label')!.after(body);
  return onOff.element;
}

function plainControl({ parameter, value, names, change, onInput }: Given, described: boolean): HTMLElement {
  const { name, type } = parameter;
  const text = described ? { description: parameter.description } : {};
  const tell = (next: OptionValue): void => {
    change.begin(name);
    onInput(next);
  };
  const onStart = (): void => change.begin(name, true);
  switch (type) {
    case 'boolean':
      return toggle({ label: name, name, ...text, value: value === true, onInput: tell }).element;
    case 'choice':
      return choice({
        label: name,
        name,
        ...text,
        value: String(value),
        choices: parameter.choices!.map((one) => ({ value: String(one), label: String(one) })),
        onInput: (chosen) => tell(parameter.choices!.find((one) => String(one) === chosen)!),
      }).element;
    case 'array': {
      let now = names.map((_, i) => (value as readonly number[])[i] ?? 1);
      const sliders = names.map((label, i) =>
        slider({
          label: label ? `${name} of ${label}` : `${name}, factor`,
          min: FACTOR[0],
          max: FACTOR[1],
          step: 0.05,
          value: now[i]!,
          initial: 1,
          allowed: (factor) => factor >= 0,
          onStart,
          onInput(factor) {
            now = now.map((other, at) => (at === i ? factor : other));
            tell(now);
          },
        }),
      );
      return h('div', {}, ...sliders.map(({ element }) => element));
    }
    default: {
      const [min, max] = parameter.slider!;
      return slider({
        label: described ? name : `${name}, value`,
        ...(described && { name }),
        ...text,
        min,
        max,
        value: value as number,
        initial: parameter.default === null ? undefined : (parameter.default as number),
        allowed: (number) => allows(parameter, number),
        onStart,
        onInput: tell,
      } as Parameters<typeof slider>[0]).element;
    }
  }
}
