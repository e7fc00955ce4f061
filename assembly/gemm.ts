/**
 * C += A·B on packed panels. A panel of A is ROWS rows, one after the other at each step of the inner dimension; one of B is two vectors of
 * columns. Then the inner loop reads both in order, and ROWS x 2 vectors of sums stay in registers. It knows no loss.
 */
import { lane, LANES, REAL } from './lane';
import { PAD } from './layout';
import { matrix } from './transpose';

/**
 * Rows of a panel of A, columns of a panel of B. Fused, each sum waits for its last product alone: eight sums would leave the multipliers
 * idle at times, twelve and what they are made of are V8's 15 registers.
 */
export const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
const COLUMNS: i32 = 2 * LANES;

/** Products that are summed before they are added to the rest: a sum of thousands one after the other would lose digits. */
const STEPS: i32 = 256;

@final
@unmanaged
export class gemm {
  /**
   * C (m x n, rows `stride` reals apart) from panels a (of ceil(m/ROWS)) and b (of ceil(n/columns)), inner dimension k. `add`: to what is there.
   * Panels are padded with zeros.
   */
  static multiply(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, stride: i32, add: bool): void {
    const rowBytes: usize = stride * REAL,
      aPanel: usize = ROWS * k * REAL,
      bPanel: usize = COLUMNS * k * REAL;
    for (let j = 0; j < n; j += COLUMNS, b += bPanel) {
      const columns = min(COLUMNS, n - j);
      let p = a;
      for (let i = 0; i < m; i += ROWS, p += aPanel) {
        const rows = min(ROWS, m - i),
          at = c + i * rowBytes + j * REAL;
        for (let from = 0; from < k; from += STEPS) {
          const steps = min(STEPS, k - from),
            more = add || from > 0,
            pa = p + from * ROWS * REAL,
            pb = b + from * 32;
          if (rows == ROWS && columns == COLUMNS) gemm.tile(pa, pb, at, steps, rowBytes, more);
          else gemm.edge(pa, pb, at, steps, rowBytes, rows, columns, more);
        }
      }
    }
  }

  /** A function of its own, so that V8 has all registers for the sums. */
  static tile(a: usize, b: usize, c: usize, k: i32, stride: usize, add: bool): void {
    let c00 = lane.zero(),
      c01 = lane.zero(),
      c10 = lane.zero(),
      c11 = lane.zero(),
      c20 = lane.zero(),
      c21 = lane.zero(),
      c30 = lane.zero(),
      c31 = lane.zero(),
      c40 = lane.zero(),
      c41 = lane.zero(),
      c50 = lane.zero(),
      c51 = lane.zero();
    for (const end = a + ROWS * k * REAL; a < end; a += ROWS * REAL, b += 32) {
      const b0 = v128.load(b),
        b1 = v128.load(b, 16);
      const a0 = gemm.splat(a, 0);
      c00 = lane.fma(a0, b0, c00);
      c01 = lane.fma(a0, b1, c01);
      const a1 = gemm.splat(a, REAL);
      c10 = lane.fma(a1, b0, c10);
      c11 = lane.fma(a1, b1, c11);
      const a2 = gemm.splat(a, 2 * REAL);
      c20 = lane.fma(a2, b0, c20);
      c21 = lane.fma(a2, b1, c21);
      const a3 = gemm.splat(a, 3 * REAL);
      c30 = lane.fma(a3, b0, c30);
      c31 = lane.fma(a3, b1, c31);
      if (ROWS > 4) {
        const a4 = gemm.splat(a, 4 * REAL);
        c40 = lane.fma(a4, b0, c40);
        c41 = lane.fma(a4, b1, c41);
        const a5 = gemm.splat(a, 5 * REAL);
        c50 = lane.fma(a5, b0, c50);
        c51 = lane.fma(a5, b1, c51);
      }
    }
    gemm.put(c, c00, c01, add);
    c += stride;
    gemm.put(c, c10, c11, add);
    c += stride;
    gemm.put(c, c20, c21, add);
    c += stride;
    gemm.put(c, c30, c31, add);
    if (ROWS > 4) {
      c += stride;
      gemm.put(c, c40, c41, add);
      c += stride;
      gemm.put(c, c50, c51, add);
    }
  }

  @inline static splat(p: usize, offset: usize): v128 {
    return sizeof<real>() == 4 ? v128.load32_splat(p + offset) : v128.load64_splat(p + offset);
  }
  @inline static put(c: usize, x: v128, y: v128, add: bool): void {
    if (add) {
      x = lane.add(x, v128.load(c));
      y = lane.add(y, v128.load(c, 16));
    }
    v128.store(c, x);
    v128.store(c, y, 16);
  }

  /** A tile that is not whole: by way of PAD. */
  static edge(a: usize, b: usize, c: usize, k: i32, stride: usize, rows: i32, columns: i32, add: bool): void {
    gemm.tile(a, b, PAD, k, 32, false);
    for (let i = 0; i < rows; i++, c += stride)
      for (let j = 0; j < columns; j++) {
        const at = c + j * REAL,
          value = load<real>(PAD + 32 * i + j * REAL);
        store<real>(at, add ? load<real>(at) + value : value);
      }
  }

  /** Panels of `width` rows of a matrix whose rows run along the inner dimension k. */
  static packRows(from: usize, to: usize, rows: i32, k: i32, stride: i32, width: i32): void {
    const panel: usize = width * k * REAL;
    for (let i = 0; i < rows; i += width, from += width * stride * REAL, to += panel) {
      const count = min(width, rows - i);
      if (count < width) memory.fill(to, 0, panel);
      matrix.transpose(from, to, count, k, stride, width);
    }
  }

  /** Panels of `width` columns of a matrix whose k rows are the steps of the inner dimension. */
  static packColumns(from: usize, to: usize, k: i32, columns: i32, stride: i32, width: i32): void {
    const panel: usize = width * k * REAL,
      bytes: usize = width * REAL,
      whole = columns / width,
      rest = columns - whole * width;
    for (let step = 0; step < k; step++, from += stride * REAL, to += bytes) {
      let p = from,
        q = to;
      for (let j = 0; j < whole; j++, p += bytes, q += panel) {
        v128.store(q, v128.load(p));
        if (bytes >= 32) v128.store(q, v128.load(p, 16), 16);
        if (bytes == 24) store<u64>(q, load<u64>(p, 16), 16);
        if (bytes == 48) v128.store(q, v128.load(p, 32), 32);
      }
      if (rest) {
        memory.fill(q, 0, bytes);
        for (let j = 0; j < rest; j++) store<real>(q + j * REAL, load<real>(p + j * REAL));
      }
    }
  }

  /** Adds n reals to float64 sums (or begins them). */
  static widen(from: usize, sums: usize, n: i32, add: bool): void {
    for (let i = 0; i < n; i++, from += REAL, sums += 8)
      store<f64>(sums, <f64>load<real>(from) + (add ? load<f64>(sums) : 0));
  }
  /** n float64 sums as reals. */
  static narrow(sums: usize, to: usize, n: i32): void {
    for (let i = 0; i < n; i++, sums += 8, to += REAL) store<real>(to, <real>load<f64>(sums));
  }

  /** Adds the sum of each column to `sums` (float64). */
  static sumColumns(x: usize, sums: usize, rows: i32, columns: i32): void {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, x += REAL)
        store<f64>(sums + 8 * j, load<f64>(sums + 8 * j) + <f64>load<real>(x));
    }
  }
}
