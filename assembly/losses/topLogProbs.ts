/** The k largest log-probabilities of each row and their classes: the sum of the softmax family, a selection, and −nll of what it selected. */
import { lane, REAL } from '../lane';
import { W } from '../layout';
import { math } from '../math';
import { row } from '../rows';
import { RowSoftmax } from '../rowSoftmax';
import { softmax } from '../softmax';
import { top } from '../top';
import { CrossEntropy } from './crossEntropy';

@final
@unmanaged
export class topLogProbs {
  /** Rows of `classes` at x; k log-probabilities of each to v, k classes (i32) to ids. Up to 16 bytes behind v are written, too. */
  static rows(x: usize, ids: usize, v: usize, count: i32, classes: i32, k: i32): void {
    const family = changetype<RowSoftmax<CrossEntropy>>(0),
      bytes = <usize>classes * REAL;
    family.constants(classes);
    for (let i = 0; i < count; i++, x += bytes, ids += 4 * k, v += k * REAL) {
      row.begin(i, -1, classes, 1, 1);
      family.begin();
      family.look(x, 0, 0, classes);
      topLogProbs.sum(x, classes);
      top.select(x, classes, k, v, ids);
      const m = family.maximum(),
        log = math.log1p(family.others());
      for (let at: usize = 0, end = <usize>k * REAL; at < end; at += 16)
        v128.store(v + at, lane.sub(lane.zero(), softmax.nll(m, v128.load(v + at), log)));
    }
  }

  static sum(x: usize, classes: i32): void {
    changetype<RowSoftmax<CrossEntropy>>(0).sum(x, W, 0, 0, classes, false);
  }
}
