/** How well scores tell the rare class, where a score above 0 says "rare". A share whose divisor is 0 is null. */

export interface Metrics {
  /** Of the rare points, the share that is found. */
  readonly recall: number | null;
  /** Of the points called rare, the share that is. */
  readonly precision: number | null;
  readonly f1: number | null;
  readonly accuracy: number | null;
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export function metricsOf(scores: ArrayLike<number>, rare: ArrayLike<number>): Metrics {
  let [hits, misses, alarms] = [0, 0, 0];
  for (let i = 0; i < scores.length; i++) {
    const called = scores[i] > 0;
    if (!rare[i]) alarms += Number(called);
    else if (called) hits++;
    else misses++;
  }
  return {
    recall: share(hits, hits + misses),
    precision: share(hits, hits + alarms),
    f1: share(2 * hits, 2 * hits + misses + alarms),
    accuracy: share(scores.length - misses - alarms, scores.length),
  };
}
