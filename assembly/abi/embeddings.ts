/** Losses of rows of two or three embeddings: one export a kernel. */
import { CosineEmbedding } from '../losses/cosineEmbedding';
import { TripletMargin } from '../losses/tripletMargin';
import { vectors } from '../vectors';

export function cosineEmbedding(x: usize, y: usize, z: usize, gx: usize, gy: usize, gz: usize, count: i32, n: i32, flags: i32, scale: f64, total: f64): f64 {
  return vectors.all<CosineEmbedding>(x, y, z, gx, gy, gz, count, n, flags, scale, total);
}
export function tripletMargin(x: usize, y: usize, z: usize, gx: usize, gy: usize, gz: usize, count: i32, n: i32, flags: i32, scale: f64, total: f64): f64 {
  return vectors.all<TripletMargin>(x, y, z, gx, gy, gz, count, n, flags, scale, total);
}
