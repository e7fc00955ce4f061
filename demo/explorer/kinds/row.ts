/** Curves of one number of a row, and the row's own gradient. Knows no loss by name. */
import { sigmoid, softmax } from 'losskit';
import { losses } from '../catalogue.js';
import type { Kind, RowEntry, Setting } from '../entry.js';
import { sequences } from '../losses/row.js';
import { type OptionValues, writtenOptions } from '../options.js';
import { codeLine, list, run } from './call.js';
import { distribution, FRAME_CLASSES, plans } from './rowCalls.js';

type RowSetting = Setting & { entry: RowEntry };

const LETTERS = 'ABCDEF';
const FRAME = ['blank', 'a', 'b'];

export const classNames = ({ call }: RowEntry, width: number): string[] =>
  Array.from({ length: width }, (_, i) =>
    call === 'frames' ? `${Math.floor(i / FRAME_CLASSES) + 1} ${FRAME[i % FRAME_CLASSES]}` : LETTERS[i]!,
  );

function evaluate(
  { name, entry, state, options }: RowSetting,
  rows: Float64Array,
  count: number,
  take: (row: number, loss: number, gradient: (column: number) => number) => void,
): void {
  const width = state.values.length;
  const plan = plans[entry.call];
  const single = options['reduction'] === 'mean';
  run(
    losses.get(name)!,
    (first, some) => plan.args(rows.subarray(first * width, (first + some) * width), some, state, entry),
    count,
    { ...entry.fixed, ...fitted(options, width) },
    plan.options(width, state, single ? 1 : count),
    (values, grad, first, some) => {
      for (let i = 0; i < some; i++)
        take(first + i, values[i]!, (column) => plan.at(grad, i, column, width, some));
    },
  );
}

/** Class weights have as many numbers as there are classes. */
function fitted(options: OptionValues, width: number): OptionValues {
  const { weight } = options;
  return Array.isArray(weight)
    ? { ...options, weight: Array.from({ length: width }, (_, i) => (weight as number[])[i] ?? 1) }
    : options;
}

/** The loss and all gradients of the row as it stands. */
export function rowAt(setting: RowSetting): {
  loss: number;
  gradient: number[];
  probabilities: ArrayLike<number> | undefined;
} {
  const { values } = setting.state;
  let loss = NaN;
  let gradient: number[] = [];
  evaluate(setting, Float64Array.from(values), 1, (_, value, at) => {
    loss = value;
    gradient = values.map((_, column) => at(column));
  });
  return { loss, gradient, probabilities: probabilitiesOf(setting.entry, values, setting.options) };
}

function probabilitiesOf(
  { probability, call }: RowEntry,
  values: readonly number[],
  { softcap, temperature }: OptionValues,
): ArrayLike<number> | undefined {
  // Of the logits as the loss takes them.
  const cap = Number(softcap ?? 0);
  const row = Float64Array.from(
    values,
    (value) => (cap > 0 ? cap * Math.tanh(value / cap) : value) / Number(temperature ?? 1),
  );
  if (probability === 'sigmoid') return sigmoid(row);
  if (probability !== 'softmax') return undefined;
  return softmax(row, { classes: call === 'frames' ? FRAME_CLASSES : row.length });
}

export const rowKind: Kind<RowEntry> = {
  axis({ entry, state }) {
    const name = classNames(entry, state.values.length)[state.selected]!;
    const of = entry.call === 'frames' ? `frame ${name}` : name;
    return { label: `${entry.unit} of ${of}`, range: entry.range };
  },
  position: ({ state }) => state.values[state.selected]!,
  move({ state }, x) {
    state.values[state.selected] = x;
  },
  evaluate(setting, xs, loss, slope) {
    const { values, selected } = setting.state;
    const rows = new Float64Array(xs.length * values.length);
    for (let i = 0; i < xs.length; i++) {
      rows.set(values, i * values.length);
      rows[i * values.length + selected] = xs[i]!;
    }
    evaluate(setting, rows, xs.length, (row, value, at) => {
      loss[row] = value;
      slope[row] = at(selected);
    });
  },
  code({ name, entry, state, options }) {
    const { values, targets } = state;
    const width = values.length;
    const row = list(values);
    const own = { ...writtenOptions(entry, fitted(options, width)) };
    const code = (args: readonly string[]): string => codeLine(name, args, own);
    switch (entry.targets) {
      case 'index':
        if (entry.call === 'rows') return code([row, `[${state.target}]`]);
        if (entry.call === 'sampled')
          Object.assign(own, {
            sampled: values.map((_, i) => i),
            logExpectedCount: values.map(() => state.rest['expected']!),
            targetLogExpectedCount: [0],
          });
        return code([
          row,
          list(values.flatMap((_, i) => values.map((_, j) => Number(i === j)))),
          `[${state.target}]`,
        ]);
      case 'sequence': {
        const labels = sequences[state.target]![1];
        const frames = width / FRAME_CLASSES;
        return code([
          `{ data: ${row}, dims: [${frames}, 1, ${FRAME_CLASSES}] }`,
          list(labels),
          `[${frames}]`,
          `[${labels.length}]`,
        ]);
      }
      case 'labels': {
        const labels = targets.flatMap((value, index) => (value ? [index] : []));
        const padded = [...labels, ...Array<number>(width - labels.length).fill(-1)];
        return codeLine(name, [row, list(padded)], { ...own, classes: width } as OptionValues);
      }
      default: {
        const given = entry.targets === 'distribution' ? distribution(targets) : targets;
        return codeLine(name, [row, list(given)], { ...own, classes: width } as OptionValues);
      }
    }
  },
};
