/** The softmax family, with and without targets: Rows, Begin, Phase and Columns of each kernel of table.ts. */
import { ColumnSoftmax } from '../columnSoftmax';
import { columns } from '../columns';
import { CrossEntropy, LogSumExp, Poly1, SoftmaxFocal } from '../losses/crossEntropy';
import { ColumnLogSoftmax, RowLogSoftmax } from '../losses/logSoftmax';
import { ColumnSoftTarget, RowSoftTarget } from '../losses/softTarget';
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
