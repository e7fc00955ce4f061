/** Ways to spoil a good call in one place, at random: what the fuzz makes bad calls of. */
import { lossesOf, type Entry, type Input, type Kind } from '../cases.js';
import { SENTINEL } from './bad.js';
import { takes } from './configurations.js';
import { gradFor } from './good.js';
import type { Random } from './random.js';
import { ranges } from './ranges.js';

export interface Call {
  entry: Entry;
  rows: number;
  classes: number;
  inputs: unknown[];
  options: Record<string, unknown>;
  grad: unknown;
}

/** Changes a good call so that the contract calls it bad; returns false where it does not apply to this loss. */
export type Spoil = (call: Call, r: Random) => boolean | void;

const junk: readonly unknown[] = [
  null,
  3,
  'x',
  true,
  {},
  new Date(0),
  Symbol('x'),
  10n,
  () => 1,
  new DataView(new ArrayBuffer(8)),
  new ArrayBuffer(64),
  new Map(),
  /x/,
  [
    [1, 2],
    [3, 4],
  ],
];

const length = (array: unknown) => (array as Float32Array).length;
const elements = ({ inputs }: Call) => length(inputs[0]);
const perLoss = ({ entry, rows, classes }: Call) => lossesOf(entry, { rows, classes });
const filled = (n: number, value = SENTINEL) => new Float32Array(n).fill(value);

/** Sizes of flat arrays, to be said by a shape. */
function forgetSize({ options }: Call): void {
  delete options['classes'];
  delete options['dim'];
}

/** A size from 0 to 40 that is none of these. */
function otherSize(r: Random, taken: (size: number) => boolean): number {
  for (;;) {
    const size = r.integer(0, 40);
    if (!taken(size)) return size;
  }
}

/** Spoils one of the inputs that `which` is true of; false where there is none. */
const input =
  (which: (input: Input) => boolean, spoil: (call: Call, at: number, r: Random) => boolean | void): Spoil =>
  (call, r) => {
    const found = call.entry.inputs.flatMap((each, i) => (which(each) ? [i] : []));
    return found.length > 0 ? spoil(call, r.pick(found), r) : false;
  };
const isAny = () => true;
const hasGrad = ({ grad }: Input) => grad === true;
const is =
  (...kinds: Kind[]) =>
  ({ kind }: Input) =>
    kinds.includes(kind);
const isWhole = is('index', 'labels', 'sequence', 'lengths');

/** The first whole number beyond the largest that input `at` may hold. */
function beyond({ entry, classes, inputs, options }: Call, at: number): number {
  if (entry.inputs[at]!.kind !== 'lengths') return classes;
  return 1 + (at === 2 ? (options['shape'] as number[])[0]! : length(inputs[1]));
}

/** Whether the input may have this length. */
function mayBe(call: Call, at: number, size: number): boolean {
  const { kind } = call.entry.inputs[at]!;
  if (size === length(call.inputs[at])) return true;
  if (kind === 'variance') return size > 0 && elements(call) % size === 0;
  return kind === 'sequence' && size % call.rows === 0;
}

