/** What the explorer shows, from the address and back: the loss, its options, and where its inputs are. What is wrong there is the default. */
import { entryOf, FIRST, losses } from './catalogue.js';
import type { Argument, Axis, Entry, Kind, Setting, State } from './entry.js';
import { planeKind } from './kinds/plane.js';
import { pointKind, rangeOf } from './kinds/point.js';
import { rowKind } from './kinds/row.js';
import { sequences } from './losses/row.js';
import { type OptionValues, readOptions, shownParameters, writeOptions } from './options.js';

const kinds = { point: pointKind, row: rowKind, plane: planeKind };
/** The kind of the setting's own entry: the union of the three is not callable. */
const kindOf = ({ entry }: Setting): Kind => kinds[entry.kind] as unknown as Kind;

export const axisOf = (setting: Setting): Axis => kindOf(setting).axis(setting);
export const positionOf = (setting: Setting): number => kindOf(setting).position(setting);
export const moveTo = (setting: Setting, x: number): void => kindOf(setting).move(setting, x);
export const codeOf = (setting: Setting): string => kindOf(setting).code(setting);
export const evaluate = (setting: Setting, xs: Float64Array, loss: Float64Array, slope: Float64Array): void =>
  kindOf(setting).evaluate(setting, xs, loss, slope);

/** The arguments that are single numbers, the curve's own apart. */
export function argumentsOf(entry: Entry): readonly Argument[] {
  const all = entry.kind === 'plane' ? (entry.target ? [entry.target] : []) : (entry.rest ?? []);
  return all;
}

/** Those that can be changed. */
export const shownArguments = (entry: Entry): readonly Argument[] =>
  argumentsOf(entry).filter(({ range, choices }) => range || choices);

export function startOf(entry: Entry): State {
  return {
    x: entry.kind === 'point' ? entry.x.start : 0,
    rest: Object.fromEntries(argumentsOf(entry).map(({ name, start }) => [name, start])),
    values: entry.kind === 'point' ? [] : [...entry.start],
    target: entry.kind === 'row' ? (entry.startTarget ?? 0) : 0,
    targets: entry.kind === 'row' ? [...(entry.startTargets ?? [])] : [],
    selected: entry.kind === 'plane' ? entry.moves : entry.kind === 'row' ? (entry.startTarget ?? 0) : 0,
  };
}

export const CLASSES: readonly [number, number] = [3, 6];
/** What a class more starts with. */
export const NEXT = 0;

/** Between which numbers the row's targets lie. */
export function targetRange(entry: Entry & { kind: 'row' }): readonly [number, number] {
  return entry.targets === 'teacher' ? entry.range : [0, 1];
}

function numbers(text: string | null): number[] | undefined {
  const values = (text ?? '').split(',').map((part) => (part === '' ? NaN : Number(part)));
  return values.every(Number.isFinite) ? values : undefined;
}

const within = (value: number, [low, high]: readonly [number, number]): boolean =>
  value >= low && value <= high;

/** The value, or the middle of the range where it lies outside, as when an option has changed what it means. */
export function settled(argument: Argument, options: OptionValues, value: number): number {
  if (!argument.range) return argument.start;
  const range = rangeOf(argument, options);
  if (within(value, range)) return value;
  return within(argument.start, range) ? argument.start : (range[0] + range[1]) / 2;
}

function readState(entry: Entry, params: URLSearchParams, options: OptionValues): State {
  const state = startOf(entry);
  const x = numbers(params.get('x'))?.[0];
  if (entry.kind === 'point') state.x = settled(entry.x, options, x ?? state.x);
  for (const argument of argumentsOf(entry)) {
    const { name, choices } = argument;
    const value = numbers(params.get(name))?.[0] ?? argument.start;
    if (!choices) state.rest[name] = settled(argument, options, value);
    else if (choices.some(([choice]) => choice === value)) state.rest[name] = value;
  }
  const values = numbers(params.get('values'));
  if (values && fits(entry, values)) state.values = values;
  if (entry.kind !== 'row') {
    const points = entry.kind === 'plane' ? entry.points.length : 0;
    state.selected = index(params.get('select'), points) ?? state.selected;
    return state;
  }
  const width = state.values.length;
  state.target =
    index(params.get('class'), entry.targets === 'sequence' ? sequences.length : width) ?? state.target;
  state.selected = index(params.get('select'), width) ?? state.selected;
  const targets = numbers(params.get('targets'));
  if (targets?.length === width && targets.every((value) => within(value, targetRange(entry))))
    state.targets = targets;
  while (entry.startTargets && state.targets.length < width) state.targets.push(0);
  state.targets.length = entry.startTargets ? width : 0;
  return state;
}

function fits(entry: Entry, values: readonly number[]): boolean {
  if (entry.kind === 'plane')
    return values.length === entry.start.length && values.every((v) => Math.abs(v) <= 2);
  if (entry.kind !== 'row') return false;
  const count =
    entry.call === 'frames' ? values.length === entry.start.length : within(values.length, CLASSES);
  return count && values.every((value) => within(value, entry.range));
}

function index(text: string | null, count: number): number | undefined {
  const value = text === null || text === '' ? NaN : Number(text);
  return Number.isInteger(value) && value >= 0 && value < count ? value : undefined;
}

export function readSetting(params: URLSearchParams): Setting {
  const asked = params.get('loss') ?? FIRST;
  const name = entryOf(asked) ? asked : FIRST;
  const entry = entryOf(name)!;
  const options = readOptions(shownParameters(losses.get(name)!, entry), params);
  return { name, entry, options, state: readState(entry, params, options) };
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
const joined = (values: readonly number[]): string => values.map(short).join(',');

/** Only what differs from the start. */
export function writeSetting({ name, entry, state, options }: Setting): URLSearchParams {
  const start = startOf(entry);
  const params = new URLSearchParams({ loss: name });
  writeOptions(options, params);
  const put = (key: string, now: string, then: string): void => {
    if (now !== then) params.set(key, now);
  };
  put('x', short(state.x), short(start.x));
  for (const [key, value] of Object.entries(state.rest)) put(key, short(value), short(start.rest[key]!));
  put('values', joined(state.values), joined(start.values));
  put('targets', joined(state.targets), joined(start.targets));
  put('class', String(state.target), String(start.target));
  put('select', String(state.selected), String(start.selected));
  return params;
}
