import { sideFor } from '../backend.js';
import { FN, type InfoNceMode, inputsOf } from '../infoNce/inputs.js';
import { type Call, modes } from '../infoNce/modes.js';
import { newReal } from '../kernels/source.js';
import { defineLoss } from '../loss.js';
import type { Settled } from '../options.js';
import { commonOptionsWithout, dimParameter, type Parameter } from '../parameters.js';
import { checkMemory, planReduction, reduced, takeGradients } from '../reduce.js';
import type { CommonOptions, DifferentiableLoss, GradientArrays, RealArray } from '../types.js';
import { atOnce, type Evaluation } from '../work.js';

export type { InfoNceMode };

/**
 * Options of {@link infoNceLoss}.
 *
 * @category Options
 */
export interface InfoNceLossOptions extends Omit<
  CommonOptions<GradientArrays<'query' | 'positive' | 'negatives'>>,
  'axis' | 'classes'
> {
  /** What the scores are divided by, > 0. Default 0.07. */
  temperature?: number;
  /** Whether rows are brought to length 1. Default true. */
  normalize?: boolean;
  /** What the queries are set against. Default 'inbatch'. */
  mode?: InfoNceMode;
  /** `[M, D]` in mode 'unpaired', `[N, M, D]` in mode 'paired'; in no other. */
  negatives?: RealArray | null;
  /** Elements a row of flat arrays. */
  dim?: number;
}

const parameters: readonly Parameter[] = [
  {
    name: 'temperature',
    type: 'number',
    default: 0.07,
    exclusiveMin: 0,
    slider: [0.01, 1],
    description: 'what the scores are divided by',
  },
  {
    name: 'normalize',
    type: 'boolean',
    default: true,
    description: 'whether the rows are brought to length 1, so that scores are cosines',
  },
  {
    name: 'negatives',
    type: 'array',
    default: null,
    description: "rows that match no query (mode 'unpaired'), or M for each (mode 'paired')",
  },
  {
    name: 'mode',
    type: 'choice',
    default: 'inbatch',
    choices: ['inbatch', 'symmetric', 'ntxent', 'unpaired', 'paired'],
    description: 'what the queries are set against',
  },
];

function evaluate(args: readonly unknown[], options: Settled, wantGrad: boolean): Evaluation {
  const inputs = inputsOf(args, options);
  const { dtype, query, positive, negatives, n, m } = inputs;
  const mode = options.mode as InfoNceMode;
  const losses = mode === 'ntxent' ? 2 * n : n;
  const plan = planReduction(FN, options, dtype, losses, losses, wantGrad);
  const { reduction, divisor, scale, out } = plan;
  const lengths = {
    query: query.length,
    positive: positive.length,
    ...(negatives && { negatives: negatives.length }),
  };
  const gradients = wantGrad ? takeGradients(FN, options.grad, dtype, lengths) : {};
  const read = [query, positive, ...(negatives ? [negatives] : [])];
  checkMemory(FN, gradients, out, read, [plan.gradOutput]);
  // In place is allowed: what the inputs hold is kept until the last gradient is written.
  const place = (key: 'query' | 'positive' | 'negatives') =>
    gradients[key] && scale !== 0 ? newReal(dtype, gradients[key].length) : null;
  const call: Call = {
    inputs,
    side: sideFor(dtype, n * (m + (mode === 'unpaired' || mode === 'paired' ? 1 : n))),
    temperature: options.temperature as number,
    normalize: options.normalize as boolean,
    scale,
    gradOutput: plan.gradOutput,
    out,
    grads: { query: place('query'), positive: place('positive'), negatives: place('negatives') },
  };
  const total = n === 0 ? 0 : modes[mode](call);
  for (const [key, gradient] of Object.entries(gradients)) {
    const made = call.grads[key as keyof Call['grads']];
    if (made) gradient?.set(made);
    else gradient?.fill(0);
  }
  return { value: out ?? reduced(reduction, total, divisor), grad: wantGrad ? gradients : null, divisor };
}

/**
 * InfoNCE loss of queries against positives and negatives: cross-entropy of each query's scores against its positive among negatives (van den Oord et al., arXiv:1807.03748), with the modes of
 * CLIP (symmetric, arXiv:2103.00020) and SimCLR (NT-Xent, arXiv:2002.05709).
 *
 *     u = x / max(|x|, 1e-12) where `normalize`, scores s = u_query · u / temperature, loss_i = log Σ_j e^s_ij − s_i,positive(i)
 *     'inbatch'    all positives; query i's is positive i
 *     'symmetric'  the mean of that and of the same with queries and positives changed over
 *     'ntxent'     z = [query; positive], each of the 2N rows against all others; its positive is i ± N
 *     'unpaired'   query i's positive and all negatives [M, D]
 *     'paired'     query i's positive and its own negatives [N, M, D]
 *
 * Shapes: query and positive `[N, D]` (flat with `dim`), of one dtype. 'none' gives N losses (2N in mode 'ntxent'), and 'mean' divides by as many.
 * Gradients `{ query, positive, negatives? }`. A row of zeros stays zeros; its gradient is that of x / 1e-12.
 *
 * Workspace: copies of the inputs and their gradients, and the scores of a chunk of rows (at most 16 MiB), never all of them.
 *
 * @throws RangeError for sizes that do not fit, an option out of its range
 * @throws TypeError for a wrong kind of array, mixed dtypes, unknown options, negatives missing or in a mode that has none
 * @function
 * @category Embeddings
 */
export const infoNceLoss = defineLoss<
  DifferentiableLoss<[positive: RealArray], InfoNceLossOptions, 'query' | 'positive' | 'negatives'>
>({
  name: 'infoNceLoss',
  inputs: ['query', 'positive'],
  differentiable: ['query', 'positive', 'negatives'],
  losses: 'samples',
  parameters,
  common: [...commonOptionsWithout('axis', 'classes'), dimParameter],
  prepare: (args, options, wantGrad) => atOnce(() => evaluate(args, options, wantGrad)),
});
