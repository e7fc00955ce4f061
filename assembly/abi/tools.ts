/** What the marshalling needs beside the losses: checks, layouts, formats, softcap. */
import { Probability, SignLabel, Variance, checks } from '../checks';
import { half } from '../half';
import { lane } from '../lane';
import { math } from '../math';
import { matrix } from '../transpose';

export function firstBadLabel(x: usize, n: i32): i32 {
  return checks.first<SignLabel>(x, n);
}
export function firstBadProbability(x: usize, n: i32): i32 {
  return checks.first<Probability>(x, n);
}
export function firstBadVariance(x: usize, n: i32): i32 {
  return checks.first<Variance>(x, n);
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
/** Which of the modules this is: 1 float64, 2 relaxed. */
export function kind(): i32 {
  return (sizeof<real>() == 8 ? 1 : 0) | (ASC_FEATURE_RELAXED_SIMD ? 2 : 0);
}
