/** Connectionist temporal classification, a sample at a time. */
import { ctc } from '../losses/ctc';

export function ctcBegin(labels: i32, classes: i32, blank: i32, logits: i32): usize {
  return ctc.begin(labels, classes, blank, logits);
}
export function ctcForward(x: usize, frames: i32, stride: usize): bool {
  return ctc.forward(x, frames, stride);
}
export function ctcLoss(frames: i32): f64 {
  return ctc.loss(frames);
}
export function ctcBackward(x: usize, frames: i32, stride: usize, scale: f64): void {
  ctc.backward(x, frames, stride, scale);
}
export function ctcFill(x: usize, frames: i32, stride: usize, value: f64): void {
  ctc.fill(x, frames, stride, value);
}
