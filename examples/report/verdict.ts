import { HELD_OUT } from '../data/split.js';
import { mean, type Outcome } from '../lib/run.js';

/** A metric as the tables show it; `better` makes it count in the verdict. */
export interface Column {
  key: string;
  title: string;
  digits: number;
  better?: 'higher' | 'lower';
}

/** Student's t, two-sided 95 %, by degrees of freedom from 1 to 9. */
const STUDENT_T = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];

/**
 * The mean difference of two experiments over the same splits, and whether it is more than chance. The splits share most
 * of their rows, so the plain standard error would promise too much: Nadeau and Bengio's (2003) correction is in it.
 */
function difference(from: number[], to: number[]): { mean: number; certain: boolean } {
  const n = from.length;
  const differences = to.map((value, i) => value - from[i]);
  const centre = mean(differences);
  const variance = differences.reduce((sum, d) => sum + (d - centre) ** 2, 0) / (n - 1);
  const error = Math.sqrt(variance * (1 / n + HELD_OUT / (1 - HELD_OUT)));
  return { mean: centre, certain: Math.abs(centre) > STUDENT_T[n - 2] * error };
}

/** Says in words what a parameter did to the held-out metrics, and says so where that is nothing beyond chance. */
export function verdict(outcome: Outcome, baseline: Outcome, columns: Column[]): string {
  if (outcome === baseline) return 'baseline';
  const gains: string[] = [];
  const costs: string[] = [];
  for (const { key, title, digits, better } of columns) {
    if (better === undefined) continue;
    const of = (one: Outcome): number[] => one.runs.map((run) => run[key]);
    const { mean: delta, certain } = difference(of(baseline), of(outcome));
    if (!certain || Math.abs(delta) < 0.5 * 10 ** -digits) continue;
    const text = `${title} ${delta > 0 ? '+' : '−'}${Math.abs(delta).toFixed(digits)}`;
    (delta > 0 === (better === 'higher') ? gains : costs).push(text);
  }
  if (gains.length === 0 && costs.length === 0) return 'no difference beyond chance';
  if (costs.length === 0) return `helps: ${gains.join(', ')}`;
  if (gains.length === 0) return `does not help: ${costs.join(', ')}`;
  return `trades: ${gains.join(', ')} for ${costs.join(', ')}`;
}
