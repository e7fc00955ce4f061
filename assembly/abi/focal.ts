/** Other functions of log p of a row's class: Rows, Begin, Phase and Columns of each. */
import { ColumnSoftmax } from '../columnSoftmax';
import { columns } from '../columns';
import { Poly1, SoftmaxFocal } from '../losses/crossEntropy';
import { RowSoftmax } from '../rowSoftmax';
import { rows } from '../rows';

export function softmaxFocalRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowSoftmax<SoftmaxFocal>>(x, q, g, count, classes, flags, ignore, scale, true);
}
export function softmaxFocalBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowSoftmax<SoftmaxFocal>>(classes, flags, ignore, scale, true);
}
export function softmaxFocalPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowSoftmax<SoftmaxFocal>>(phase, x, q, g, from, n, fresh);
}
export function softmaxFocalColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.staged<ColumnSoftmax<SoftmaxFocal>>(x, q, g, count, stride, classes, flags, ignore, scale, true);
}

export function poly1Rows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowSoftmax<Poly1>>(x, q, g, count, classes, flags, ignore, scale, true);
}
export function poly1Begin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowSoftmax<Poly1>>(classes, flags, ignore, scale, true);
}
export function poly1Phase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowSoftmax<Poly1>>(phase, x, q, g, from, n, fresh);
}
export function poly1Columns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.staged<ColumnSoftmax<Poly1>>(x, q, g, count, stride, classes, flags, ignore, scale, true);
}
