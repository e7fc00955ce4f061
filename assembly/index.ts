/** The ABI: one export line a kernel. Names are those of src/kernels/table.ts. */
import { lane } from './lane';
import { pointwise } from './pointwise';
import { checks, Probability, SignLabel } from './checks';
import { ColumnSoftmax } from './columnSoftmax';
import { columns } from './columns';
import { half } from './half';
import { ColumnCrammerSinger, RowCrammerSinger } from './losses/crammerSinger';
import { CrossEntropy, LogSumExp, SoftmaxFocal } from './losses/crossEntropy';
import { ColumnMultiMargin, RowMultiMargin } from './losses/multiMargin';
import { ColumnSoftTarget, RowSoftTarget } from './losses/softTarget';
import { math } from './math';
import { RowSoftmax } from './rowSoftmax';
import { rows } from './rows';
import { matrix } from './transpose';
import { Huber, L1, Mse, SmoothL1 } from './losses/regression';
import { Hinge, SquaredHinge } from './losses/hinge';
import { BinaryCrossEntropy, BinaryCrossEntropyWithLogits, Sigmoid, SigmoidFocal, SigmoidFocalSquare } from './losses/binary';

export function mse(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<Mse>(x, t, g, n, general, scale, total);
}
export function l1(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<L1>(x, t, g, n, general, scale, total);
}
export function smoothL1(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<SmoothL1>(x, t, g, n, general, scale, total);
}
export function huber(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<Huber>(x, t, g, n, general, scale, total);
}
export function hinge(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<Hinge>(x, t, g, n, general, scale, total);
}
export function squaredHinge(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<SquaredHinge>(x, t, g, n, general, scale, total);
}
export function binaryCrossEntropy(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<BinaryCrossEntropy>(x, t, g, n, general, scale, total);
}
export function binaryCrossEntropyWithLogits(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<BinaryCrossEntropyWithLogits>(x, t, g, n, general, scale, total);
}
export function sigmoid(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.run<Sigmoid>(x, t, g, n, scale, total, true, false);
}
export function sigmoidFocal(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<SigmoidFocal>(x, t, g, n, general, scale, total);
}
export function sigmoidFocalSquare(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<SigmoidFocalSquare>(x, t, g, n, general, scale, total);
}

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

export function firstBadLabel(x: usize, n: i32): i32 {
  return checks.first<SignLabel>(x, n);
}
export function firstBadProbability(x: usize, n: i32): i32 {
  return checks.first<Probability>(x, n);
}

export function transpose(src: usize, dst: usize, rows: i32, cols: i32, srcStride: i32, dstStride: i32): void {
  matrix.transpose(src, dst, rows, cols, srcStride, dstStride);
}
export function copyRows(src: usize, dst: usize, rows: i32, cols: i32, srcStride: i32, dstStride: i32): void {
  matrix.copy(src, dst, rows, cols, srcStride, dstStride);
}
export function decodeFloat16(src: usize, dst: usize, n: i32): void {
  half.float16(src, dst, n);
}
export function decodeBfloat16(src: usize, dst: usize, n: i32): void {
  half.bfloat16(src, dst, n);
}
/** y = cap·tanh(x/cap) in place at x, and its derivative at d. */
export function softcap(x: usize, d: usize, vectors: i32, cap: real): void {
  math.softcapBlock(x, x, d, vectors, cap);
}
/** x · by in place; 0 stays 0, as in a row that does not count and whose logits may be anything. */
export function multiply(x: usize, by: usize, vectors: i32): void {
  for (let i: usize = 0, end = (<usize>vectors) << 4; i < end; i += 16) v128.store(x + i, lane.weighNumber(v128.load(x + i), v128.load(by + i)));
}
/** Address of a vector of ones, for operands that are absent. */
export function ones(): usize {
  return lane.ones();
}
