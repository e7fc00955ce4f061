/** Rows of which only the features that are not zero are kept; every row begins with the constant feature 0, the bias. */
export interface SparseRows {
  /** Row r owns the entries `starts[r]` to `starts[r + 1]`. */
  starts: Int32Array;
  features: Int32Array;
  values: Float32Array;
  /** How many different features there are. */
  width: number;
}

export class SparseRowsBuilder {
  private readonly starts = [0];
  private readonly features: number[] = [];
  private readonly values: number[] = [];

  constructor(private readonly width: number) {}

  add(entries: Iterable<readonly [feature: number, value: number]>): void {
    this.features.push(0);
    this.values.push(1);
    for (const [feature, value] of entries) {
      this.features.push(feature);
      this.values.push(value);
    }
    this.starts.push(this.features.length);
  }

  build(): SparseRows {
    return {
      starts: Int32Array.from(this.starts),
      features: Int32Array.from(this.features),
      values: Float32Array.from(this.values),
      width: this.width,
    };
  }
}

/** FNV-1a of a text into the features 1 to `width - 1`; `kind` keeps the same text in two roles apart. */
export function hashFeature(text: string, width: number, kind = 0): number {
  let hash = 0x811c9dc5 ^ Math.imul(kind, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // The low bits of FNV-1a are the weak ones, and they are the ones that the remainder keeps.
  hash ^= hash >>> 15;
  return 1 + ((hash >>> 0) % (width - 1));
}

/** Hashed words, each worth 1 + log(count), scaled to length 1 so that long texts do not shout. */
export function bagOfWords(words: Iterable<string>, width: number): Map<number, number> {
  const bag = new Map<number, number>();
  for (const word of words) {
    const feature = hashFeature(word, width);
    bag.set(feature, (bag.get(feature) ?? 0) + 1);
  }
  let squares = 0;
  for (const [feature, count] of bag) {
    const value = 1 + Math.log(count);
    bag.set(feature, value);
    squares += value * value;
  }
  for (const [feature, value] of bag) bag.set(feature, value / Math.sqrt(squares));
  return bag;
}
