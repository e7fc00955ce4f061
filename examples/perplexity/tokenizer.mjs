// Byte-pair encoding (Sennrich et al. 2016) on bytes, as GPT-2's: no text is unknown to it, and decode(encode(text)) is text.

const BYTES = 256;
/** A word or number with the space before it, a run of marks with the space before it, or white space. */
const PIECES = / ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+/gu;
const PAIR = 2 ** 16;

const utf8 = new TextEncoder();

/** Replaces each `left`, `right` that follow each other by `merged`, in place. */
function merge(ids, left, right, merged) {
  let length = 0;
  for (let i = 0; i < ids.length; i++) {
    const hit = ids[i] === left && ids[i + 1] === right;
    ids[length++] = hit ? merged : ids[i];
    if (hit) i++;
  }
  ids.length = length;
}

/** The pairs to merge, most frequent first; counts are kept up to date for the pieces that a merge touches alone. */
function learnMerges(texts, count) {
  const frequency = new Map();
  for (const text of texts)
    for (const piece of text.match(PIECES) ?? []) frequency.set(piece, (frequency.get(piece) ?? 0) + 1);
  const pieces = [...frequency].map(([piece, times]) => ({ ids: [...utf8.encode(piece)], times }));
  /** pair -> how often it occurs, and in which pieces it has occurred. */
  const pairs = new Map();
  const tally = (piece, sign) => {
    for (let i = 1; i < piece.ids.length; i++) {
      const key = piece.ids[i - 1] * PAIR + piece.ids[i];
      let pair = pairs.get(key);
      if (!pair) pairs.set(key, (pair = { times: 0, pieces: new Set() }));
      pair.times += sign * piece.times;
      pair.pieces.add(piece);
    }
  };
  for (const piece of pieces) tally(piece, 1);

  const merges = [];
  while (merges.length < count) {
    let best = { times: 1 };
    for (const [key, pair] of pairs) if (pair.times > best.times) best = { key, ...pair };
    if (best.key === undefined) break;
    const [left, right] = [Math.floor(best.key / PAIR), best.key % PAIR];
    for (const piece of best.pieces) {
      tally(piece, -1);
      merge(piece.ids, left, right, BYTES + merges.length);
      tally(piece, 1);
    }
    pairs.delete(best.key);
    merges.push([left, right]);
  }
  return merges;
}

export class Tokenizer {
  #merges;
  #bytes;
  #cache = new Map();

  /** @param {[left: number, right: number][]} merges token `256 + i` is the two of `merges[i]` after each other */
  constructor(merges) {
    this.#merges = new Map(merges.map(([left, right], i) => [left * PAIR + right, BYTES + i]));
    this.#bytes = Array.from({ length: BYTES }, (_, byte) => [byte]);
    for (const [left, right] of merges) this.#bytes.push([...this.#bytes[left], ...this.#bytes[right]]);
    /** Stands before every text, and for what lies before a window. */
    this.start = this.#bytes.push([]) - 1;
    this.size = this.#bytes.length;
  }

  static train(texts, size) {
    return new Tokenizer(learnMerges(texts, size - BYTES - 1));
  }

  /** @returns {number[]} never `start` */
  encode(text) {
    return (text.match(PIECES) ?? []).flatMap((piece) => this.#encodePiece(piece));
  }

  /** @param {Iterable<number>} ids */
  decode(ids) {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      Uint8Array.from(Array.from(ids).flatMap((id) => this.#bytes[id])),
    );
  }

  #encodePiece(piece) {
    let ids = this.#cache.get(piece);
    if (ids) return ids;
    ids = [...utf8.encode(piece)];
    for (;;) {
      let first = Infinity;
      let at = -1;
      for (let i = 1; i < ids.length; i++) {
        const merged = this.#merges.get(ids[i - 1] * PAIR + ids[i]) ?? Infinity;
        if (merged < first) [first, at] = [merged, i];
      }
      if (at < 0) break;
      merge(ids, ids[at - 1], ids[at], first);
    }
    this.#cache.set(piece, ids);
    return ids;
  }
}
