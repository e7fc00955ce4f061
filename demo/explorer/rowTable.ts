/** A row of numbers, one a class, as bars to drag, with probabilities, targets and the gradient of each. Knows no loss by name. */
import { choice, fill, fineStep, format, niceStep } from '../ui/controls.js';
import { h, newId } from '../ui/dom.js';
import type { RowEntry, Setting } from './entry.js';
import { classNames, rowAt } from './kinds/row.js';
import { distribution } from './kinds/rowCalls.js';
import { sequences } from './losses/row.js';
import type { Change } from './parameterControls.js';
import { CLASSES, NEXT, targetRange } from './settings.js';

type RowSetting = Setting & { entry: RowEntry };

export interface RowTable {
  readonly element: HTMLElement;
  /** Shows the row as it is now; the setting may be another object. */
  update(setting: RowSetting): void;
}

/** Three digits after the point, so that the column stands in line. */
const fixed = (value: number): string =>
  Number.isFinite(value)
    ? value
        .toFixed(3)
        .replace(/^-(?=.*[1-9])/, '−')
        .replace('-', '')
    : format(value);

interface Events extends Change {
  /** The curve is another. */
  curve(): void;
  /** Only the marker moves. */
  marker(): void;
  /** There is a class more or less: the table has to be made anew. */
  rebuild(): void;
}

const TARGET_HEADS = {
  index: 'target',
  labels: 'label',
  mask: 'target',
  distribution: 'share',
  teacher: 'teacher',
  sequence: '',
} as const;

