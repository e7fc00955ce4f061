// Token ids -> windows of one length -> batches, the shape in which a model is trained and scored.

/** Tokens a window. */
export const LENGTH = 128;

/**
 * @typedef {object} Batch
 * @property {[batch: number, sequence: number]} dims
 * @property {Int32Array} ids `start` after the end of a text
 * @property {Int32Array} mask 1 for a token, 0 after the end of a text
 */

/**
 * The windows of one text overlap by a token, and the first one begins with `start`: so every token of the text is the
 * target of exactly one row, and bits per byte counts the very bytes that were predicted.
 *
 * @param {number[]} tokens
 */
export function cut(tokens, start) {
  const ids = Int32Array.of(start, ...tokens);
  const windows = [];
  for (let at = 0; at + 1 < ids.length; at += LENGTH - 1) windows.push(ids.subarray(at, at + LENGTH));
  return windows;
}

/**
 * @param {Int32Array[]} windows
 * @returns {Generator<Batch>}
 */
export function* batches(windows, size, start) {
  for (let first = 0; first < windows.length; first += size) {
    const group = windows.slice(first, first + size);
    const ids = new Int32Array(group.length * LENGTH).fill(start);
    const mask = new Int32Array(ids.length);
    group.forEach((window, i) => {
      ids.set(window, i * LENGTH);
      mask.fill(1, i * LENGTH, i * LENGTH + window.length);
    });
    yield { dims: [group.length, LENGTH], ids, mask };
  }
}
