/** Shapes of row-wise inputs: where the class axis is, how many rows there are, and whether the targets fit. */
import type { RowLayout } from './kernels/jobs.js';
import type { Settled } from './options.js';
import { checkShape, type Input, product, sameShape } from './tensor.js';

export interface Layout extends RowLayout {
  readonly rows: number;
  /** Rows of one sequence, for `shift`: the last axis of the rows. */
  readonly sequence: number;
}

/** `targets`: index targets, whose number gives the classes of flat arrays; null where targets have the input's shape. */
export function layoutOf(
  fn: string,
  name: string,
  input: Input,
  targets: Input | null,
  options: Settled,
): Layout {
  const given = options.shape === null ? input.shape : checkShape(fn, 'shape', options.shape);
  const layout = given
    ? shaped(fn, name, input, given, options)
    : flat(fn, name, input, targets, options.classes as number | null);
  if (targets) checkTargetShape(fn, targets, layout, input, options);
  return layout;
}

/** Whether nothing says how an input is split into rows. */
export function isFlat(input: Input, options: Settled): boolean {
  return !input.shape && options.shape === null && options.classes === null;
}

/** All elements as one row; none where there are no elements. */
export function wholeRow(length: number): Layout {
  const rows = length === 0 ? 0 : 1;
  return { outer: rows, classes: Math.max(length, 1), inner: 1, rows, sequence: rows };
}

function shaped(fn: string, name: string, input: Input, shape: readonly number[], options: Settled): Layout {
  if (product(shape) !== input.length) {
    throw new RangeError(
      `${fn}: shape [${shape.join(', ')}] is ${product(shape)} elements, but ${name} has ${input.length}`,
    );
  }
  const axis = options.axis as number;
  const d = axis < 0 ? axis + shape.length : axis;
  if (d < 0 || d >= shape.length)
    throw new RangeError(`${fn}: axis is ${axis}, expected an axis of shape [${shape.join(', ')}]`);
  const classes = shape[d];
  if (classes === 0)
    throw new RangeError(`${fn}: shape [${shape.join(', ')}] has 0 classes, expected at least 1`);
  const wanted = options.classes as number | null;
  if (wanted !== null && wanted !== classes)
    throw new RangeError(
      `${fn}: classes is ${wanted}, but axis ${axis} of shape [${shape.join(', ')}] has ${classes}`,
    );
  const outer = product(shape.slice(0, d));
  const inner = product(shape.slice(d + 1));
  const last = shape.length === 1 ? 1 : d === shape.length - 1 ? shape[d - 1] : shape[shape.length - 1];
  return { outer, classes, inner, rows: outer * inner, sequence: last };
}

function flat(fn: string, name: string, input: Input, targets: Input | null, given: number | null): Layout {
  let classes = given;
  if (classes === null) {
    if (!targets)
      throw new RangeError(
        `${fn}: ${name} is flat with ${input.length} elements, expected classes or a shape to split it into rows`,
      );
    classes = input.length / targets.length;
    if (!Number.isInteger(classes) || classes < 1) {
      throw new RangeError(
        `${fn}: ${name} has ${input.length} elements for ${targets.length} targets, expected a whole number of classes each (or give classes)`,
      );
    }
  }
  const rows = input.length / classes;
  if (!Number.isInteger(rows))
    throw new RangeError(
      `${fn}: ${name} has ${input.length} elements, expected a multiple of classes (${classes})`,
    );
  return { outer: rows, classes, inner: 1, rows, sequence: rows };
}

function checkTargetShape(fn: string, targets: Input, layout: Layout, input: Input, options: Settled): void {
  if (targets.length !== layout.rows) {
    throw new RangeError(`${fn}: targets has ${targets.length} elements, expected ${layout.rows}, one a row`);
  }
  checkRowShape(fn, 'targets', targets, input, options);
}

/** Refuses what has one number a row and another shape than the input's without its class axis, where that is not the last. */
export function checkRowShape(fn: string, name: string, rows: Input, input: Input, options: Settled): void {
  const shape = options.shape === null ? input.shape : checkShape(fn, 'shape', options.shape);
  if (!shape || !rows.shape) return;
  const axis = options.axis as number;
  const d = axis < 0 ? axis + shape.length : axis;
  if (d === shape.length - 1) return;
  const wanted = shape.filter((_, i) => i !== d);
  if (!sameShape(rows.shape, wanted)) {
    throw new RangeError(
      `${fn}: ${name} has shape [${rows.shape.join(', ')}], expected [${wanted.join(', ')}], logits' shape without axis ${axis}`,
    );
  }
}
