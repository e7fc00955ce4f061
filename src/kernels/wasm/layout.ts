/** Byte addresses in kernel memory: assembly/layout.ts has the drawing; a test holds the two against each other. */
export const TOTALS = 98304;
export const CONSTANTS = TOTALS + 128;
export const OPERANDS = TOTALS + 512;
export const PAD = 126976;
export const ROWS_MAX = 8128;
export const TARGETS = 131072;
export const ROW_WEIGHT = TARGETS + 32768;
export const ROW_SCALE = ROW_WEIGHT + 65536;
export const ROW_LOSS = ROW_SCALE + 65536;
export const TERMS = ROW_LOSS + 65536;
/** Five regions, each followed by a guard that nothing may write. */
export const REGION = 2 * 1024 * 1024;
export const GUARD = 65536;
export const X = TERMS + 163840;
export const Q = X + REGION + GUARD;
export const G = Q + REGION + GUARD;
export const D = G + REGION + GUARD;
export const W = D + REGION + GUARD;
/** Where an arena begins. */
export const END = W + REGION + GUARD;