export function createRowTable(setting: RowSetting, events: Events): RowTable {
  const { entry, state } = setting;
  const names = classNames(entry, state.values.length);
  const heads = TARGET_HEADS[entry.targets];
  const sweeps = newId('sweep');
  const classes = newId('class');

  const rows = names.map((name, i) => {
    const of = `${entry.unit} of ${name}`;
    const sweep = h('input', { type: 'radio', name: sweeps, 'aria-label': `draw the curve over the ${of}` });
    sweep.checked = i === state.selected;
    sweep.addEventListener('change', () => {
      state.selected = i;
      mark();
      events.curve();
    });
    const range = bar(of, entry.range, state.values[i]!, (value) => {
      if (i !== state.selected) events.begin(`values.${i}`);
      state.values[i] = value;
      if (i === state.selected) events.marker();
      else events.curve();
    });
    range.input.addEventListener('pointerdown', () => events.begin(`values.${i}`, true));
    const probability = h('span', { class: 'cell probability numbers' });
    const push = h('span', { class: 'push', 'aria-hidden': 'true' }, h('i'));
    const gradient = h('span', { class: 'numbers' });
    const element = h(
      'div',
      {
        class: 'class-row',
        role: 'group',
        'aria-label': entry.call === 'frames' ? `frame ${name}` : `class ${name}`,
      },
      h('label', { class: 'cell name' }, sweep, h('span', {}, name)),
      target(i, name),
      h('span', { class: 'cell bar', 'data-head': entry.unit }, range.input, range.number),
      entry.probability ? probability : null,
      h('span', { class: 'cell gradient' }, push, gradient),
    );
    return { element, range, probability, push, gradient };
  });

  function target(i: number, name: string): HTMLElement | null {
    switch (entry.targets) {
      case 'sequence':
        return null;
      case 'index': {
        const radio = h('input', { type: 'radio', name: classes, 'aria-label': `${name} is the target` });
        radio.checked = state.target === i;
        radio.addEventListener('change', () => {
          events.begin(`class.${i}`);
          state.target = i;
          mark();
          events.curve();
        });
        return h('label', { class: 'cell target tick' }, radio);
      }
      case 'labels':
      case 'mask': {
        const box = h('input', { type: 'checkbox', 'aria-label': `${name} is a target` });
        box.checked = state.targets[i] === 1;
        box.addEventListener('change', () => {
          events.begin(`targets.${i}.${box.checked}`);
          state.targets[i] = Number(box.checked);
          mark();
          events.curve();
        });
        return h('label', { class: 'cell target tick' }, box);
      }
      default: {
        const range = bar(`${heads} of ${name}`, targetRange(entry), state.targets[i]!, (value) => {
          events.begin(`targets.${i}`);
          state.targets[i] = value;
          events.curve();
        });
        range.input.classList.add('second');
        range.input.addEventListener('pointerdown', () => events.begin(`targets.${i}`, true));
        return h(
          'span',
          { class: 'cell bar target', 'data-head': heads },
          range.input,
          entry.targets === 'teacher' ? range.number : share(i),
        );
      }
    }
  }

  function share(i: number): HTMLElement {
    return h('output', { class: 'numbers share', 'data-share': i });
  }

  function bar(
    label: string,
    [min, max]: readonly [number, number],
    value: number,
    onInput: (value: number) => void,
  ) {
    const step = niceStep(max - min);
    const input = h('input', { type: 'range', min, max, step, 'aria-label': label });
    const number = h('input', {
      type: 'number',
      class: 'number',
      min,
      max,
      step: fineStep(step),
      'aria-label': `${label}, number`,
    });
    // The slider itself knows it only to the nearest of its steps.
    let now = value;
    const show = (): void => {
      if (document.activeElement !== number) number.value = String(Number(now.toPrecision(4)));
      fill(input);
    };
    const set = (to: number): void => {
      now = to;
      input.value = String(to);
      show();
    };
    const take = (to: number): void => {
      set(to);
      onInput(to);
    };
    input.addEventListener('input', () => take(input.valueAsNumber));
    number.addEventListener('input', () => {
      const to = number.valueAsNumber;
      if (to >= min && to <= max) take(to);
    });
    number.addEventListener('blur', show);
    set(value);
    return {
      input,
      number,
      set(to: number) {
        if (now !== to) set(to);
      },
    };
  }

  function mark(): void {
    rows.forEach(({ element }, i) => {
      element.classList.toggle('selected', i === state.selected);
      element.classList.toggle(
        'is-target',
        entry.targets === 'index' ? i === state.target : state.targets[i] === 1,
      );
    });
  }

  const count = (change: number): HTMLButtonElement => {
    const next = names.length + change;
    const button = h(
      'button',
      { type: 'button', class: 'button small', 'aria-label': change > 0 ? 'A class more' : 'A class less' },
      change > 0 ? '+' : '−',
    );
    button.disabled = next < CLASSES[0] || next > CLASSES[1];
    button.addEventListener('click', () => {
      if (change > 0) state.values.push(Math.max(entry.range[0], Math.min(entry.range[1], NEXT)));
      else state.values.pop();
      if (entry.startTargets) {
        if (change > 0) state.targets.push(0);
        else state.targets.pop();
      }
      if (entry.targets === 'index') state.target = Math.min(state.target, next - 1);
      state.selected = Math.min(state.selected, next - 1);
      events.rebuild();
    });
    return button;
  };

  const tools =
    entry.call === 'frames'
      ? choice({
          label: 'labels to be found',
          value: String(state.target),
          choices: sequences.map(([label], i) => ({ value: String(i), label })),
          onInput(value) {
            events.begin(`class.${value}`);
            state.target = Number(value);
            events.curve();
          },
        }).element
      : h(
          'div',
          { class: 'count' },
          h('span', { class: 'note' }, `${names.length} classes`),
          count(-1),
          count(1),
        );

  const element = h(
    'section',
    {
      class: `rows panel targets-${entry.targets}${entry.probability ? ' with-probability' : ''}`,
      'aria-label': 'The row',
    },
    h(
      'div',
      { class: 'class-row heads', 'aria-hidden': 'true' },
      h('span', {}, 'curve'),
      entry.targets === 'sequence' ? null : h('span', {}, heads),
      h('span', {}, entry.unit),
      entry.probability ? h('span', {}, entry.probability) : null,
      h('span', {}, 'gradient'),
    ),
    ...rows.map(({ element: one }) => one),
    tools,
  );
  mark();

  return {
    element,
    update(next) {
      const { gradient, probabilities } = rowAt(next);
      const scale = Math.max(
        ...gradient.map((value) => (Number.isFinite(value) ? Math.abs(value) : 0)),
        1e-12,
      );
      rows.forEach(({ range, probability, push, gradient: text }, i) => {
        range.set(state.values[i]!);
        if (probabilities) {
          probability.textContent = probabilities[i]!.toFixed(3);
          probability.style.setProperty('--p', String(probabilities[i]));
        }
        const value = gradient[i]!;
        text.textContent = fixed(value);
        const part = Math.max(-1, Math.min(1, value / scale));
        push.style.setProperty('--low', String(Math.min(0, part)));
        push.style.setProperty('--size', String(Math.abs(part)));
      });
      if (entry.targets === 'distribution')
        distribution(state.targets).forEach((value, i) => {
          element.querySelector(`[data-share="${i}"]`)!.textContent = value.toFixed(2);
        });
    },
  };
}
