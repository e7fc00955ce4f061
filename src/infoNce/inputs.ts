/** The inputs of infoNceLoss, checked: rows of one width, and the negatives that its mode wants. */
import type { Dtype } from '../kernels/jobs.js';
import type { Settled } from '../options.js';
import {
  checkDtypes,
  checkMatching,
  checkShape,
  parseReal,
  product,
  type RealInput,
  sameShape,
} from '../tensor.js';

export const FN = 'infoNceLoss';

/**
 * What the queries of infoNceLoss are set against; its page has the formulas.
 *
 * @category Options
 */
export type InfoNceMode = 'inbatch' | 'symmetric' | 'ntxent' | 'unpaired' | 'paired';

/** The checked inputs. */
export interface Inputs {
  readonly dtype: Dtype;
  readonly query: RealInput;
  readonly positive: RealInput;
  readonly negatives: RealInput | null;
  readonly n: number;
  readonly dim: number;
  /** Negatives in all, or of each query. */
  readonly m: number;
}

export function inputsOf(args: readonly unknown[], options: Settled): Inputs {
  const query = parseReal(FN, 'query', args[0]);
  const positive = parseReal(FN, 'positive', args[1]);
  checkMatching(FN, 'query', query, 'positive', positive);
  checkDtypes(FN, 'query', query, 'positive', positive);
  const dim = dimOf(query, options);
  const n = query.length / dim;
  const mode = options.mode as InfoNceMode;
  const wants = mode === 'unpaired' || mode === 'paired';
  if (wants !== (options.negatives !== null)) {
    throw new TypeError(
      wants
        ? `${FN}: negatives is not given, expected rows of ${dim} in mode '${mode}'`
        : `${FN}: negatives is given in mode '${mode}', expected them in mode 'unpaired' ([M, D]) or 'paired' ([N, M, D])`,
    );
  }
  const negatives = wants ? parseReal(FN, 'negatives', options.negatives) : null;
  if (!negatives) return { dtype: query.dtype, query, positive, negatives, n, dim, m: 0 };
  checkDtypes(FN, 'query', query, 'negatives', negatives);
  const per = mode === 'paired' ? n * dim : dim;
  const m = per === 0 ? 0 : negatives.length / per;
  const wanted = mode === 'paired' ? [n, m, dim] : [m, dim];
  const { shape } = negatives;
  if (!Number.isInteger(m) || (shape && !sameShape(shape, wanted))) {
    const has = shape ? `shape [${shape.join(', ')}]` : `${negatives.length} elements`;
    throw new RangeError(
      `${FN}: negatives has ${has}, expected ${mode === 'paired' ? `[${n}, M, ${dim}]` : `[M, ${dim}]`} in mode '${mode}'`,
    );
  }
  return { dtype: query.dtype, query, positive, negatives, n, dim, m };
}

function dimOf({ length, shape }: RealInput, options: Settled): number {
  const given = options.shape === null ? shape : checkShape(FN, 'shape', options.shape);
  const own = options.dim as number | null;
  if (given && product(given) !== length)
    throw new RangeError(
      `${FN}: shape [${given.join(', ')}] is ${product(given)} elements, but query has ${length}`,
    );
  const dim = given ? given[given.length - 1] : own;
  if (dim === null || dim === undefined)
    throw new RangeError(`${FN}: query is flat with ${length} elements, expected dim, the elements of a row`);
  if (dim === 0 || length % dim !== 0 || (own !== null && own !== dim))
    throw new RangeError(
      `${FN}: dim is ${own ?? dim}, expected the last of ${given ? `shape [${given.join(', ')}]` : `a shape of ${length} elements`}`,
    );
  return dim;
}
