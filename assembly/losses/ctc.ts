/**
 * Connectionist temporal classification (Graves et al. 2006), one sample at a time, its frames in blocks. With labels y_0 … y_(L−1) a path is
 * at every frame in blank i (0 <= i <= L, before y_i) or in label i:
 *   blank i  comes from blank i or label i − 1
 *   label i  comes from label i, blank i or, if y_i ≠ y_(i−1), label i − 1
 * alpha is the probability of all beginnings of paths up to a frame, the frame included, beta that of all their ends, the frame excluded.
 * Everything is mantissa · 2^exponent in float64 (ctcPair.ts), so that no path is too unlikely, two states in a vector.
 *
 * The softmax's own sums are left out of the recursion: they are the same for all paths, and divide the probability at the end.
 *
 * Memory: a table in G, a row a frame, its row 0 that before the block's first frame; a row is a head (blank's emission, 1 / Σ and 1 − 1 / Σ of the
 * softmax, its largest class or −1) and for every two places i, i + 1 six vectors: blank, label, emission of the label, each a mantissa and an exponent.
 * Place L of the labels is the blank class, which gives its emission; nothing is ever in it.
 */
import { frame } from '../ctcFrame';
import { NOTHING, pair, ZERO } from '../ctcPair';
import { REAL } from '../lane';
import { D, G, Q, ROW_STATE } from '../layout';
import { sweep } from '../sweep';

/** Bytes of a row's head, and of two places in a row. */
const HEAD: usize = 48;
const PLACES: usize = 96;
/** Two places of the carried beta. */
const AFTER: usize = 64;

/** Lists of at most 16384 places. Class indices as the caller put them become offsets in a row. */
const LABELS: usize = Q;
/** [first place of a class, place of another label of that class], in bytes of a list of float64. */
const REPEATS: usize = Q + 65536;
/** [place, offset of the class] of the first label of each class. */
const FIRSTS: usize = Q + 2 * 65536 + 65536;
/** What is added to the exponent of a move from label i − 1 to i, and from i to i + 1. */
const SKIP: usize = Q + 5 * 65536;
const SKIP_NEXT: usize = Q + 7 * 65536;
/** Of each label of one frame. */
const OCCUPANCY: usize = Q + 9 * 65536;
const PROBABILITY: usize = Q + 11 * 65536;
/** Probability of what comes after the frame before, the frame itself included, over the probability of everything. */
const BETA: usize = Q + 13 * 65536;
/** The first label of each class. */
const FIRST_OF: usize = D;

/** State of the sample. */
const LABEL_COUNT = ROW_STATE,
  VECTORS = ROW_STATE + 4,
  CLASSES = ROW_STATE + 8,
  BLANK = ROW_STATE + 12,
  LOGITS = ROW_STATE + 16,
  REPEAT_COUNT = ROW_STATE + 20,
  FIRST_COUNT = ROW_STATE + 24,
  /** Π over the frames of Σ of the softmax; where Σ is 1 + S for a small S, its logarithm instead, which keeps the digits of S. */
  MASS = ROW_STATE + 32,
  MASS_EXPONENT = ROW_STATE + 40,
  MASS_LOG = ROW_STATE + 48;

const SMALL: f64 = 0.0009765625;

@final
@unmanaged
export class ctc {
  /** Prepares for a sample with its labels at Q; returns the bytes of a row of the table. */
  static begin(labels: i32, classes: i32, blank: i32, logits: i32): usize {
    const vectors = (labels >> 1) + 1;
    store<i32>(LABEL_COUNT, labels);
    store<i32>(VECTORS, vectors);
    store<i32>(CLASSES, classes);
    store<i32>(BLANK, blank * REAL);
    store<i32>(LOGITS, logits);
    store<f64>(MASS, 1);
    store<f64>(MASS_EXPONENT, 0);
    store<f64>(MASS_LOG, 0);
    for (let i = labels; i < 2 * vectors; i++) store<i32>(LABELS + 4 * i, blank);
    ctc.skips(labels, 2 * vectors, classes, blank);
    ctc.classes(labels, 2 * vectors);
    // Before the first frame: in blank 0.
    for (let i = 0; i < vectors; i++) {
      const p = G + HEAD + i * PLACES;
      ctc.put(p, pair.one(), pair.zero());
      ctc.put(p + 32, pair.one(), pair.zero());
    }
    store<f64>(G + HEAD + 16, 0);
    return ctc.rowBytes();
  }
  @inline static rowBytes(): usize {
    return HEAD + load<i32>(VECTORS) * PLACES;
  }
  @inline static put(p: usize, mantissa: v128, exponent: v128): void {
    v128.store(p, mantissa);
    v128.store(p, exponent, 16);
  }

