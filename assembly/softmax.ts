/**
 * The softmax family over class indices: what a row comes to, and the sweeps over its classes. rows.ts runs them with lanes as classes,
 * columns.ts with lanes as rows. A loss is a class of
 *   constants(classes) calls softmax.constants
 *   indexed()          whether there is a target (a literal)
 *   smooths()          whether it can have label smoothing and a z term (a literal)
 *   needsQ()           whether the loss itself needs q (a literal)
 *   loss(nll, q, w)    from nll = −log p_y, p = p_y, q = 1 − p_y and the class weight w
 *   slope(nll, p, q, w) what the gradient slope · (p_c − [c = y]) is proportional to
 * Label smoothing ε, the z term and the temperature T are the family's, as PyTorch defines them:
 *   (1 − ε)·loss + ε/C·Σ w_c·(−log p_c), and zLoss·lse².
 * With S = Σ e^((x − m)/T) over all but one maximum, log Σ e^((x − m)/T) = log1p(S) and 1 − p_y = (S + (1 − e_y)) / (1 + S):
 * the maximum's own 1 never meets the small terms, so a confident row keeps its digits.
 */
import { flag, lane, SMALLEST_NORMAL, Yes } from './lane';
import { constant, RESULT } from './layout';
import { math } from './math';

/** Lanes: 1 − ε, ε/C, zLoss, 2·zLoss·zRatio, 1/T, Σ class weights, the loss's own number. */
const KEPT = 0,
  SPREAD = 1,
  Z = 2,
  Z_SLOPE = 3,
  INVERSE_T = 4,
  WEIGHTS = 5,
  OWN = 6;

@final
@unmanaged
export class softmax {
  /** ε, zLoss, zRatio, T, Σ class weights (0 where ε is 0), the loss's own number. */
  static constants(
    classes: i32,
    smoothing: f64,
    zLoss: f64,
    zRatio: f64,
    temperature: f64,
    weights: f64,
    own: f64,
  ): void {
    constant.set(KEPT, 1 - smoothing);
    constant.set(SPREAD, smoothing / <f64>classes);
    constant.set(Z, zLoss);
    constant.set(Z_SLOPE, 2 * zLoss * zRatio);
    constant.set(INVERSE_T, 1 / temperature);
    constant.set(WEIGHTS, weights);
    constant.set(OWN, own);
  }
  @inline static own(): v128 {
    return constant.lanes(OWN);
  }
  /** Whether there is a temperature, or Σ w_c·(−log p_c) is wanted, with the class weights at the second operand; else the plain body runs. */
  @inline static smooth(): bool {
    return lane.first(constant.lanes(SPREAD)) > 0 || lane.first(constant.lanes(INVERSE_T)) != 1;
  }
  /** Subtracted from the gradient of every class: ε/C·w_c. */
  @inline static background(scale: v128): v128 {
    return lane.mul(lane.mul(constant.lanes(SPREAD), constant.lanes(INVERSE_T)), scale);
  }

  /** S from the sum below the maximum m and the number of maxima; NaN where m is infinite. */
  @inline static others(below: v128, maxima: v128, m: v128): v128 {
    return lane.add(lane.add(below, lane.sub(maxima, lane.one())), lane.sub(m, m));
  }

