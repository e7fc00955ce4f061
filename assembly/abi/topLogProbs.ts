/** The likeliest classes of whole rows. */
import { topLogProbs } from '../losses/topLogProbs';

/** k log-probabilities a row to v and k classes to ids. */
export function topLogProbsRows(x: usize, ids: usize, v: usize, count: i32, classes: i32, k: i32): void {
  topLogProbs.rows(x, ids, v, count, classes, k);
}
