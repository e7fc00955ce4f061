/** Products of matrices in packed panels, for the losses that make their logits themselves. */
import { gemm, ROWS } from '../gemm';

/** Rows of a panel of the first matrix. */
export function gemmRows(): i32 {
  return ROWS;
}

export function gemmMultiply(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, stride: i32, add: i32): void {
  gemm.multiply(a, b, c, m, n, k, stride, add != 0);
}
export function gemmPackRows(from: usize, to: usize, rows: i32, k: i32, stride: i32, width: i32): void {
  gemm.packRows(from, to, rows, k, stride, width);
}
export function gemmPackColumns(from: usize, to: usize, k: i32, columns: i32, stride: i32, width: i32): void {
  gemm.packColumns(from, to, k, columns, stride, width);
}
export function gemmSumColumns(x: usize, sums: usize, rows: i32, columns: i32): void {
  gemm.sumColumns(x, sums, rows, columns);
}
export function gemmWiden(from: usize, sums: usize, n: i32, add: i32): void {
  gemm.widen(from, sums, n, add != 0);
}
export function gemmNarrow(sums: usize, to: usize, n: i32): void {
  gemm.narrow(sums, to, n);
}