  /**
   * What a row comes to, left at RESULT: its loss, its z term and, if wanted, what e is multiplied by and the gradient at the target.
   * Each lane is a row, or all lanes are one. Σ w_c·(−log p_c) = Σw·log1p(S) + gaps, with gaps = Σ w_c·(m − x_c)/T, where nothing cancels.
   * The gradient at the target is slope·p_y − (1 − ε)·own − ε/C·w, with slope·p_y as slope − slope·q.
   */
  @inline static finish<LOSS, GRAD, SMOOTH>(
    s: v128,
    m: v128,
    xy: v128,
    w: v128,
    gaps: v128,
    scale: v128,
  ): void {
    const family = changetype<LOSS>(0),
      inverseT = constant.lanes(INVERSE_T),
      log = math.log1p(s);
    const nll = softmax.nll(m, xy, log);
    let p = lane.zero(),
      q = lane.zero();
    if (flag.on<GRAD>() || family.needsQ()) {
      const e = math.expNonPositive(softmax.depth<SMOOTH>(xy, m)),
        total = lane.add(lane.one(), s);
      p = lane.div(e, total);
      q = lane.div(lane.add(s, lane.sub(lane.one(), e)), total);
    }
    let loss = family.loss(nll, q, w),
      slope = lane.zero(),
      rest = lane.zero();
    if (flag.on<GRAD>()) slope = family.slope(nll, p, q, w);
    if (flag.on<SMOOTH>()) {
      const kept = constant.lanes(KEPT),
        spread = constant.lanes(SPREAD),
        weights = constant.lanes(WEIGHTS);
      loss = lane.add(lane.weigh(kept, loss), lane.weigh(spread, lane.fma(weights, log, gaps)));
      slope = lane.fma(kept, slope, lane.mul(spread, weights));
      rest = lane.mul(spread, lane.sub(weights, w));
    }
    let z = lane.zero();
    if (family.smooths() && constant.value(1) > 0) {
      const lse = lane.fma(m, inverseT, log),
        bend = lane.mul(constant.lanes(Z_SLOPE), lse);
      z = lane.mul(constant.lanes(Z), lane.mul(lse, lse));
      slope = lane.add(slope, bend);
      rest = lane.add(rest, bend);
    }
    v128.store(RESULT, loss);
    v128.store(RESULT, z, 16);
    if (flag.on<GRAD>()) {
      const factor = lane.mul(scale, inverseT);
      v128.store(RESULT, lane.div(lane.mul(slope, factor), lane.add(lane.one(), s)), 32);
      v128.store(RESULT, lane.mul(lane.fnma(slope, q, rest), factor), 48);
    }
  }
  @inline static loss(): v128 {
    return v128.load(RESULT);
  }
  @inline static z(): v128 {
    return v128.load(RESULT, 16);
  }
  @inline static factor(): v128 {
    return v128.load(RESULT, 32);
  }
  @inline static atTarget(): v128 {
    return v128.load(RESULT, 48);
  }

  // One class (a vector of classes, or of rows).

  /** (x − m)/T; only SMOOTH bodies have a temperature. */
  @inline static depth<SMOOTH>(x: v128, m: v128): v128 {
    const d = lane.sub(x, m);
    return flag.on<SMOOTH>() ? lane.mul(d, constant.lanes(INVERSE_T)) : d;
  }
  /** Whether all depths from `low` up are such that exp needs no clamp: no logit 87 (708) below the maximum. */
  @inline static bounded(low: v128, m: v128): bool {
    return math.bounded(lane.mul(lane.sub(low, m), constant.lanes(INVERSE_T)));
  }
  @inline static exp<BOUNDED>(depth: v128): v128 {
    return flag.on<BOUNDED>() ? math.expBounded(depth) : math.expNonPositive(depth);
  }
  /** gaps + w·(−depth); 0·inf is 0, which cannot be in a bounded row. */
  @inline static gap<BOUNDED>(gaps: v128, depth: v128, w: v128): v128 {
    return lane.sub(gaps, flag.on<BOUNDED>() ? lane.mul(w, depth) : lane.weighNumber(w, depth));
  }
  /** −log p of the logit x: (m − x)/T + log1p(S). */
  @inline static nll(m: v128, x: v128, log: v128): v128 {
    return lane.fma(lane.sub(m, x), constant.lanes(INVERSE_T), log);
  }
  /** The entropy −Σ p·log p = log1p(S) + Σ e·(m − x)/T / (1 + S), where nothing cancels. */
  @inline static entropy(s: v128, gaps: v128): v128 {
    return lane.add(math.log1p(s), lane.div(gaps, lane.add(lane.one(), s)));
  }
  /** e·factor; 0 where that would be subnormal (26 x slower), `floor` being the smallest e whose product is not. A NaN stays. */
  @inline static scaled(e: v128, factor: v128, floor: v128): v128 {
    return lane.mul(lane.andnot(e, lane.lt(e, floor)), factor);
  }
  /** Whether `scaled` may find an e below the floor in a row whose smallest logit is `low`: its exponential, with room for its error. */
  @inline static faint(low: v128, m: v128, floor: v128): bool {
    const least = math.expNonPositive(softmax.depth<Yes>(low, m));
    return !(lane.first(lane.mul(least, lane.half())) >= lane.first(floor));
  }
  @inline static floor(factor: v128): v128 {
    return lane.div(lane.of(SMALLEST_NORMAL), lane.abs(factor));
  }
}
