/** Row-wise losses without a softmax: margins, and overlap. Rows, Begin, Phase and Columns of each. */
import { columns } from '../columns';
import { ColumnCrammerSinger, RowCrammerSinger } from '../losses/crammerSinger';
import { ColumnMultiMargin, RowMultiMargin } from '../losses/multiMargin';
import { RowMultilabelMargin } from '../losses/multilabelMargin';
import { ColumnTversky, RowTversky } from '../losses/tversky';
import { rows } from '../rows';

export function multiMarginRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowMultiMargin>(x, q, g, count, classes, flags, ignore, scale, true);
}
export function multiMarginBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowMultiMargin>(classes, flags, ignore, scale, true);
}
export function multiMarginPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowMultiMargin>(phase, x, q, g, from, n, fresh);
}
export function multiMarginColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.all<ColumnMultiMargin>(x, q, g, count, stride, classes, flags, ignore, scale, true);
}

export function crammerSingerRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowCrammerSinger>(x, q, g, count, classes, flags, ignore, scale, true);
}
export function crammerSingerBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowCrammerSinger>(classes, flags, ignore, scale, true);
}
export function crammerSingerPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowCrammerSinger>(phase, x, q, g, from, n, fresh);
}
export function crammerSingerColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.all<ColumnCrammerSinger>(x, q, g, count, stride, classes, flags, ignore, scale, true);
}

export function tverskyRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowTversky>(x, q, g, count, classes, flags, ignore, scale, false);
}
export function tverskyBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowTversky>(classes, flags, ignore, scale, false);
}
export function tverskyPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowTversky>(phase, x, q, g, from, n, fresh);
}
export function tverskyColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.all<ColumnTversky>(x, q, g, count, stride, classes, flags, ignore, scale, false);
}

/** Whole rows only, whatever the number of classes. */
export function multilabelMarginRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowMultilabelMargin>(x, q, g, count, classes, flags, ignore, scale, false);
}
