/**
 * The sums over all alignments of a list of labels with frames, forward and backward (Graves et al. 2006), in log space: a state a label and
 * one for the blank around each, so 2S + 1 of them. Knows neither inputs nor gradients; holds its buffers from sample to sample.
 */

/** log(e^a + e^b + e^c), the largest one's own 1 kept out of the sum; −inf where all are. */
function logSum(a: number, b: number, c: number): number {
  if (b > a) {
    const swapped = a;
    a = b;
    b = swapped;
  }
  if (c > a) {
    const swapped = a;
    a = c;
    c = swapped;
  }
  return a === -Infinity ? a : a + Math.log1p(Math.exp(b - a) + Math.exp(c - a));
}

export class CtcLattice {
  states = 0;
  /** The class of each state. */
  classOf = new Int32Array(0);
  /** What a frame gives each state: the logarithm of its class's probability. */
  emitted = new Float64Array(0);
  /** The share of all alignments that are in each state, for the frame of the last `occupy`. */
  shares = new Float64Array(0);
  #frames = 0;
  /** Whether a state can be entered from the one before the last: a label after the blank after another label. */
  #skips = new Uint8Array(0);
  /**
   * log of the sum over the alignments of the frames so far that end in a state: a row a frame, or without a gradient two rows in turn. A row is
   * less its largest, which goes to #height: over thousands of frames small numbers keep digits that large ones lose.
   */
  #ways = new Float64Array(0);
  #height = 0;
  #kept = 0;
  /** The same of the frames to come that begin behind a state. */
  #rest = new Float64Array(0);

  /** Sets up labels[from] to labels[to - 1] against `frames` frames; `keep`: there will be a way back. */
  begin(labels: Int32Array, from: number, to: number, blank: number, frames: number, keep: boolean): void {
    const states = 2 * (to - from) + 1;
    this.states = states;
    this.#frames = frames;
    this.#kept = keep ? frames : Math.min(frames, 2);
    this.#height = 0;
    this.#reserve();
    const { classOf } = this;
    for (let s = 0; s < states; s++) {
      classOf[s] = s % 2 === 0 ? blank : labels[from + (s - 1) / 2];
      this.#skips[s] = s % 2 === 1 && s > 2 && classOf[s] !== classOf[s - 2] ? 1 : 0;
    }
  }

  #reserve(): void {
    const { states } = this;
    if (this.classOf.length < states) {
      this.classOf = new Int32Array(states);
      this.emitted = new Float64Array(states);
      this.shares = new Float64Array(states);
      this.#skips = new Uint8Array(states);
      this.#rest = new Float64Array(states);
    }
    if (this.#ways.length < this.#kept * states) this.#ways = new Float64Array(this.#kept * states);
  }

  /** Takes what frame t emitted; frames come in order. */
  forward(t: number): void {
    const { states, emitted } = this;
    const ways = this.#ways;
    const skips = this.#skips;
    const to = (t % this.#kept) * states;
    ways.fill(-Infinity, to, to + states);
    if (t === 0) {
      ways[to] = emitted[0];
      if (states > 1) ways[to + 1] = emitted[1];
      return;
    }
    const from = ((t - 1) % this.#kept) * states;
    // What cannot be reached yet, and what cannot reach the end any more, stays −inf.
    const low = Math.max(0, states - 2 * (this.#frames - t));
    const high = Math.min(states, 2 * t + 2);
    let top = -Infinity;
    for (let s = low; s < high; s++) {
      const i = from + s;
      const step = s > 0 ? ways[i - 1] : -Infinity;
      const skip = skips[s] !== 0 ? ways[i - 2] : -Infinity;
      const way = emitted[s] + logSum(ways[i], step, skip);
      ways[to + s] = way;
      if (way > top) top = way;
    }
    if (top === -Infinity) return;
    for (let s = low; s < high; s++) ways[to + s] -= top;
    this.#height += top;
  }

  /** The logarithm of the sum over all alignments, when all frames have gone forward. */
  total(): number {
    const end = ((this.#frames - 1) % this.#kept) * this.states + this.states - 1;
    const last = this.states > 1 ? this.#ways[end - 1] : -Infinity;
    return this.#height + logSum(this.#ways[end], last, -Infinity);
  }

  /** `shares` of frame t, when the frames after it have gone backward. */
  occupy(t: number): void {
    const { states, shares } = this;
    const ways = this.#ways;
    const rest = this.#rest;
    if (t === this.#frames - 1) {
      rest.fill(-Infinity, 0, states);
      rest[states - 1] = 0;
      if (states > 1) rest[states - 2] = 0;
    }
    const from = t * states;
    let max = -Infinity;
    for (let s = 0; s < states; s++) {
      shares[s] = ways[from + s] + rest[s];
      if (shares[s] > max) max = shares[s];
    }
    // Divided by their own sum, not by the total: what rounding has done to all of them alike goes.
    let sum = 0;
    for (let s = 0; s < states; s++) sum += shares[s] = Math.exp(shares[s] - max);
    for (let s = 0; s < states; s++) shares[s] /= sum;
  }

  /** Takes what a frame emitted, last frame first. */
  backward(): void {
    const { states, emitted } = this;
    const rest = this.#rest;
    const skips = this.#skips;
    // Less the largest, as the ways: `occupy` divides what is common out.
    let top = -Infinity;
    for (let s = 0; s < states; s++) {
      rest[s] += emitted[s];
      if (rest[s] > top) top = rest[s];
    }
    if (top > -Infinity) for (let s = 0; s < states; s++) rest[s] -= top;
    for (let s = 0; s < states; s++) {
      const step = s + 1 < states ? rest[s + 1] : -Infinity;
      const skip = s + 2 < states && skips[s + 2] !== 0 ? rest[s + 2] : -Infinity;
      rest[s] = logSum(rest[s], step, skip);
    }
  }
}
