/**
 * defineLoss: from a definition (name, inputs, parameters, how to evaluate) the callable `loss(…)` with `valueAndGrad`, `with`, `lossName`
 * and `parameters`. It knows options and bindings, not what a loss computes.
 */
import type { Real } from './kernels/jobs.js';
import type { Gradients } from './reduce.js';
import { OptionTable, type Settled } from './options.js';
import type { Parameter } from './parameters.js';
import type { Loss, ValueAndGrad } from './types.js';

/** What evaluate works with: the options in force, and where gradient and losses go. */
export interface Evaluation {
  readonly value: number | Real;
  /** null where no gradient was asked for; an object where several inputs are differentiable. */
  readonly grad: Real | null | Gradients;
  readonly divisor: number;
}

export interface Definition {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly parameters: readonly Parameter[];
  /** The common options in this loss's form; default commonParameters. */
  readonly common?: readonly Parameter[];
  evaluate(inputs: readonly unknown[], options: Settled, wantGrad: boolean): Evaluation;
}

export function defineLoss<L extends Loss>(definition: Definition): L {
  const table = new OptionTable(definition.name, definition.parameters, definition.common);
  return bind(definition, table, table.defaults) as L;
}

function bind(definition: Definition, table: OptionTable, base: Settled): Loss {
  const { name, inputs, parameters } = definition;
  const arity = inputs.length;
  const loss = (...args: unknown[]): number | Real =>
    definition.evaluate(args, table.settle(args[arity], base), false).value;
  const members = {
    valueAndGrad: (...args: unknown[]): ValueAndGrad =>
      definition.evaluate(args, table.settle(args[arity], base), true) as ValueAndGrad,
    with: (options: unknown): Loss => bind(definition, table, table.settle(options, base)),
    lossName: name,
    parameters,
  };
  return Object.assign(loss, members) as unknown as Loss;
}