  /** Where a label may follow the one before without a blank. A class outside the row, which cannot be, is taken for the blank. */
  static skips(labels: i32, places: i32, classes: i32, blank: i32): void {
    let before = -1;
    for (let i = 0; i < places; i++) {
      let label = load<i32>(LABELS + 4 * i);
      if (<u32>label >= <u32>classes) store<i32>(LABELS + 4 * i, (label = blank));
      const skip: f64 = i > 0 && i < labels && label != before ? 0 : ZERO;
      store<f64>(SKIP + 8 * i, skip);
      if (i) store<f64>(SKIP_NEXT + 8 * (i - 1), skip);
      before = label;
    }
    store<f64>(SKIP_NEXT + 8 * (places - 1), ZERO);
  }

  /** Which labels share a class. */
  static classes(labels: i32, places: i32): void {
    let repeats: usize = 0,
      firsts: usize = 0;
    for (let i = 0; i < labels; i++) store<i32>(FIRST_OF + 4 * load<i32>(LABELS + 4 * i), -1);
    for (let i = 0; i < labels; i++) {
      const label = load<i32>(LABELS + 4 * i),
        first = load<i32>(FIRST_OF + 4 * label);
      if (first < 0) {
        store<i32>(FIRST_OF + 4 * label, i);
        store<i32>(FIRSTS + firsts, 8 * i);
        store<i32>(FIRSTS + firsts, label * REAL, 4);
        firsts += 8;
      } else {
        store<i32>(REPEATS + repeats, 8 * first);
        store<i32>(REPEATS + repeats, 8 * i, 4);
        repeats += 8;
      }
    }
    store<i32>(REPEAT_COUNT, <i32>repeats);
    store<i32>(FIRST_COUNT, <i32>firsts);
    for (let i = 0; i < places; i++) store<i32>(LABELS + 4 * i, load<i32>(LABELS + 4 * i) * REAL);
  }

  /**
   * Fills the table's rows 1 to `frames` from the rows at x, `stride` bytes apart; logits become exponentials. False: a frame has a NaN (or +inf)
   * where it is read.
   */
  static forward(x: usize, frames: i32, stride: usize): bool {
    const bytes = ctc.rowBytes(),
      logits = load<i32>(LOGITS) != 0;
    let row = G;
    for (let t = 0; t < frames; t++, x += stride, row += bytes) {
      if (!(logits ? ctc.normalise(x, row + bytes) : ctc.emissions(x, row + bytes, 0))) return false;
      ctc.advance(row, row + bytes);
    }
    return true;
  }

  /** The emissions of logits, not divided by Σ, and Σ. */
  static normalise(x: usize, row: usize): bool {
    const n = load<i32>(CLASSES);
    if (!frame.look(x, n)) return false;
    const max = sweep.topValue(),
      top = sweep.topIndex(),
      sound = ctc.emissions(x, row, max),
      others = frame.exponentials(x, n, max, top);
    store<f64>(row, 1 / (1 + others), 16);
    store<f64>(row, others / (1 + others), 24);
    store<i32>(row, top * REAL, 32);
    ctc.weigh(others);
    return sound && others < Infinity;
  }
  /** Brings 1 + S into the mass: log(1 + S) by its series to S^6. */
  @inline static weigh(s: f64): void {
    if (s < SMALL) {
      const series =
        1.0 - s * (0.5 - s * (0.3333333333333333 - s * (0.25 - s * (0.2 - s * 0.16666666666666666))));
      store<f64>(MASS_LOG, load<f64>(MASS_LOG) + s * series);
    } else {
      const mass = f64x2.splat(load<f64>(MASS) * (1 + s));
      store<f64>(MASS, f64x2.extract_lane(pair.mantissa(mass), 0));
      store<f64>(MASS_EXPONENT, load<f64>(MASS_EXPONENT) + f64x2.extract_lane(pair.exponent(mass), 0));
    }
  }

  /** e^(x − max) of the labels' classes and the blank; false where that is no number. */
  static emissions(x: usize, row: usize, max: f64): bool {
    const vectors = load<i32>(VECTORS),
      m = f64x2.splat(max);
    let p = row + HEAD,
      sound = pair.sound(m);
    for (let i = 0; i < vectors; i++, p += PLACES) {
      const at = LABELS + 8 * i,
        a = <f64>load<real>(x + load<i32>(at)),
        b = <f64>load<real>(x + load<i32>(at, 4));
      const v = f64x2.sub(f64x2.replace_lane(f64x2.splat(a), 1, b), m),
        u = pair.argument(v),
        k = pair.expExponent(u);
      sound = v128.and(sound, pair.sound(v));
      ctc.put(p + 64, pair.expMantissa(u, k), k);
    }
    // The blank's is in the last vector: it goes to the head, and its place and the one behind it are nothing.
    const blank = p - PLACES + 64 + ((load<i32>(LABEL_COUNT) & 1) << 3);
    store<f64>(row, load<f64>(blank));
    store<f64>(row, load<f64>(blank, 16), 8);
    store<f64>(row, 1, 16);
    store<i32>(row, -1, 32);
    store<f64>(blank, ZERO, 16);
    store<f64>(p - PLACES + 64, ZERO, 24);
    return i64x2.all_true(sound);
  }

