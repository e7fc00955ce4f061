/** Pointwise losses of labels and of probabilities. */
import { BinaryCrossEntropy, BinaryCrossEntropyWithLogits, Sigmoid, SigmoidFocal, SigmoidFocalSquare } from '../losses/binary';
import { KlDiv, KlDivLogTarget, SoftMargin } from '../losses/divergence';
import { Hinge, HingeEmbedding, MarginRanking, SquaredHinge } from '../losses/hinge';
import { pointwise } from '../pointwise';

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
  return pointwise.run<Sigmoid>(x, t, 0, g, 0, n, scale, total, true, false);
}
export function sigmoidFocal(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<SigmoidFocal>(x, t, g, n, general, scale, total);
}
export function sigmoidFocalSquare(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<SigmoidFocalSquare>(x, t, g, n, general, scale, total);
}
export function klDiv(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<KlDiv>(x, t, g, n, general, scale, total);
}
export function klDivLogTarget(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<KlDivLogTarget>(x, t, g, n, general, scale, total);
}
export function softMargin(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<SoftMargin>(x, t, g, n, general, scale, total);
}
export function hingeEmbedding(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<HingeEmbedding>(x, t, g, n, general, scale, total);
}
export function marginRanking(x: usize, t: usize, u: usize, g: usize, h: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.ternary<MarginRanking>(x, t, u, g, h, n, general, scale, total);
}
