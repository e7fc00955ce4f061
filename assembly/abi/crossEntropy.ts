/** Cross-entropy against class indices: Rows, Begin, Phase and Columns. */
import { ColumnSoftmax } from '../columnSoftmax';
import { columns } from '../columns';
import { CrossEntropy } from '../losses/crossEntropy';
import { RowSoftmax } from '../rowSoftmax';
import { rows } from '../rows';

export function crossEntropyRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowSoftmax<CrossEntropy>>(x, q, g, count, classes, flags, ignore, scale, true);
}
export function crossEntropyBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowSoftmax<CrossEntropy>>(classes, flags, ignore, scale, true);
}
export function crossEntropyPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowSoftmax<CrossEntropy>>(phase, x, q, g, from, n, fresh);
}
export function crossEntropyColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.staged<ColumnSoftmax<CrossEntropy>>(x, q, g, count, stride, classes, flags, ignore, scale, true);
}