export const spoils: Record<string, Spoil> = {
  'an input of a wrong kind': input(isAny, ({ inputs }, at, r) => void (inputs[at] = r.pick(junk))),
  'an input left out': input(isAny, ({ inputs }, at) => void (inputs[at] = undefined)),
  'a real input of integers': input(hasGrad, ({ inputs }, at, r) => {
    const Kind = r.pick([Int8Array, Int16Array, Int32Array, Uint16Array, Uint8Array]);
    inputs[at] = new Kind(length(inputs[at]));
  }),
  'real indices': input(isWhole, ({ inputs }, at) => {
    inputs[at] = Float32Array.from(inputs[at] as Int32Array);
  }),
  'an index out of range': input(isWhole, (call, at, r) => {
    const given = call.inputs[at] as Int32Array;
    if (given.length === 0) return false;
    const most = beyond(call, at);
    const bad = r.pick([most, most + r.integer(1, 1000), -2 - r.integer(0, 90), 2 ** 31 - 1, -(2 ** 31)]);
    given[r.integer(0, given.length - 1)] = bad;
    if (r.next() < 0.3) call.inputs[at] = BigInt64Array.from(given, BigInt);
  }),
  'an index that is no integer': input(isWhole, ({ inputs }, at, r) => {
    const given = inputs[at] as Int32Array;
    if (given.length === 0) return false;
    const place = r.integer(0, given.length - 1);
    if (r.next() < 0.5) {
      const spoilt = Array.from(given);
      spoilt[place] = r.pick([0.5, -0.5, 1e-9, NaN, Infinity, -Infinity, 2 ** 53, 1e300]);
      inputs[at] = spoilt;
    } else {
      const spoilt = BigInt64Array.from(given, BigInt);
      spoilt[place] = r.pick([2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 62n, 2n ** 32n, -(2n ** 63n)]);
      inputs[at] = spoilt;
    }
  }),
  'another length of an input': input(isAny, (call, at, r) => {
    const size = otherSize(r, (size) => mayBe(call, at, size));
    const whole = isWhole(call.entry.inputs[at]!);
    call.inputs[at] = whole ? new Int32Array(size).fill(1) : filled(size, 0.25);
  }),
  'another length of weight': (call, r) => {
    if (!takes(call.entry, 'weight')) return false;
    const fits = (size: number) =>
      size === call.classes || (call.entry.family === 'pointwise' && size > 0 && elements(call) % size === 0);
    call.options['weight'] = filled(otherSize(r, fits), 1);
  },
  'a weight of a wrong kind': (call, r) => {
    if (!takes(call.entry, 'weight')) return false;
    const kinds: unknown[] = ['x', 3, true, {}, () => 1, [[1], [2]], new DataView(new ArrayBuffer(8))];
    call.options['weight'] = r.pick(kinds);
  },
  'a number out of range': (call, r) => {
    const { losses, option, values } = r.pick(ranges);
    if (!losses.includes(call.entry.name)) return false;
    call.options[option] = r.pick(values);
  },
  'an option of a wrong kind': (call, r) => {
    const { losses, option } = r.pick(ranges);
    if (!losses.includes(call.entry.name)) return false;
    call.options[option] = r.pick<unknown>(['1', {}, [1], true, () => 1, 1n]);
  },
  'an unknown reduction': (call, r) => {
    const unknown: unknown[] = ['average', 'MEAN', '', 1, {}, true, 'Sum'];
    if (!call.entry.batchmean) unknown.push('batchmean');
    call.options['reduction'] = r.pick(unknown);
  },
  'an unknown option': (call, r) => {
    const names = ['weigth', 'ignore_index', 'label_smoothing', 'foo', 'Reduction', 'pos_weight', 'dims'];
    call.options[r.pick(names)] = 1;
  },
  'an upstream array for a number': (call, r) => {
    call.options['reduction'] = r.pick(['mean', 'sum']);
    call.options['gradOutput'] = new Float32Array(perLoss(call));
  },
  'an upstream of another length': (call, r) => {
    call.options['reduction'] = 'none';
    call.options['gradOutput'] = new Float32Array(otherSize(r, (size) => size === perLoss(call)));
  },
  'an upstream of a wrong kind': (call, r) =>
    void (call.options['gradOutput'] = r.pick<unknown>(['1', {}, true, 1n])),
  'out without none': (call, r) => {
    call.options['reduction'] = r.pick(['mean', 'sum']);
    call.options['out'] = new Float32Array(perLoss(call));
  },
  'out that does not fit': (call, r) => {
    const short = filled(otherSize(r, (size) => size === perLoss(call)));
    call.options['reduction'] = 'none';
    call.options['out'] = r.pick<unknown>([short, short, new Float64Array(perLoss(call)), [], 'x']);
  },
  'grad that does not fit': input(hasGrad, (call, at, r) => {
    const size = otherSize(r, (size) => size === length(call.inputs[at]));
    call.grad = gradFor(call.entry, call.entry.inputs[at]!.name, filled(size));
  }),
  'grad of another type': input(hasGrad, (call, at, r) => {
    const n = length(call.inputs[at]);
    const wrong = r.pick<unknown>([new Float64Array(n).fill(SENTINEL), new Int32Array(n), 'x', 3]);
    call.grad = gradFor(call.entry, call.entry.inputs[at]!.name, wrong);
  }),
  'grad that overlaps the input': input(hasGrad, (call, at, r) => {
    const n = length(call.inputs[at]);
    if (n < 2) return false;
    const shift = r.integer(1, n - 1);
    const memory = new Float32Array(3 * n);
    memory.set(call.inputs[at] as Float32Array, n);
    call.inputs[at] = memory.subarray(n, 2 * n);
    const moved = memory.subarray(n + (r.next() < 0.5 ? shift : -shift)).subarray(0, n);
    call.grad = gradFor(call.entry, call.entry.inputs[at]!.name, moved);
  }),
  'a bad divisor': (call, r) =>
    void (call.options['divisor'] = r.pick<unknown>([0, -1, NaN, -Infinity, 'x', {}, 1n])),
  'a shape of another size': (call, r) => {
    forgetSize(call);
    call.options['shape'] = r.pick<unknown>([
      [call.rows + 1, call.classes],
      [call.rows, call.classes + 1],
      [call.rows, call.classes, 2],
      [2.5, 2],
      [-call.rows, -call.classes],
      [NaN, 1],
      [2 ** 30, 2 ** 30],
      [2 ** 53, 2],
      'x',
      4.5,
    ]);
  },
  'classes that do not divide': (call, r) => {
    if (call.entry.family !== 'rows') return false;
    call.options['classes'] = r.pick<unknown>([elements(call) + 1, 0, -1, 1.5, NaN, 'x', call.classes + 1]);
    return elements(call) % (call.options['classes'] as number) !== 0;
  },
  'an axis that is none': (call, r) => {
    // A pointwise loss needs the axis only for weights of one a class.
    if (call.entry.family === 'pointwise') {
      if (!takes(call.entry, 'weight')) return false;
      call.options['weight'] = filled(call.classes, 1);
    }
    forgetSize(call);
    call.options['shape'] ??= [call.rows, call.classes];
    call.options['axis'] = r.pick<unknown>([3, -4, 1.5, NaN, 'x', 100]);
  },
  'a tensor that is none of ours': input(hasGrad, ({ inputs, rows, classes }, at, r) => {
    const dims = [rows, classes];
    const data = inputs[at];
    inputs[at] = r.pick<unknown>([
      { data, dims, location: 'gpu-buffer' },
      { data: () => data, shape: dims },
      { data, shape: dims, stride: [1, rows + 7] },
      { data: new Uint16Array(length(data)), dims },
      { data, dims: [rows + 1, classes] },
      { data, dims: [rows, 1.5] },
      { data: null, dims },
      { data: 'x', dims },
      { dims },
    ]);
  }),
  'a label, probability or variance outside its domain': input(
    is('probability', 'sign', 'variance'),
    ({ entry, inputs }, at, r) => {
      const { kind } = entry.inputs[at]!;
      const far = { probability: [1.5, Infinity, 1e30], sign: [0, 2, 1.5, 1e30], variance: [] as number[] };
      const given = inputs[at] as Float32Array;
      const bad = [-0.5, -Infinity, ...far[kind as keyof typeof far]];
      given[r.integer(0, given.length - 1)] = r.pick(bad);
    },
  ),
  'another dtype of an input': ({ entry, inputs }, r) => {
    const real = is('real', 'distribution', 'count', 'variance');
    const found = entry.inputs.flatMap((each, i) => (i > 0 && real(each) ? [i] : []));
    if (found.length === 0) return false;
    const at = r.pick(found);
    inputs[at] = new Float64Array(length(inputs[at])).fill(0.25);
  },
};

/** A call, for the message of a failure. */
export function describeCall({ inputs, options }: Call): string {
  const one = (value: unknown): string => {
    if (ArrayBuffer.isView(value))
      return `${value.constructor.name}(${length(value)})[${[...(value as Float32Array)].slice(0, 6)}]`;
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
  const parts = Object.entries(options).map(([name, value]) => `${name}: ${one(value)}`);
  return `${inputs.map(one).join(', ')}, {${parts.join(', ')}}`;
}
