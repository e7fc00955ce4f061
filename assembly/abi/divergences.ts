/** Divergences of two rows of logits: Rows alone, of whole rows. */
import { distillation, Forward, Jensen, Reverse } from '../losses/distillation';

export function distillationRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  distillation.rows<Forward>(x, q, g, count, classes, flags, ignore, scale);
}
export function reverseDistillationRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  distillation.rows<Reverse>(x, q, g, count, classes, flags, ignore, scale);
}
export function jsDivergenceRows(x: usize, q: usize, g: usize, count: i32, classes: i32, flags: i32, ignore: i32, scale: f64): void {
  distillation.rows<Jensen>(x, q, g, count, classes, flags, ignore, scale);
}
