/**
 * How near is near enough: the acceptance rules of the numerics contract. float32 is judged in ulps of the float64
 * reference, widened by the conditioning of the case; float64 by a scaled error. It knows nothing of losses.
 */

const FLOAT32_MAX = 3.4028234663852886e38;
/** At or beyond this a float64 number rounds to infinity in float32. */
const FLOAT32_OVERFLOW = 3.4028235677973366e38;
/** Absolute differences up to this pass for float32: results this small may be flushed to 0. */
const FLUSH = 2 ** -125;

export type Precision = 'float32' | 'float64';

/** The bounds of the numerics contract; those of CTC, InfoNCE and perplexity are wider. */
export interface Bounds {
  float32: number;
  float64: number;
}
export const BOUNDS: Bounds = { float32: 8, float64: 1e-12 };
export const CTC_BOUNDS: Bounds = { float32: 40, float64: 1e-10 };
export const PERPLEXITY_BOUNDS: Bounds = { float32: 16, float64: 1e-12 };
export const INFO_NCE_BOUNDS: Bounds = { float32: 40, float64: 1e-11 };
const OTHER_BOUNDS: Record<string, Bounds> = {
  ctcLoss: CTC_BOUNDS,
  perplexity: PERPLEXITY_BOUNDS,
  infoNceLoss: INFO_NCE_BOUNDS,
};
export const boundsOf = (name: string): Bounds => OTHER_BOUNDS[name] ?? BOUNDS;

/** Distance between neighbouring float32 numbers around x. */
export function ulp32(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude >= 2 ** -126)) return 2 ** -149;
  if (magnitude > FLOAT32_MAX) return 2 ** 104;
  let exponent = Math.floor(Math.log2(magnitude));
  // log2 may round up to the next integer just below a power of two.
  if (2 ** exponent > magnitude) exponent -= 1;
  else if (2 ** (exponent + 1) <= magnitude) exponent += 1;
  return 2 ** (exponent - 23);
}

/** K = |got − want| / (ulp32(want) + sens): at most 8 is right. NaN equals NaN, −0 equals 0. */
export function ulps(got: number, want: number, sens = 0, flush = true): number {
  if (Number.isNaN(want) || Number.isNaN(got)) return Number.isNaN(want) && Number.isNaN(got) ? 0 : Infinity;
  if (got === want) return 0;
  // What float32 cannot hold is infinite in float32.
  if (Math.abs(want) >= FLOAT32_OVERFLOW && got === Math.sign(want) * Infinity) return 0;
  const difference = Math.abs(got - want);
  if (flush && difference <= FLUSH) return 0;
  return difference / (ulp32(want) + sens);
}

/** |got − want| / max(|want|, 1e-3 of the largest): float64's measure. */
export function scaled(got: number, want: number, largest: number): number {
  if (Number.isNaN(want) || Number.isNaN(got)) return Number.isNaN(want) && Number.isNaN(got) ? 0 : Infinity;
  if (got === want) return 0;
  return Math.abs(got - want) / Math.max(Math.abs(want), 1e-3 * largest);
}

export interface Verdict {
  /** The worst error, as a share of the bound: at most 1 is right. */
  worst: number;
  /** Where, and what it was, for the message of a failure. */
  at: string;
}

export interface Rule {
  precision: Precision;
  sens?: number;
  /** Whether float32 may flush tiny results to 0. */
  flush?: boolean;
  bounds?: Bounds;
  /** Differences up to this pass: for what cancels to nearly nothing. */
  absolute?: number;
  /** So do differences up to this share of the largest. */
  ofLargest?: number;
}

/** The worst element of `got` against `want`. */
export function judge(got: ArrayLike<number>, want: ArrayLike<number>, rule: Rule): Verdict {
  if (got.length !== want.length)
    return { worst: Infinity, at: `length ${got.length}, expected ${want.length}` };
  let largest = 0;
  for (let i = 0; i < want.length; i++) {
    const magnitude = Math.abs(want[i]!);
    if (Number.isFinite(magnitude) && magnitude > largest) largest = magnitude;
  }
  const { float32, float64 } = rule.bounds ?? BOUNDS;
  const passing = Math.max(rule.absolute ?? 0, (rule.ofLargest ?? 0) * largest);
  let worst = 0;
  let at = '';
  for (let i = 0; i < want.length; i++) {
    if (Math.abs(got[i]! - want[i]!) <= passing) continue;
    const error =
      rule.precision === 'float32'
        ? ulps(got[i]!, want[i]!, rule.sens ?? 0, rule.flush ?? true) / float32
        : scaled(got[i]!, want[i]!, largest) / float64;
    if (error > worst) {
      worst = error;
      at = `[${i}] is ${got[i]}, expected ${want[i]} (${error.toPrecision(3)} of the bound)`;
    }
  }
  return { worst, at };
}

const view = new DataView(new ArrayBuffer(8));
/** The bits of a float64 number; every NaN is the same. */
export function bits(x: number): bigint {
  view.setFloat64(0, Number.isNaN(x) ? NaN : x);
  return view.getBigUint64(0);
}

/** The first index where two arrays differ in bits (−0 and 0 differ), or −1. */
export function differs(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return i;
  return -1;
}
