/**
 * The softmax family over class indices: what a row comes to, and the sweeps over its classes. rows.ts runs them with lanes as classes,
 * columns.ts with lanes as rows. A loss is a class of
 *   constants(classes) calls softmax.constants
 *   indexed()          whether there is a target (a literal)
 *   smooths()          whether it can have label smoothing (a literal)
 *   loss(nll, q, w)    from nll = −log p_y, q = 1 − p_y and the class weight w
 *   slope(nll, q, w)   what the gradient slope · (p_c − [c = y]) is proportional to
 * Label smoothing ε, the z term and the temperature T are the family's, as PyTorch defines them:
 *   (1 − ε)·loss + ε/C·Σ w_c·(−log p_c), and zLoss·lse².
 * With S = Σ e^((x − m)/T) over all but one maximum, log Σ e^((x − m)/T) = log1p(S) and 1 − p_y = (S + (1 − e_y)) / (1 + S):
 * the maximum's own 1 never meets the small terms, so a confident row keeps its digits.
 */
import { lane, SMALLEST_NORMAL } from './lane';
import { constant } from './layout';
import { math } from './math';

/** Lanes 0-6: 1 − ε, ε/C, zLoss, 2·zLoss·zRatio, 1/T, Σ class weights; 6: the loss's own. */
const KEPT = 0, SPREAD = 1, Z = 2, Z_SLOPE = 3, INVERSE_T = 4, WEIGHTS = 5, OWN = 6;

@final @unmanaged
export class softmax {
  /** ε, zLoss, zRatio, T, Σ class weights (0 where ε is 0), the loss's own number. */
  static constants(classes: i32, smoothing: f64, zLoss: f64, zRatio: f64, temperature: f64, weights: f64, own: f64): void {
    constant.set(KEPT, 1 - smoothing);
    constant.set(SPREAD, smoothing / <f64>classes);
    constant.set(Z, zLoss);
    constant.set(Z_SLOPE, 2 * zLoss * zRatio);
    constant.set(INVERSE_T, 1 / temperature);
    constant.set(WEIGHTS, weights);
    constant.set(OWN, own);
  }
  @inline static own(): v128 { return constant.lanes(OWN); }
  /** Whether Σ w_c·(−log p_c) is wanted: class weights are then at the second operand. */
  @inline static smooth(): bool { return lane.first(constant.lanes(SPREAD)) > 0; }
  @inline static inverseT(): v128 { return constant.lanes(INVERSE_T); }
  /** Subtracted from the gradient of every class: ε/C·w_c. */
  @inline static background(scale: v128): v128 { return lane.mul(lane.mul(constant.lanes(SPREAD), constant.lanes(INVERSE_T)), scale); }

  // What a row comes to. Each lane is a row, or all lanes are one.

  /** S from the sum below the maximum m and the number of maxima; NaN where m is infinite. */
  @inline static others(below: v128, maxima: v128, m: v128): v128 {
    return lane.add(lane.add(below, lane.sub(maxima, lane.one())), lane.sub(m, m));
  }
  @inline static nll(s: v128, m: v128, xy: v128): v128 {
    return lane.fma(lane.sub(m, xy), constant.lanes(INVERSE_T), math.log1p(s));
  }
  @inline static q(s: v128, ey: v128): v128 {
    return lane.div(lane.add(s, lane.sub(lane.one(), ey)), lane.add(lane.one(), s));
  }
  @inline static lse(s: v128, m: v128): v128 { return lane.fma(m, constant.lanes(INVERSE_T), math.log1p(s)); }
  @inline static z(s: v128, m: v128): v128 {
    const lse = softmax.lse(s, m);
    return lane.weigh(constant.lanes(Z), lane.mul(lse, lse));
  }
  /** Σ w_c·(−log p_c) = Σw·log1p(S) + gaps, gaps = Σ w_c·(m − x_c)/T: nothing cancels. */
  @inline static loss<LOSS>(s: v128, m: v128, xy: v128, ey: v128, w: v128, gaps: v128): v128 {
    const own = changetype<LOSS>(0).loss(softmax.nll(s, m, xy), softmax.q(s, ey), w);
    const spread = lane.fma(constant.lanes(WEIGHTS), math.log1p(s), gaps);
    return lane.add(lane.weigh(constant.lanes(KEPT), own), lane.weigh(constant.lanes(SPREAD), spread));
  }
  /** What p_c is multiplied by in the gradient. */
  @inline static slope<LOSS>(s: v128, m: v128, xy: v128, ey: v128, w: v128): v128 {
    const own = changetype<LOSS>(0).slope(softmax.nll(s, m, xy), softmax.q(s, ey), w);
    const spread = lane.mul(constant.lanes(SPREAD), constant.lanes(WEIGHTS));
    return lane.add(lane.fma(constant.lanes(KEPT), own, spread), lane.weigh(constant.lanes(Z_SLOPE), softmax.lse(s, m)));
  }
  /** The gradient at the target, slope·p_y − (1 − ε)·own − ε/C·w, without forming p_y. */
  @inline static atTarget(s: v128, m: v128, ey: v128, w: v128, slope: v128): v128 {
    const z = lane.weigh(constant.lanes(Z_SLOPE), softmax.lse(s, m));
    return lane.fnma(slope, softmax.q(s, ey), lane.fma(constant.lanes(SPREAD), lane.sub(constant.lanes(WEIGHTS), w), z));
  }

  // One class (a vector of classes, or of rows).

  @inline static exp(x: v128, m: v128): v128 { return math.expNonPositive(lane.mul(lane.sub(x, m), constant.lanes(INVERSE_T))); }
  @inline static gap(x: v128, m: v128, w: v128): v128 {
    return lane.weigh(w, lane.mul(lane.sub(m, x), constant.lanes(INVERSE_T)));
  }
  /** e·factor; 0 where that would be subnormal (26 x slower), `floor` being the smallest e whose product is not. A NaN stays. */
  @inline static scaled(e: v128, factor: v128, floor: v128): v128 { return lane.mul(lane.andnot(e, lane.lt(e, floor)), factor); }
  @inline static floor(factor: v128): v128 { return lane.div(lane.of(SMALLEST_NORMAL), lane.abs(factor)); }
}
