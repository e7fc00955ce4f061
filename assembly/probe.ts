/** The elementary functions' block loops exported for the tests and scripts/check-math.mjs; no part of the kernels. */
import { math } from './math';

export function exp(src: usize, dst: usize, vectors: i32): void {
  math.expBlock(src, dst, vectors);
}
export function expNegAbs(src: usize, dst: usize, vectors: i32): void {
  math.expNegAbsBlock(src, dst, vectors);
}
export function log(src: usize, dst: usize, vectors: i32): void {
  math.logBlock(src, dst, vectors);
}
export function logOrdinary(src: usize, dst: usize, vectors: i32): void {
  for (const end = dst + 16 * <usize>vectors; dst < end; dst += 16, src += 16)
    v128.store(dst, math.logOrdinary(v128.load(src)));
}
/** Whether a block is one that logOrdinary is for: 1 or 0. */
export function ordinary(src: usize, vectors: i32): i32 {
  return i32(math.ordinary(src, vectors));
}
export function expm1(src: usize, dst: usize, vectors: i32): void {
  for (const end = dst + 16 * <usize>vectors; dst < end; dst += 16, src += 16)
    v128.store(dst, math.expm1(v128.load(src)));
}
export function log1p(src: usize, dst: usize, vectors: i32): void {
  math.log1pBlock(src, dst, vectors);
}
export function log1pNeg(src: usize, dst: usize, vectors: i32): void {
  math.log1pNegBlock(src, dst, vectors);
}
export function log1pUnit(src: usize, dst: usize, vectors: i32): void {
  math.log1pUnitBlock(src, dst, vectors);
}
export function pow(src: usize, dst: usize, vectors: i32, gamma: real): void {
  math.powBlock(src, dst, vectors, gamma);
}
export function softcap(src: usize, y: usize, derivative: usize, vectors: i32, cap: real): void {
  math.softcapBlock(src, y, derivative, vectors, cap);
}
