/** How rows of numbers go into a call: as logits, through a head that is the identity, or as frames. Knows no loss by name. */
import type { RowCall, RowEntry, State } from '../entry.js';
import { sequences } from '../losses/row.js';
import type { Gradient } from './call.js';

/** What a call of so many rows is, and where its gradient by the rows is. */
interface Plan {
  /** `rows` is rows x width, one row after the other. */
  args(rows: Float64Array, count: number, state: State, entry: RowEntry): readonly unknown[];
  /** Beside the loss's own options. */
  options(width: number, state: State, count: number): Readonly<Record<string, unknown>>;
  /** The gradient of one element. */
  at(grad: Gradient, row: number, column: number, width: number, count: number): number;
}

const plainAt: Plan['at'] = (grad, row, column, width) => (grad as Float64Array)[row * width + column]!;
const hiddenAt: Plan['at'] = (grad, row, column, width) =>
  (grad as Readonly<Record<string, Float64Array>>)['hidden']![row * width + column]!;

function repeated(values: ArrayLike<number>, count: number): Float64Array {
  const all = new Float64Array(values.length * count);
  for (let i = 0; i < count; i++) all.set(values, i * values.length);
  return all;
}

function targetsOf({ targets }: RowEntry, state: State, count: number): Int32Array | Float64Array {
  switch (targets) {
    case 'labels': {
      const labels = new Int32Array(state.targets.length).fill(-1);
      labels.set(state.targets.flatMap((value, index) => (value ? [index] : [])));
      return Int32Array.from(repeated(labels, count));
    }
    case 'distribution':
      return repeated(distribution(state.targets), count);
    case 'mask':
    case 'teacher':
      return repeated(state.targets, count);
    default:
      return new Int32Array(count).fill(state.target);
  }
}

/** Shares of any sum as shares of 1; of nothing, all the same. */
export function distribution(shares: readonly number[]): number[] {
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => (sum > 0 ? share / sum : 1 / shares.length));
}

/** Hidden states against the identity as head: the logits are the hidden states. */
const headedArgs: Plan['args'] = (rows, count, state, entry) => [
  rows,
  identity(rows.length / count),
  targetsOf(entry, state, count),
];

function identity(width: number): Float64Array {
  const head = new Float64Array(width * width);
  for (let i = 0; i < width; i++) head[i * width + i] = 1;
  return head;
}

export const FRAME_CLASSES = 3;

export const plans: Readonly<Record<RowCall, Plan>> = {
  rows: {
    args: (rows, count, state, entry) => [rows, targetsOf(entry, state, count)],
    options: (width) => ({ classes: width }),
    at: plainAt,
  },
  linear: {
    args: headedArgs,
    options: () => ({ grad: { head: null } }),
    at: hiddenAt,
  },
  sampled: {
    args: headedArgs,
    // The target's own log-count is 0, so that the samples' correction shows.
    options: (width, state, count) => ({
      sampled: Int32Array.from({ length: width }, (_, index) => index),
      logExpectedCount: new Float64Array(width).fill(state.rest['expected']!),
      targetLogExpectedCount: new Float64Array(count),
      grad: { head: null },
    }),
    at: hiddenAt,
  },
  // A row is all frames of one sample; losskit has the samples inside the frames.
  frames: {
    args(rows, count, state) {
      const frames = rows.length / count / FRAME_CLASSES;
      const labels = sequences[state.target]![1];
      const data = new Float64Array(rows.length);
      for (let n = 0; n < count; n++)
        for (let t = 0; t < frames; t++)
          for (let c = 0; c < FRAME_CLASSES; c++)
            data[(t * count + n) * FRAME_CLASSES + c] = rows[(n * frames + t) * FRAME_CLASSES + c]!;
      return [
        { data, dims: [frames, count, FRAME_CLASSES] },
        Int32Array.from(repeated(labels, count)),
        new Int32Array(count).fill(frames),
        new Int32Array(count).fill(labels.length),
      ];
    },
    options: () => ({}),
    at(grad, row, column, _width, count) {
      const [t, c] = [Math.floor(column / FRAME_CLASSES), column % FRAME_CLASSES];
      return (grad as Float64Array)[(t * count + row) * FRAME_CLASSES + c]!;
    },
  },
};
