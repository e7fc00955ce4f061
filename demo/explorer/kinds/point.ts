/** Curves of one number against one target. Knows no loss by name. */
import { losses } from '../catalogue.js';
import type { Argument, Kind, PointEntry } from '../entry.js';
import { type OptionValues, writtenOptions } from '../options.js';
import { codeLine, list, run } from './call.js';

export const rangeOf = (argument: Argument, options: OptionValues): readonly [number, number] =>
  argument.rangeBy?.(options) ?? argument.range ?? [-1, 1];

export const pointKind: Kind<PointEntry> = {
  axis({ entry, options }) {
    return { label: entry.xLabelBy?.(options) ?? entry.x.label, range: rangeOf(entry.x, options) };
  },
  position: ({ state }) => state.x,
  move({ state }, x) {
    state.x = x;
  },
  evaluate({ name, entry, state, options }, xs, loss, slope) {
    const rest = entry.rest.map((argument) => new Float64Array(xs.length).fill(state.rest[argument.name]!));
    run(
      losses.get(name)!,
      (first, count) => [xs, ...rest].map((values) => values.subarray(first, first + count)),
      xs.length,
      options,
      {},
      (values, grad, first) => {
        loss.set(values, first);
        slope.set(ArrayBuffer.isView(grad) ? grad : grad[entry.x.name]!, first);
      },
    );
  },
  code({ name, entry, state, options }) {
    const args = [state.x, ...entry.rest.map((argument) => state.rest[argument.name]!)];
    return codeLine(
      name,
      args.map((value) => list([value])),
      writtenOptions(entry, options),
    );
  },
};
