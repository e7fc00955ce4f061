/** A loss of any name as tests see it, and what it returns in one form. Runs in pages, too: it knows no build of the library. */

export type Real = Float32Array | Float64Array;

export interface Parameter {
  name: string;
  type: 'number' | 'boolean' | 'choice' | 'array';
  default: unknown;
  min?: number;
  max?: number;
  exclusiveMin?: number;
  exclusiveMax?: number;
  choices?: readonly unknown[];
  slider?: readonly [number, number];
  description: string;
}

/** One array, or one an input of several; null where it was not asked for. */
export type Gradient = Real | Readonly<Record<string, Real | null>>;

export interface AnyLoss<G = Real> {
  (...args: unknown[]): number | Real;
  valueAndGrad(...args: unknown[]): { value: number | Real; grad: G; divisor: number };
  with(options: object): AnyLoss<G>;
  readonly lossName: string;
  readonly parameters: readonly Parameter[];
}

/** The gradients as a list, in the order of the inputs. */
export function gradsOf(grad: Gradient | readonly Real[]): Real[] {
  return ArrayBuffer.isView(grad) ? [grad as Real] : (Object.values(grad) as Real[]);
}

/** A value as an array, whichever the reduction was. */
export function asArray(value: number | ArrayLike<number>): ArrayLike<number> {
  return typeof value === 'number' ? [value] : value;
}
