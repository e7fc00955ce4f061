/** Curves of a point of the plane that moves away from the first point, or round the origin. Knows no loss by name. */
import { losses } from '../catalogue.js';
import type { Kind, PlaneEntry, Setting, State } from '../entry.js';
import { writtenOptions } from '../options.js';
import { codeLine, list, run, type Gradient } from './call.js';

type PlaneSetting = Setting & { entry: PlaneEntry };
type Pair = readonly [number, number];

const pointOf = (values: readonly number[], index: number): Pair => [
  values[2 * index]!,
  values[2 * index + 1]!,
];

/** From where the selected point is seen, and its direction there. Of a point that lies on the other, to the right. */
function sight({ entry, state }: PlaneSetting): { from: Pair; distance: number; angle: number } {
  const from: Pair = entry.over === 'angle' ? [0, 0] : pointOf(state.values, state.selected === 0 ? 1 : 0);
  const [x, y] = pointOf(state.values, state.selected);
  const [dx, dy] = [x - from[0], y - from[1]];
  return { from, distance: Math.hypot(dx, dy), angle: Math.atan2(dy, dx) };
}

/** Where the selected point is at a place of the axis, and the direction in which it moves along it. */
function at(setting: PlaneSetting, x: number): { point: Pair; along: Pair } {
  const { from, distance, angle } = sight(setting);
  if (setting.entry.over === 'distance') {
    const along: Pair = [Math.cos(angle), Math.sin(angle)];
    return { point: [from[0] + x * along[0], from[1] + x * along[1]], along };
  }
  const radius = Math.max(distance, 0.05);
  const [cos, sin] = [Math.cos(x), Math.sin(x)];
  return { point: [radius * cos, radius * sin], along: [-radius * sin, radius * cos] };
}

/** The arguments' names and how many points each has. */
function argumentsOf({
  points,
  negatives = points.length,
}: PlaneEntry): { name: string; first: number; count: number }[] {
  const single = points.slice(0, negatives).map((name, first) => ({ name, first, count: 1 }));
  return negatives < points.length
    ? [...single, { name: 'negatives', first: negatives, count: points.length - negatives }]
    : single;
}

function gradientAt(entry: PlaneEntry, grad: Gradient, row: number, point: number): Pair {
  for (const { name, first, count } of argumentsOf(entry))
    if (point < first + count) {
      const values = (grad as Readonly<Record<string, Float64Array>>)[name]!;
      const start = 2 * (row * count + point - first);
      return [values[start]!, values[start + 1]!];
    }
  return [NaN, NaN];
}

function evaluate(
  { name, entry, state, options }: PlaneSetting,
  count: number,
  moved: (row: number) => Pair,
  take: (row: number, loss: number, gradient: (point: number) => Pair) => void,
): void {
  const parts = argumentsOf(entry);
  const all = parts.map((part) => {
    const values = new Float64Array(2 * part.count * count);
    for (let row = 0; row < count; row++)
      for (let k = 0; k < part.count; k++) {
        const point = part.first + k;
        values.set(
          point === state.selected ? moved(row) : pointOf(state.values, point),
          2 * (row * part.count + k),
        );
      }
    return values;
  });
  const negatives = entry.negatives === undefined ? undefined : all.pop();
  const labels = entry.target && new Float64Array(count).fill(state.rest[entry.target.name]!);
  run(
    losses.get(name)!,
    () => [...all, ...(labels ? [labels] : [])],
    count,
    { ...entry.fixed, ...options },
    { dim: 2, ...(negatives && { negatives }) },
    (values, grad, first, some) => {
      for (let i = 0; i < some; i++)
        take(first + i, values[i]!, (point) => gradientAt(entry, grad, i, point));
    },
  );
}

/** The loss and all gradients of the points as they stand. */
export function planeAt(setting: PlaneSetting): { loss: number; gradient: Pair[] } {
  const { state, entry } = setting;
  let result = { loss: NaN, gradient: [] as Pair[] };
  evaluate(
    setting,
    1,
    () => pointOf(state.values, state.selected),
    (_, loss, gradient) => {
      result = { loss, gradient: entry.points.map((_, point) => gradient(point)) };
    },
  );
  return result;
}

export const place = (state: State, point: number, [x, y]: Pair): void => {
  state.values[2 * point] = x;
  state.values[2 * point + 1] = y;
};

const list2 = (values: readonly number[]): string => list(values.map((value) => Number(value.toFixed(4))));

export const planeKind: Kind<PlaneEntry> = {
  axis(setting) {
    const { entry, state } = setting;
    const name = entry.points[state.selected]!;
    return entry.over === 'angle'
      ? { label: `angle of ${name}, in radians`, range: [-Math.PI, Math.PI] }
      : { label: `distance of ${name} from ${entry.points[state.selected === 0 ? 1 : 0]!}`, range: [0, 4] };
  },
  position(setting) {
    const { distance, angle } = sight(setting);
    return setting.entry.over === 'angle' ? angle : distance;
  },
  move(setting, x) {
    place(setting.state, setting.state.selected, at(setting, x).point);
  },
  evaluate(setting, xs, loss, slope) {
    const places = Array.from(xs, (x) => at(setting, x));
    evaluate(
      setting,
      xs.length,
      (row) => places[row]!.point,
      (row, value, gradient) => {
        const [gx, gy] = gradient(setting.state.selected);
        const [ax, ay] = places[row]!.along;
        loss[row] = value;
        slope[row] = gx * ax + gy * ay;
      },
    );
  },
  code({ name, entry, state, options }) {
    const single = argumentsOf(entry).filter(({ name: argument }) => argument !== 'negatives');
    const parts = single.map(({ first, count }) => list2(state.values.slice(2 * first, 2 * (first + count))));
    const own: Record<string, unknown> = writtenOptions(entry, options);
    if (entry.negatives !== undefined)
      own['negatives'] = state.values.slice(2 * entry.negatives).map((v) => Number(v.toFixed(4)));
    if (entry.target) parts.push(list([state.rest[entry.target.name]!]));
    else own['dim'] = 2;
    return codeLine(name, parts, own as never);
  },
};
