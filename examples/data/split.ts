import { mulberry32, shuffle } from '../lib/random.js';

/** The part of each class that is kept out of the training. */
export const HELD_OUT = 0.3;

export interface Split {
  train: Int32Array;
  heldOut: Int32Array;
}

/**
 * Cuts rows into a training and a held-out part, class by class, so that every class is in both.
 * `groupOf` keeps rows together that must not be torn apart (passages of one document): the groups are cut, not the rows.
 */
export function stratifiedSplit(
  classOfGroup: ArrayLike<number>,
  groupOf: ArrayLike<number>,
  seed: number,
): Split {
  const random = mulberry32(seed);
  const held = new Uint8Array(classOfGroup.length);
  for (const label of new Set(Array.from(classOfGroup))) {
    const members = Int32Array.from(
      Array.from(classOfGroup, (_, g) => g).filter((g) => classOfGroup[g] === label),
    );
    const count = Math.max(1, Math.round(members.length * HELD_OUT));
    for (const group of shuffle(members, random).subarray(0, count)) held[group] = 1;
  }
  const rows = Int32Array.from(groupOf, (_, row) => row);
  return {
    train: rows.filter((row) => held[groupOf[row]] === 0),
    heldOut: rows.filter((row) => held[groupOf[row]] === 1),
  };
}

/** The same cut for several seeds: the spread between them shows what a difference in a table is worth. */
export function stratifiedSplits(
  count: number,
  classOfGroup: ArrayLike<number>,
  groupOf: ArrayLike<number>,
): Split[] {
  return Array.from({ length: count }, (_, i) => stratifiedSplit(classOfGroup, groupOf, 1000 + i));
}
