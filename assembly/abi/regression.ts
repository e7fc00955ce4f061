/** Pointwise losses of real numbers, of counts and of variances. */
import { GaussianNll, PoissonNll, PoissonNllFull, PoissonNllRate, PoissonNllRateFull } from '../losses/divergence';
import { Huber, L1, LogCosh, Mse, Quantile, SmoothL1 } from '../losses/regression';
import { pointwise } from '../pointwise';

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
export function logCosh(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<LogCosh>(x, t, g, n, general, scale, total);
}
export function quantile(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<Quantile>(x, t, g, n, general, scale, total);
}
export function poissonNll(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<PoissonNll>(x, t, g, n, general, scale, total);
}
export function poissonNllFull(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<PoissonNllFull>(x, t, g, n, general, scale, total);
}
export function poissonNllRate(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<PoissonNllRate>(x, t, g, n, general, scale, total);
}
export function poissonNllRateFull(x: usize, t: usize, g: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.all<PoissonNllRateFull>(x, t, g, n, general, scale, total);
}
export function gaussianNll(x: usize, t: usize, u: usize, g: usize, h: usize, n: i32, general: i32, scale: f64, total: f64): f64 {
  return pointwise.ternary<GaussianNll>(x, t, u, g, h, n, general, scale, total);
}