  /** alpha of a row from the row before. */
  static advance(before: usize, row: usize): void {
    const end = row + ctc.rowBytes(),
      blank = v128.load64_splat(row),
      blankExponent = v128.load64_splat(row, 8);
    let previous = pair.one(),
      previousExponent = pair.zero(),
      skip = SKIP;
    before += HEAD;
    for (row += HEAD; row < end; row += PLACES, before += PLACES, skip += 16) {
      const b = v128.load(before),
        be = v128.load(before, 16),
        l = v128.load(before, 32),
        le = v128.load(before, 48),
        c = pair.across(previous, l),
        ce = pair.across(previousExponent, le);
      previous = l;
      previousExponent = le;
      // blank i from blank i and label i − 1
      const top = pair.larger(be, ce);
      ctc.keep(
        row,
        f64x2.add(pair.scale(b, f64x2.sub(be, top)), pair.scale(c, f64x2.sub(ce, top))),
        top,
        blank,
        blankExponent,
      );
      // label i from label i, blank i and label i − 1
      const de = f64x2.add(ce, v128.load(skip)),
        high = pair.larger(pair.larger(le, be), de);
      const sum = f64x2.add(pair.scale(l, f64x2.sub(le, high)), pair.scale(b, f64x2.sub(be, high)));
      ctc.keep(
        row + 32,
        f64x2.add(sum, pair.scale(c, f64x2.sub(de, high))),
        high,
        v128.load(row, 64),
        v128.load(row, 80),
      );
    }
  }
  /** The product of two numbers, the mantissa brought back to [1, 2). */
  @inline static keep(p: usize, m: v128, e: v128, by: v128, byExponent: v128): void {
    const product = f64x2.mul(m, by);
    ctc.put(p, pair.mantissa(product), f64x2.add(f64x2.add(e, byExponent), pair.exponent(product)));
  }

  /** −log of the probability at the last of `frames` rows, +inf where that is 0; readies beta for the way back. */
  static loss(frames: i32): f64 {
    const labels = load<i32>(LABEL_COUNT),
      vectors = load<i32>(VECTORS),
      row = G + frames * ctc.rowBytes() + HEAD;
    const b = row + (labels >> 1) * PLACES + ((labels & 1) << 3),
      l = row + ((labels - 1) >> 1) * PLACES + 32 + (((labels - 1) & 1) << 3);
    const be = load<f64>(b, 16),
      le = labels ? load<f64>(l, 16) : ZERO,
      top = max(be, le);
    if (top < NOTHING) return Infinity;
    const exponents = f64x2.replace_lane(f64x2.splat(be - top), 1, le - top),
      mantissas = f64x2.replace_lane(f64x2.splat(load<f64>(b)), 1, labels ? load<f64>(l) : 1);
    const parts = pair.scale(mantissas, exponents),
      sum = f64x2.extract_lane(parts, 0) + f64x2.extract_lane(parts, 1);
    for (let i = 0; i < vectors; i++) {
      ctc.put(BETA + i * AFTER, pair.one(), pair.zero());
      ctc.put(BETA + i * AFTER + 32, pair.one(), pair.zero());
    }
    // After the last frame, in the last blank, where it was or the last label was left.
    const last = BETA + (labels >> 1) * AFTER + ((labels & 1) << 3);
    store<f64>(last, 4 / sum);
    store<f64>(last, -top - 2, 16);
    const log = pair.log(sum / load<f64>(MASS), top - load<f64>(MASS_EXPONENT)),
      loss = load<f64>(MASS_LOG) - log;
    return load<i32>(LOGITS) ? max(loss, 0) : loss;
  }

