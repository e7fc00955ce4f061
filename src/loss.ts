/**
 * defineLoss: from a definition (name, inputs, parameters, how to prepare a call) the callable `loss(…)` with `valueAndGrad`, `with`, `lossName`
 * and `parameters`. It knows options and bindings, not what a loss computes.
 */
import type { Real } from './kernels/jobs.js';
import { OptionTable, type Settled } from './options.js';
import type { Parameter } from './parameters.js';
import type { Loss, ValueAndGrad } from './types.js';
import { complete, type Prepared } from './work.js';

export interface Definition {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly parameters: readonly Parameter[];
  /** The common options in this loss's form; default commonParameters. */
  readonly common?: readonly Parameter[];
  /** Checks the call, and says what the kernels have to do. */
  prepare(inputs: readonly unknown[], options: Settled, wantGrad: boolean): Prepared;
}

/** Where a loss keeps what prepares its calls, for a pool. */
export const PREPARE = Symbol('losskit.prepare');

/** Checks the arguments of a call, options last. */
export type Prepare = (args: readonly unknown[], wantGrad: boolean) => Prepared;

export function defineLoss<L extends Loss>(definition: Definition): L {
  const table = new OptionTable(definition.name, definition.parameters, definition.common);
  return bind(definition, table, table.defaults) as L;
}

function bind(definition: Definition, table: OptionTable, base: Settled): Loss {
  const { name, inputs, parameters } = definition;
  const arity = inputs.length;
  const prepare: Prepare = (args, wantGrad) =>
    definition.prepare(args, table.settle(args[arity], base), wantGrad);
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
