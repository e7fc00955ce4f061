/** Ways to spoil a good call in one place, at random: what the fuzz makes bad calls of. */
import type { Entry } from '../cases.js';
import { SENTINEL } from './bad.js';
import { random, type Random } from './random.js';

export interface Call {
  entry: Entry;
  rows: number;
  classes: number;
  input: unknown;
  target: unknown;
  options: Record<string, unknown>;
  grad: unknown;
}

/** Changes a good call so that the contract calls it bad; returns false where it does not apply to this loss. */
export type Spoil = (call: Call, r: Random) => boolean | void;

const junk = (r: Random): unknown =>
  r.pick<unknown>([
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
  ]);

const length = (array: unknown) => (array as Float32Array).length;
const elements = (call: Call) => call.rows * call.classes;
const perLoss = (call: Call) => (call.entry.family === 'rows' ? call.rows : elements(call));

/** A size from 0 to 40 that is none of these. */
function otherSize(r: Random, ...taken: number[]): number {
  for (;;) {
    const size = r.integer(0, 40);
    if (!taken.includes(size)) return size;
  }
}

const RANGES: [option: string, bad: (r: Random) => number, losses: string[]][] = [
  ['labelSmoothing', (r) => r.pick([-r.next() - 1e-9, 1 + 1e-9 + r.next(), NaN, Infinity]), ['crossEntropy']],
  [
    'labelSmoothing',
    (r) => r.pick([-1e-9, 2, NaN]),
    ['softTargetCrossEntropy', 'binaryCrossEntropyWithLogits'],
  ],
  ['temperature', (r) => r.pick([0, -r.next(), NaN]), ['crossEntropy']],
  ['softcap', (r) => r.pick([0, -r.between(0, 50), NaN]), ['crossEntropy']],
  ['beta', (r) => r.pick([-r.between(1e-9, 5), NaN]), ['smoothL1Loss']],
  ['delta', (r) => r.pick([0, -r.between(1e-9, 5), NaN]), ['huberLoss']],
  ['gamma', (r) => r.pick([-r.between(1e-9, 5), NaN]), ['sigmoidFocalLoss', 'softmaxFocalLoss']],
  ['alpha', (r) => 1 + r.between(1e-9, 5), ['sigmoidFocalLoss']],
  ['p', (r) => r.pick([0, 3, -1, 1.5, NaN, r.between(2.1, 9)]), ['multiMarginLoss']],
];

