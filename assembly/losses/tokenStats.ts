/**
 * Cross-entropy that also leaves, of each row that counts, its entropy in the list of class weights (there are none) and the class of its
 * first maximum in the place of its target. columnSoftmax.ts has the same for few classes.
 */
import { lane, REAL } from '../lane';
import { ROW_WEIGHT, TARGETS } from '../layout';
import { row } from '../rows';
import { RowSoftmax } from '../rowSoftmax';
import { softmax } from '../softmax';

@final
@unmanaged
export class RowStats<LOSS> {
  @inline family(): RowSoftmax<LOSS> {
    return changetype<RowSoftmax<LOSS>>(0);
  }
  @inline constants(classes: i32): void {
    this.family().constants(classes);
  }
  @inline begin(): void {
    this.family().begin();
  }
  @inline look(x: usize, q: usize, from: i32, n: i32): void {
    this.family().look(x, q, from, n);
  }
  @inline sum(x: usize, q: usize, g: usize, from: i32, n: i32, keep: bool): void {
    this.family().sumOwn(x, g, from, n, keep);
  }
  @inline finish(grad: bool): void {
    const family = this.family(),
      i = row.number();
    family.finish(grad);
    store<real>(ROW_WEIGHT + i * REAL, lane.first(softmax.entropy(family.others(), family.gaps())));
    store<i32>(TARGETS + 4 * i, family.top());
  }
  @inline write(x: usize, q: usize, g: usize, from: i32, n: i32, fresh: bool): void {
    this.family().write(x, q, g, from, n, fresh);
  }
}
