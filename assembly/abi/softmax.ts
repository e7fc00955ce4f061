/** Softmax without a class: its normaliser, its logarithm, and cross-entropy against a distribution. Rows, Begin, Phase and Columns of each. */
import { ColumnSoftmax } from '../columnSoftmax';
import { columns } from '../columns';
import { LogSumExp } from '../losses/crossEntropy';
import { ColumnLogSoftmax, RowLogSoftmax } from '../losses/logSoftmax';
import { ColumnSoftTarget, RowSoftTarget } from '../losses/softTarget';
import { RowSoftmax } from '../rowSoftmax';
import { rows } from '../rows';

export function logSumExpRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowSoftmax<LogSumExp>>(x, q, g, count, classes, flags, ignore, scale, false);
}
export function logSumExpBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowSoftmax<LogSumExp>>(classes, flags, ignore, scale, false);
}
export function logSumExpPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowSoftmax<LogSumExp>>(phase, x, q, g, from, n, fresh);
}
export function logSumExpColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.staged<ColumnSoftmax<LogSumExp>>(x, q, g, count, stride, classes, flags, ignore, scale, false);
}

export function logSoftmaxRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowLogSoftmax>(x, q, g, count, classes, flags, ignore, scale, false);
}
export function logSoftmaxBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowLogSoftmax>(classes, flags, ignore, scale, false);
}
export function logSoftmaxPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowLogSoftmax>(phase, x, q, g, from, n, fresh);
}
export function logSoftmaxColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.all<ColumnLogSoftmax>(x, q, g, count, stride, classes, flags, ignore, scale, false);
}

export function softTargetCrossEntropyRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  rows.all<RowSoftTarget>(x, q, g, count, classes, flags, ignore, scale, false);
}
export function softTargetCrossEntropyBegin(classes: i32, flags: i32, ignore: i32, scale: f64): bool {
  return rows.open<RowSoftTarget>(classes, flags, ignore, scale, false);
}
export function softTargetCrossEntropyPhase(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
  rows.phase<RowSoftTarget>(phase, x, q, g, from, n, fresh);
}
export function softTargetCrossEntropyColumns(x: usize, q: usize, g: usize, count: i32, stride: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  columns.all<ColumnSoftTarget>(x, q, g, count, stride, classes, flags, ignore, scale, false);
}
