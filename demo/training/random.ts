/** Seeded normal numbers for data and first weights: the same seed, the same run. */
import { mulberry32 } from '../../examples/lib/random.js';

export type Draw = () => number;

/** Uniform numbers in [0, 1); `stream` tells apart what one seed is used for. */
export const uniforms = (seed: number, stream: number): Draw =>
  mulberry32(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b));

/** One normal number of mean 0 and variance 1 (Box and Muller). */
export const normal = (draw: Draw): number =>
  Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
