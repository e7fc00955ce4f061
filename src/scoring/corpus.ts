import { crossEntropy } from '../kernels/modules/crossEntropy.js';
import { kindOf, OptionTable, type Settled } from '../options.js';
import { commonOptions } from '../parameters.js';
import type { IndexArray, RealArray } from '../types.js';
import { runScoring, type ScoringOptions, scoringOf, scoringParameters, sumOnly } from './score.js';

/** What `Perplexity` is as JSON: two sums. An infinite or undefined one is a string, which JSON keeps. */
export interface PerplexitySums {
  /** Σ −log p(token), in nats. */
  nll: number | string;
  /** How many tokens counted. */
  tokens: number;
}

const table = new OptionTable('Perplexity', scoringParameters, commonOptions('shape', 'axis', 'classes'));

/**
 * Perplexity over any number of batches, windows, workers or machines: Σ −log p and the number of tokens, never a mean of means.
 *
 *     value = exp(nll / tokens),  bitsPerToken = nll / tokens / ln 2,  bitsPerByte(bytes) = nll / bytes / ln 2
 *
 * Without a token all three are NaN. The sum is compensated (Neumaier 1974), so that neither the order nor the number of batches shows. To another
 * worker it goes as toJSON(): a structured clone of it would be empty.
 *
 * @category Language models
 */
export class Perplexity {
  readonly #options: Settled;
  #sum = 0;
  /** What rounding has taken from #sum. */
  #lost = 0;
  #tokens = 0;

  /** With the options that every `add` has in common, as for `perplexity`. */
  constructor(options?: ScoringOptions) {
    this.#options = table.settle(options, table.defaults);
  }

  /**
   * Adds the tokens of one batch; logits, targets and options as tokenLogProbs. Gives itself.
   *
   * @throws RangeError for a target outside [0, C), sizes that do not fit, an option out of its range; TypeError for a wrong kind of array, a tensor
   * that is not on the CPU, an unknown option. Nothing is added then.
   */
  add(logits: RealArray, targets: IndexArray, options?: ScoringOptions): this {
    const settled = table.settle(options, this.#options);
    const scoring = scoringOf('Perplexity.add', logits, targets, settled);
    this.#include(runScoring(crossEntropy, scoring, settled, sumOnly), scoring.targets.counted);
    return this;
  }

  /** Adds what another one has summed. Gives itself. */
  merge(other: Perplexity): this {
    if (!(other instanceof Perplexity))
      throw new TypeError(
        `Perplexity.merge: other is ${kindOf(other)}, expected a Perplexity (of its JSON: Perplexity.fromJSON)`,
      );
    const [sum, lost, tokens] = [other.#sum, other.#lost, other.#tokens];
    this.#include(sum, tokens);
    this.#include(lost, 0);
    return this;
  }

  #include(nll: number, tokens: number): void {
    const sum = this.#sum + nll;
    // An infinite sum has lost nothing: inf - inf would make it NaN.
    if (Number.isFinite(sum))
      this.#lost += Math.abs(this.#sum) >= Math.abs(nll) ? this.#sum - sum + nll : nll - sum + this.#sum;
    this.#sum = sum;
    this.#tokens += tokens;
  }

  /** The perplexity. */
  get value(): number {
    return Math.exp(this.nll / this.#tokens);
  }

  /** Σ −log p(token), in nats. */
  get nll(): number {
    return this.#sum + this.#lost;
  }

  /** How many tokens counted. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Bits a token. */
  get bitsPerToken(): number {
    return this.nll / this.#tokens / Math.LN2;
  }

  /** Bits a byte of the text that the tokens stand for, comparable between tokenizers. `bytes` > 0: those of the tokens that counted. */
  bitsPerByte(bytes: number): number {
    if (typeof bytes !== 'number')
      throw new TypeError(`Perplexity.bitsPerByte: bytes is ${kindOf(bytes)}, expected a number`);
    if (!(bytes > 0) || bytes === Infinity)
      throw new RangeError(`Perplexity.bitsPerByte: bytes is ${bytes}, expected a finite number > 0`);
    return this.#tokens === 0 ? NaN : this.nll / bytes / Math.LN2;
  }

  /** What JSON.stringify takes of it; `fromJSON` takes it back. */
  toJSON(): PerplexitySums {
    const { nll, tokens } = this;
    return { nll: Number.isFinite(nll) ? nll : String(nll), tokens };
  }

  /** From what toJSON gave, parsed. Options are those of a new one. */
  static fromJSON(sums: PerplexitySums, options?: ScoringOptions): Perplexity {
    if (sums === null || typeof sums !== 'object')
      throw new TypeError(`Perplexity.fromJSON: sums is ${kindOf(sums)}, expected { nll, tokens }`);
    const { nll, tokens } = sums;
    if (typeof nll !== 'number' && nll !== 'Infinity' && nll !== 'NaN')
      throw new TypeError(`Perplexity.fromJSON: nll is ${kindOf(nll)}, expected a number`);
    if (typeof tokens !== 'number')
      throw new TypeError(`Perplexity.fromJSON: tokens is ${kindOf(tokens)}, expected a number`);
    if (Number(nll) < 0) throw new RangeError(`Perplexity.fromJSON: nll is ${nll}, expected a number >= 0`);
    if (!Number.isSafeInteger(tokens) || tokens < 0 || (tokens === 0 && nll !== 0))
      throw new RangeError(
        `Perplexity.fromJSON: tokens is ${tokens}, expected an integer >= ${tokens === 0 ? 1 : 0}`,
      );
    const made = new this(options);
    made.#include(Number(nll), tokens);
    return made;
  }
}
