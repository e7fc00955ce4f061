/** What bench:peers finds: the form of bench/results/peers.json, and the questions that its tables and charts ask of it. */
import type { Errors } from './judge.js';
import type { Shape } from './shapes.js';

/** Nanoseconds a call. */
export interface Timing {
  readonly best: number;
  readonly median: number;
  readonly calls: number;
  readonly errors: Errors;
}
/** Timed, or why not: `wrong` where its result is not the truth's, `failed` where it gave none, `none` where it has no such loss. */
export type Outcome =
  Timing | { readonly wrong: string } | { readonly failed: string } | { readonly none: string };

export interface CaseResult extends Pick<Shape, 'name' | 'loss' | 'grad' | 'elements' | 'bytes'> {
  readonly sweep: boolean;
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

export interface EntrantResult {
  readonly name: string;
  readonly label: string;
  /** Version and engine, as the contender says. */
  readonly about: string | null;
  /** Why it takes no part. */
  readonly missing: string | null;
}

export interface Results {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly node: string;
    readonly arch: string;
  };
  readonly entrants: readonly EntrantResult[];
  readonly cases: readonly CaseResult[];
}

export const timed = (outcome: Outcome | undefined): outcome is Timing =>
  outcome !== undefined && 'best' in outcome;

/** Nanoseconds a call, or null. */
export function nanoseconds(of: CaseResult, name: string): number | null {
  const outcome = of.outcomes[name];
  return timed(outcome) ? outcome.best : null;
}

/** How many times as fast `name` is as `than`, or null. */
export function speedup(of: CaseResult, name: string, than: string): number | null {
  const [one, other] = [nanoseconds(of, name), nanoseconds(of, than)];
  return one === null || other === null ? null : other / one;
}