  /** The gradient times `scale` of the block that `forward` was run on, in its place; the last block first. */
  static backward(x: usize, frames: i32, stride: usize, scale: f64): void {
    const bytes = ctc.rowBytes(),
      n = load<i32>(CLASSES),
      logits = load<i32>(LOGITS) != 0,
      repeats = REPEATS + load<i32>(REPEAT_COUNT),
      firsts = FIRSTS + load<i32>(FIRST_COUNT);
    let row = G + frames * bytes;
    x += (frames - 1) * stride;
    for (let t = 0; t < frames; t++, x -= stride, row -= bytes) {
      const share = load<f64>(row, 16),
        top = load<i32>(row, 32),
        blank = load<i32>(BLANK),
        occupied = ctc.retreat(row, share);
      if (logits) frame.scale(x, n, share * scale);
      else frame.exp(x, n, scale);
      for (let p = REPEATS; p < repeats; p += 8) {
        const at = OCCUPANCY + load<i32>(p);
        store<f64>(at, load<f64>(at) + load<f64>(OCCUPANCY + load<i32>(p, 4)));
      }
      let isTop = blank == top,
        elsewhere = isTop ? 0 : occupied;
      for (let p = FIRSTS; p < firsts; p += 8) {
        const c = load<i32>(p, 4),
          i = load<i32>(p),
          occupancy = load<f64>(OCCUPANCY + i);
        if (c == top) isTop = true;
        else elsewhere += occupancy;
        store<real>(x + c, <real>(scale * (load<f64>(PROBABILITY + i) - occupancy)));
      }
      const probability = pair.value(v128.load64_splat(row), v128.load64_splat(row, 8));
      store<real>(x + blank, <real>(scale * (f64x2.extract_lane(probability, 0) * share - occupied)));
      // Of the largest class both may be nearly 1: what they lack to it keeps its digits.
      if (isTop) store<real>(x + top, <real>(scale * (elsewhere - load<f64>(row, 24))));
    }
  }

  /** beta of a frame from the one after: its labels' occupancies and probabilities are left, and beta with its emissions. Returns the blank's. */
  static retreat(row: usize, share: f64): f64 {
    const blank = v128.load64_splat(row),
      blankExponent = v128.load64_splat(row, 8),
      part = f64x2.splat(share);
    let i = load<i32>(VECTORS) - 1,
      nextB = pair.one(),
      nextBe = pair.zero(),
      nextL = pair.one(),
      nextLe = pair.zero(),
      occupied = f64x2.splat(0);
    let p = row + HEAD + i * PLACES,
      after = BETA + i * AFTER;
    for (; i >= 0; i--, p -= PLACES, after -= AFTER) {
      const b = v128.load(after),
        be = v128.load(after, 16),
        l = v128.load(after, 32),
        le = v128.load(after, 48);
      // blank i to blank i and label i
      const top = pair.larger(be, le),
        toBlank = f64x2.add(pair.scale(b, f64x2.sub(be, top)), pair.scale(l, f64x2.sub(le, top)));
      ctc.keep(after, toBlank, top, blank, blankExponent);
      occupied = f64x2.add(occupied, ctc.occupancy(p, toBlank, top));
      // label i to label i, blank i + 1 and label i + 1
      const c = pair.across(b, nextB),
        ce = pair.across(be, nextBe),
        d = pair.across(l, nextL),
        de = f64x2.add(pair.across(le, nextLe), v128.load(SKIP_NEXT + 16 * i)),
        high = pair.larger(pair.larger(le, ce), de);
      const sum = f64x2.add(pair.scale(l, f64x2.sub(le, high)), pair.scale(c, f64x2.sub(ce, high))),
        toLabel = f64x2.add(sum, pair.scale(d, f64x2.sub(de, high)));
      const emission = v128.load(p, 64),
        emissionExponent = v128.load(p, 80),
        occupancy = ctc.occupancy(p + 32, toLabel, high);
      ctc.keep(after + 32, toLabel, high, emission, emissionExponent);
      v128.store(OCCUPANCY + 16 * i, occupancy);
      v128.store(PROBABILITY + 16 * i, f64x2.mul(pair.value(emission, emissionExponent), part));
      nextB = b;
      nextBe = be;
      nextL = l;
      nextLe = le;
    }
    return f64x2.extract_lane(occupied, 0) + f64x2.extract_lane(occupied, 1);
  }
  /** alpha · beta, over the probability of everything that beta began with. */
  @inline static occupancy(p: usize, beta: v128, exponent: v128): v128 {
    return pair.share(f64x2.mul(v128.load(p), beta), f64x2.add(v128.load(p, 16), exponent));
  }

  /** `value` in all classes of rows that have no gradient of their own. */
  static fill(x: usize, frames: i32, stride: usize, value: f64): void {
    const bytes = <usize>load<i32>(CLASSES) * REAL;
    for (let t = 0; t < frames; t++, x += stride)
      for (let p = x; p < x + bytes; p += REAL) store<real>(p, <real>value);
  }
}
