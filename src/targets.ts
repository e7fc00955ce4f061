/** Class indices of every integer kind, with ignoreIndex, shift and mask -> what kernels read: checked classes, -1 for rows that do not count. */
import type { Real, Targets } from './kernels/jobs.js';
import { elementOf } from './kernels/source.js';
import { checkRowShape, type Layout } from './layout.js';
import type { Settled } from './options.js';
import { type Input, parseNumbers } from './tensor.js';

export interface TargetOptions {
  /** null where the loss has none. */
  readonly ignoreIndex: number | null;
  /** Row t of a sequence is scored against target t + shift. */
  readonly shift: number;
  /** Rows of a sequence. */
  readonly sequence: number;
  /** Aligned with the targets: 0 does not count. */
  readonly mask: Input | null;
}

export interface CheckedTargets extends Targets {
  /** Rows that count. */
  readonly counted: number;
  /** Σ weight of the target's class over them; `counted` without weights. */
  readonly weight: number;
}

/** The option `mask`, one a row, laid out as the targets. */
export function maskOf(fn: string, input: Input, layout: Layout, options: Settled): Input | null {
  const given = options.mask;
  if (given === null || given === undefined) return null;
  const mask = parseNumbers(fn, 'mask', given, 'float32');
  if (mask.length !== layout.rows)
    throw new RangeError(`${fn}: mask has ${mask.length} elements, expected ${layout.rows}, one a target`);
  checkRowShape(fn, 'mask', mask, input, options);
  return mask;
}

/** Which rows count where targets are no classes: class 0, or -1 where the mask has a 0. */
export function maskedRows(mask: Input | null, rows: number): CheckedTargets {
  const off = (r: number) => mask !== null && elementOf(mask, r) === 0;
  let counted = rows;
  if (mask) for (let r = 0; r < rows; r++) if (off(r)) counted--;
  return {
    direct: null,
    ignoreIndex: -1,
    counted,
    weight: counted,
    read(start, count, into, at) {
      for (let i = 0; i < count; i++) into[at + i] = off(start + i) ? -1 : 0;
    },
  };
}

/** Targets of a call with these options, of which it may have any. */
export function indexTargets(
  fn: string,
  target: Input,
  layout: Layout,
  classWeight: Real | null,
  mask: Input | null,
  options: Settled,
): CheckedTargets {
  const ignoreIndex = (options.ignoreIndex as number | undefined) ?? null;
  const shift = (options.shift as number | undefined) ?? 0;
  const { rows, classes, sequence } = layout;
  return checkTargets(fn, target, rows, classes, classWeight, { ignoreIndex, shift, sequence, mask });
}

/** Checks every target that is used, before anything is written, and counts. */
export function checkTargets(
  fn: string,
  input: Input,
  rows: number,
  classes: number,
  classWeight: Real | null,
  options: TargetOptions,
): CheckedTargets {
  const { ignoreIndex, shift, mask } = options;
  if (input.data instanceof Int32Array && shift === 0 && !mask)
    return checkDirect(fn, input.data, rows, classes, classWeight, ignoreIndex);
  return new MappedTargets(fn, input, rows, classes, classWeight, options);
}

function checkDirect(
  fn: string,
  direct: Int32Array,
  rows: number,
  classes: number,
  classWeight: Real | null,
  ignoreIndex: number | null,
): CheckedTargets {
  // An int32 against an int32, not against a number that may be null: 2 % of a whole call of 32 rows.
  const ignores = ignoreIndex !== null && (ignoreIndex | 0) === ignoreIndex;
  const ignored = ignores ? ignoreIndex | 0 : 0;
  let counted = 0;
  let weight = 0;
  for (let r = 0; r < rows; r++) {
    const y = direct[r];
    if (ignores && y === ignored) continue;
    if (y < 0 || y >= classes) throw outside(fn, r, y, classes, ignoreIndex);
    counted++;
    if (classWeight) weight += classWeight[y];
  }
  const compared = ignoreIndex !== null && ignoreIndex >= 0 && ignoreIndex < classes ? ignoreIndex : -1;
  return new DirectTargets(direct, classes, compared, counted, classWeight ? weight : counted);
}

class DirectTargets implements CheckedTargets {
  readonly direct: Int32Array;
  readonly ignoreIndex: number;
  readonly counted: number;
  readonly weight: number;
  readonly #classes: number;

  constructor(direct: Int32Array, classes: number, ignoreIndex: number, counted: number, weight: number) {
    this.direct = direct;
    this.#classes = classes;
    this.ignoreIndex = ignoreIndex;
    this.counted = counted;
    this.weight = weight;
  }

  read(start: number, count: number, into: Int32Array, at: number): void {
    for (let i = 0; i < count; i++) {
      const y = this.direct[start + i];
      // An ignored one may be any number, beyond the classes too.
      into[at + i] = y === this.ignoreIndex || y >= this.#classes ? -1 : y;
    }
  }
}

class MappedTargets implements CheckedTargets {
  readonly direct = null;
  readonly ignoreIndex = -1;
  readonly counted: number;
  readonly weight: number;
  readonly #data: ArrayLike<number | bigint>;
  readonly #mask: Input | null;
  readonly #options: TargetOptions;

  constructor(
    fn: string,
    input: Input,
    rows: number,
    classes: number,
    classWeight: Real | null,
    options: TargetOptions,
  ) {
    this.#data = input.data as ArrayLike<number | bigint>;
    this.#mask = options.mask;
    this.#options = options;
    let counted = 0;
    let weight = 0;
    for (let r = 0; r < rows; r++) {
      if (!this.#used(r)) continue;
      const at = r + options.shift;
      const y = Number(this.#data[at]);
      if (y === options.ignoreIndex) continue;
      if (!(y >= 0 && y < classes) || !Number.isInteger(y))
        throw outside(fn, at, this.#data[at], classes, options.ignoreIndex);
      counted++;
      if (classWeight) weight += classWeight[y];
    }
    this.counted = counted;
    this.weight = classWeight ? weight : counted;
  }

  #used(r: number): boolean {
    const { shift, sequence } = this.#options;
    const mask = this.#mask;
    // 0, 0n, -0 and false all say no.
    return (
      (shift === 0 || (r % sequence) + shift < sequence) &&
      (mask === null || elementOf(mask, r + shift) !== 0)
    );
  }

  read(start: number, count: number, into: Int32Array, at: number): void {
    const { shift, ignoreIndex } = this.#options;
    for (let i = 0; i < count; i++) {
      const y = this.#used(start + i) ? Number(this.#data[start + i + shift]) : -1;
      into[at + i] = y === ignoreIndex ? -1 : y;
    }
  }
}

function outside(
  fn: string,
  position: number,
  value: number | bigint,
  classes: number,
  ignoreIndex: number | null,
): RangeError {
  const ignored = ignoreIndex === null ? '' : ` or ignoreIndex (${ignoreIndex})`;
  return new RangeError(
    `${fn}: targets[${position}] is ${value}, expected an integer in [0, ${classes})${ignored}`,
  );
}
