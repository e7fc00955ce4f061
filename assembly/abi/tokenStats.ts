/** Cross-entropy with each row's entropy and argmax: Rows, Begin, Phase and Columns. */
import { ColumnStats } from '../columnSoftmax';
import { columns } from '../columns';
import { CrossEntropy } from '../losses/crossEntropy';
import { RowStats } from '../losses/tokenStats';
import { rows } from '../rows';

export function tokenStatsRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowStats<CrossEntropy>>(x, q, g, count, classes, flags, ignore, scale, true);
}
export function tokenStatsBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowStats<CrossEntropy>>(classes, flags, ignore, scale, true);
}
export function tokenStatsPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowStats<CrossEntropy>>(phase, x, q, g, from, n, fresh);
}
export function tokenStatsColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.staged<ColumnStats<CrossEntropy>>(x, q, g, count, stride, classes, flags, ignore, scale, true);
}
