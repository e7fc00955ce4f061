/**
 * The row-wise driver for more than 64 classes: one row after the other, lanes are classes. It knows no formula.
 * A loss is a class of four phases, each given a stretch of the row (a whole row, or a block of one too long for memory):
 *   look(x, q, from, n)    what must be known of the whole row before anything is summed: a maximum, the target's own value
 *   sum(x, q, g, from, n)  sums, in blocks of 1024 counted from the row's start; may leave the exponentials at g
 *   finish()               the row's loss (row.setLoss) and the coefficients of its gradient
 *   write(x, q, g, from, n)  the gradient; `fresh` says that sum left nothing at g for this stretch
 * What passes from phase to phase lives in memory at ROW_STATE, so a row gives the same bits whole or in blocks.
 */
import { REAL } from './lane';
import { ROW_LOSS, ROW_SCALE, ROW_STATE, ROW_WEIGHT, TARGETS, TERMS, TOTALS } from './layout';

/** What every row-wise loss shares. Slots 8.. belong to the loss. */
@final
@unmanaged
export class row {
  @inline static get(slot: i32): f64 {
    return load<f64>(ROW_STATE + 8 * slot);
  }
  @inline static set(slot: i32, value: f64): void {
    store<f64>(ROW_STATE + 8 * slot, value);
  }
  /** The class, or -1 where targets are not indices. */
  @inline static target(): i32 {
    return load<i32>(ROW_STATE);
  }
  /** Weight of the target's class. */
  @inline static weight(): f64 {
    return row.get(1);
  }
  /** What the gradient is multiplied by, the row's upstream gradient included. */
  @inline static scale(): f64 {
    return row.get(2);
  }
  @inline static loss(): f64 {
    return row.get(3);
  }
  @inline static extra(): f64 {
    return row.get(4);
  }
  @inline static setLoss(loss: f64, extra: f64): void {
    row.set(3, loss);
    row.set(4, extra);
  }

  /** Its place in the lists of what rows have one of. */
  @inline static number(): i32 {
    return load<i32>(ROW_STATE + 40);
  }

  /** Starts row i: the target class, its weight, the gradient's factor. */
  @inline static begin(i: i32, target: i32, classes: i32, weight: f64, scale: f64): void {
    store<i32>(ROW_STATE, target);
    store<i32>(ROW_STATE + 4, classes);
    store<i32>(ROW_STATE + 40, i);
    row.set(1, weight);
    row.set(2, scale);
  }

  /** Adds the row to the totals and leaves its loss in the list of losses, and what was added in that of terms. */
  @inline static end(i: i32): void {
    const loss = row.loss(),
      extra = row.extra();
    store<f64>(TOTALS, load<f64>(TOTALS) + loss);
    store<f64>(TOTALS + 8, load<f64>(TOTALS + 8) + extra);
    row.list(i, loss, extra);
  }
  /** A row that does not count. */
  @inline static skip(i: i32): void {
    row.list(i, 0, 0);
  }
  @inline static list(i: i32, loss: f64, extra: f64): void {
    store<f64>(TERMS + 16 * i, loss);
    store<f64>(TERMS + 16 * i, extra, 8);
    store<real>(ROW_LOSS + i * REAL, <real>(loss + extra));
  }
}

/** Per-row inputs: flags say which of the lists are filled. */
@final
@unmanaged
export class given {
  @inline static weights(flags: i32): bool {
    return (flags & 1) != 0;
  }
  @inline static scales(flags: i32): bool {
    return (flags & 2) != 0;
  }
  /** 0 <= t < classes, and not the ignored class: nothing else ever indexes memory. */
  @inline static counts(target: i32, classes: i32, ignore: i32): bool {
    return <u32>target < <u32>classes && target != ignore;
  }
  @inline static weight(flags: i32, i: i32): f64 {
    return given.weights(flags) ? <f64>load<real>(ROW_WEIGHT + i * REAL) : 1;
  }
  @inline static scale(flags: i32, i: i32, scale: f64): f64 {
    return given.scales(flags) ? scale * <f64>load<real>(ROW_SCALE + i * REAL) : scale;
  }
}

/** The phases, as rows too long for memory ask for them one by one. */
const LOOK: i32 = 0;
const SUM: i32 = 1;
const FINISH: i32 = 2;
// 3: write

@final
@unmanaged
export class rows {
  /** Rows of `classes` at x, the second operand at q; gradients to g unless it is 0 (g may be x). Indexed losses skip rows that do not count. */
  @inline static all<OP>(
    x: usize,
    q: usize,
    g: usize,
    count: i32,
    classes: i32,
    flags: i32,
    ignore: i32,
    scale: f64,
    indexed: bool,
  ): void {
    const bytes = <usize>classes * REAL;
    changetype<OP>(0).constants(classes);
    for (let i = 0; i < count; i++, x += bytes) {
      if (rows.begin<OP>(i, classes, flags, ignore, scale, indexed)) {
        rows.look<OP>(x, q, 0, classes);
        rows.sum<OP>(x, q, g, 0, classes);
        rows.finish<OP>(g);
        if (g) rows.write<OP>(x, q, g, 0, classes, 0);
        row.end(i);
      } else if (g) {
        memory.fill(g, 0, bytes);
      }
      if (g) g += bytes;
      if (!indexed) q += bytes;
    }
  }

  /** Whether row i counts; if so its state is ready for the phases. */
  static begin<OP>(i: i32, classes: i32, flags: i32, ignore: i32, scale: f64, indexed: bool): bool {
    const target = indexed ? load<i32>(TARGETS + 4 * i) : -1;
    if (indexed && !given.counts(target, classes, ignore)) {
      row.skip(i);
      return false;
    }
    row.begin(i, target, classes, given.weight(flags, i), given.scale(flags, i, scale));
    changetype<OP>(0).begin();
    return true;
  }
  /** The first phase of a row too long for memory, the formula's constants included. */
  @inline static open<OP>(classes: i32, flags: i32, ignore: i32, scale: f64, indexed: bool): bool {
    changetype<OP>(0).constants(classes);
    return rows.begin<OP>(0, classes, flags, ignore, scale, indexed);
  }
  static look<OP>(x: usize, q: usize, from: i32, n: i32): void {
    changetype<OP>(0).look(x, q, from, n);
  }
  static sum<OP>(x: usize, q: usize, g: usize, from: i32, n: i32): void {
    changetype<OP>(0).sum(x, q, g, from, n, g != 0);
  }
  static finish<OP>(g: usize): void {
    if (g) changetype<OP>(0).finish(true);
    else changetype<OP>(0).finish(false);
  }
  static write<OP>(x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
    changetype<OP>(0).write(x, q, g, from, n, fresh != 0);
  }

  /** One phase over a stretch that begins at class `from`, a multiple of 1024. `g` 0: no gradient is wanted. `fresh`: sum left nothing at g. */
  @inline static phase<OP>(phase: i32, x: usize, q: usize, g: usize, from: i32, n: i32, fresh: i32): void {
    if (phase == LOOK) rows.look<OP>(x, q, from, n);
    else if (phase == SUM) rows.sum<OP>(x, q, fresh ? 0 : g, from, n);
    else if (phase == FINISH) {
      rows.finish<OP>(g);
      row.end(0);
    } else rows.write<OP>(x, q, g, from, n, fresh);
  }
}
