/**
 * defineLoss: from a definition (name, inputs, parameters, how to prepare a call) the callable `loss(…)` with `valueAndGrad`, `with`, `lossName`
 * and `parameters`. It knows options and bindings, not what a loss computes.
 */
import type { Real } from './kernels/jobs.js';
import { OptionTable, type Settled } from './options.js';
import type { Parameter } from './parameters.js';
import type { Loss, ValueAndGrad } from './types.js';
import { complete, type Prepared } from './work.js';

/** What an adapter has to know of a loss beside its options. */
export interface Signature {
  /** The arguments before the options. */
  readonly inputs: readonly string[];
  /** The inputs and options that have a gradient; default the first input. Several come as an object by these names. */
  readonly differentiable?: readonly string[];
  /** The inputs and options that are whole numbers: classes, labels, lengths. */
  readonly integers?: readonly string[];
  /** What there is a loss for under 'none': an element of the first input, a row of it (default), or neither: as many as come. */
  readonly losses?: 'elements' | 'rows' | 'samples';
}

export interface Definition extends Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** The common options in this loss's form; default commonParameters. */
  readonly common?: readonly Parameter[];
  /** Checks the call, and says what the kernels have to do. */
  prepare(inputs: readonly unknown[], options: Settled, wantGrad: boolean): Prepared;
}

/** Where a loss keeps what prepares its calls, for a pool, and what it takes, for TensorFlow.js. */
export const PREPARE = Symbol('losskit.prepare');

/** Checks the arguments of a call, options last. */
export interface Prepare {
  (args: readonly unknown[], wantGrad: boolean): Prepared;
  readonly signature: Required<Signature>;
}

export function defineLoss<L extends Loss>(definition: Definition): L {
  const table = new OptionTable(definition.name, definition.parameters, definition.common);
  return bind(definition, table, table.defaults) as L;
}

function bind(definition: Definition, table: OptionTable, base: Settled): Loss {
  const { name, inputs, parameters } = definition;
  const arity = inputs.length;
  const { differentiable = inputs.slice(0, 1), integers = [], losses = 'rows' } = definition;
  const prepare: Prepare = Object.assign(
    (args: readonly unknown[], wantGrad: boolean) =>
      definition.prepare(args, table.settle(args[arity], base), wantGrad),
    { signature: { inputs, differentiable, integers, losses } },
  );
  const loss = (...args: unknown[]): number | Real => complete(prepare(args, false)).value;
  const members = {
    valueAndGrad: (...args: unknown[]): ValueAndGrad => complete(prepare(args, true)) as ValueAndGrad,
    with: (options: unknown): Loss => bind(definition, table, table.settle(options, base)),
    lossName: name,
    parameters,
    [PREPARE]: prepare,
  };
  return Object.assign(loss, members) as unknown as Loss;
}