export const spoils: Record<string, Spoil> = {
  'input of a wrong kind': (call, r) => void (call.input = junk(r)),
  'input of integers': (call, r) =>
    void (call.input = new (r.pick([Int8Array, Int16Array, Int32Array, Uint16Array, Uint8Array]))(
      elements(call),
    )),
  'target of a wrong kind': (call, r) => void (call.target = junk(r)),
  'no target': (call) => void (call.target = undefined),
  'no input': (call) => void (call.input = undefined),
  'real index targets': (call) => {
    if (call.entry.target !== 'index') return false;
    call.target = Float32Array.from(call.target as Int32Array);
  },
  'an index out of range': (call, r) => {
    if (call.entry.target !== 'index') return false;
    const C = call.classes;
    const bad = r.pick([C, C + r.integer(1, 1000), -1 - r.integer(0, 90), 2 ** 31 - 1, -(2 ** 31)]);
    (call.target as Int32Array)[r.integer(0, call.rows - 1)] = bad;
    if (r.next() < 0.3) call.target = BigInt64Array.from(call.target as Int32Array, BigInt);
  },
  'an index that is no integer': (call, r) => {
    if (call.entry.target !== 'index') return false;
    const at = r.integer(0, call.rows - 1);
    if (r.next() < 0.5) {
      const target = Array.from(call.target as Int32Array);
      target[at] = r.pick([0.5, -0.5, 1e-9, NaN, Infinity, -Infinity, 2 ** 53, 1e300]);
      call.target = target;
    } else {
      const target = BigInt64Array.from(call.target as Int32Array, BigInt);
      target[at] = r.pick([2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 62n, 2n ** 32n, -(2n ** 63n)]);
      call.target = target;
    }
  },
  'another length of input': (call, r) =>
    void (call.input = new Float32Array(otherSize(r, elements(call))).fill(0.25)),
  'another length of target': (call, r) => {
    const size = otherSize(r, length(call.target));
    call.target = call.entry.target === 'index' ? new Int32Array(size) : new Float32Array(size).fill(1);
  },
  'another length of weight': (call, r) => {
    if (!('weight' in firstOptions(call.entry))) return false;
    const divides = (size: number) =>
      call.entry.family === 'pointwise' && size > 0 && elements(call) % size === 0;
    let size = otherSize(r, call.classes, elements(call));
    while (divides(size)) size = otherSize(r, call.classes, elements(call));
    call.options['weight'] = new Float32Array(size).fill(1);
  },
  'a weight of a wrong kind': (call, r) => {
    if (!('weight' in firstOptions(call.entry))) return false;
    call.options['weight'] = r.pick<unknown>([
      'x',
      3,
      true,
      {},
      () => 1,
      [[1], [2]],
      new DataView(new ArrayBuffer(8)),
    ]);
  },
  'a number out of range': (call, r) => {
    const [option, bad, losses] = r.pick(RANGES);
    if (!losses.includes(call.entry.name)) return false;
    call.options[option] = bad(r);
  },
  'an option of a wrong kind': (call, r) => {
    const [option, , losses] = r.pick(RANGES);
    if (!losses.includes(call.entry.name)) return false;
    call.options[option] = r.pick<unknown>(['1', {}, [1], true, () => 1, 1n]);
  },
  'an unknown reduction': (call, r) =>
    void (call.options['reduction'] = r.pick<unknown>([
      'average',
      'MEAN',
      '',
      'batchmean',
      1,
      {},
      true,
      'Sum',
    ])),
  'an unknown option': (call, r) =>
    void (call.options[
      r.pick(['weigth', 'ignore_index', 'label_smoothing', 'foo', 'Reduction', 'pos_weight', 'dim'])
    ] = 1),
  'an upstream array for a number': (call, r) => {
    call.options['reduction'] = r.pick(['mean', 'sum']);
    call.options['gradOutput'] = new Float32Array(perLoss(call));
  },
  'an upstream of another length': (call, r) => {
    call.options['reduction'] = 'none';
    call.options['gradOutput'] = new Float32Array(otherSize(r, perLoss(call)));
  },
  'an upstream of a wrong kind': (call, r) =>
    void (call.options['gradOutput'] = r.pick<unknown>(['1', {}, true, 1n])),
  'out without none': (call, r) => {
    call.options['reduction'] = r.pick(['mean', 'sum']);
    call.options['out'] = new Float32Array(perLoss(call));
  },
  'out that does not fit': (call, r) => {
    call.options['reduction'] = 'none';
    call.options['out'] =
      r.next() < 0.5
        ? new Float32Array(otherSize(r, perLoss(call)))
        : r.pick([new Float64Array(perLoss(call)), [], 'x']);
  },
  'grad that does not fit': (call, r) =>
    void (call.grad = new Float32Array(otherSize(r, elements(call))).fill(SENTINEL)),
  'grad of another type': (call, r) =>
    void (call.grad = r.pick<unknown>([
      new Float64Array(elements(call)).fill(SENTINEL),
      new Int32Array(elements(call)),
      'x',
      3,
    ])),
  'grad that overlaps the input': (call, r) => {
    const n = elements(call);
    const shift = r.integer(1, Math.max(n - 1, 1));
    if (n < 2) return false;
    const memory = new Float32Array(3 * n);
    memory.set(call.input as Float32Array, n);
    call.input = memory.subarray(n, 2 * n);
    call.grad = memory.subarray(n + (r.next() < 0.5 ? shift : -shift)).subarray(0, n);
  },
  'a bad divisor': (call, r) =>
    void (call.options['divisor'] = r.pick<unknown>([0, -1, NaN, -Infinity, 'x', {}, 1n])),
  'a shape of another size': (call, r) => {
    delete call.options['classes'];
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
      if (!('weight' in firstOptions(call.entry))) return false;
      call.options['weight'] = new Float32Array(call.classes).fill(1);
    }
    delete call.options['classes'];
    call.options['shape'] = [call.rows, call.classes];
    call.options['axis'] = r.pick<unknown>([2, -3, 1.5, NaN, 'x', 100]);
  },
  'a tensor that is none of ours': (call, r) => {
    const dims = [call.rows, call.classes];
    call.input = r.pick<unknown>([
      { data: call.input, dims, location: 'gpu-buffer' },
      { data: () => call.input, shape: dims },
      { data: call.input, shape: dims, stride: [1, call.rows + 7] },
      { data: new Uint16Array(elements(call)), dims },
      { data: call.input, dims: [call.rows + 1, call.classes] },
      { data: call.input, dims: [call.rows, 1.5] },
      { data: null, dims },
      { data: 'x', dims },
      { dims },
    ]);
  },
  'a label or probability outside its domain': (call, r) => {
    const at = r.integer(0, elements(call) - 1);
    const far = r.pick([1.5, -0.5, Infinity, -Infinity, 1e30]);
    if (call.entry.input === 'probability') (call.input as Float32Array)[at] = far;
    else if (call.entry.target === 'sign') (call.target as Float32Array)[at] = r.pick([0, 2, far]);
    else return false;
  },
  'another dtype of target': (call) => {
    if (call.entry.target !== 'real' && call.entry.target !== 'distribution') return false;
    call.target = new Float64Array(length(call.target));
  },
};

/** All options that some configuration of the loss uses: which ones the loss has. */
const known = new Map<Entry, Record<string, unknown>>();
function firstOptions(entry: Entry): Record<string, unknown> {
  if (!known.has(entry)) {
    const size = { rows: 2, classes: 2 };
    known.set(entry, Object.assign({}, ...Object.values(entry.options).map((make) => make(random(1), size))));
  }
  return known.get(entry)!;
}

/** A call, for the message of a failure. */
export function describeCall({ input, target, options }: Call): string {
  const one = (value: unknown): string => {
    if (ArrayBuffer.isView(value))
      return `${value.constructor.name}[${[...(value as Float32Array)].slice(0, 6)}]`;
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
  const parts = Object.entries(options).map(([name, value]) => `${name}: ${one(value)}`);
  return `${one(input)}, ${one(target)}, {${parts.join(', ')}}`;
}
