// Scores text with the tensors of a session as they are: losskit reads their data, dims and types, int64 included.
import { Perplexity, tokenLogProbs, topLogProbs } from 'losskit';

const SURPRISES = 8;

/** Sums over batches, of any number and in any order. */
export class Score {
  /** Row t of the logits is about token t + 1: `shift` tells this, so that the ids need not be cut. */
  perplexity = new Perplexity({ shift: 1 });
  /** The most surprising tokens so far, least probable first. */
  surprises = [];
  #entropy = 0;
  #right = 0;

  add({ logits, input_ids, attention_mask }) {
    const mask = attention_mask;
    this.perplexity.add(logits, input_ids, { mask });

    const { logProbs, entropy, argmax } = tokenLogProbs(logits, input_ids, { shift: 1, mask, stats: true });
    for (let row = 0; row < logProbs.length; row++) {
      if (argmax[row] < 0) continue; // the end of a window, or after the end of a text
      this.#entropy += entropy[row];
      this.#right += argmax[row] === Number(input_ids.data[row + 1]) ? 1 : 0;
      this.#remember(logProbs[row], entropy[row], row, logits, input_ids);
    }
  }

  /** What the model expected of itself: equal to the bits per token it needed if its probabilities are right. */
  get expectedBitsPerToken() {
    return this.#entropy / this.perplexity.tokens / Math.LN2;
  }

  /** The share of tokens that were the likeliest. */
  get accuracy() {
    return this.#right / this.perplexity.tokens;
  }

  #remember(logProb, entropy, row, logits, input_ids) {
    const { surprises } = this;
    if (surprises.length === SURPRISES && logProb >= surprises[SURPRISES - 1].logProb) return;
    const [, length, classes] = logits.dims;
    const top = topLogProbs(logits.data.subarray(row * classes, (row + 1) * classes), { k: 3 });
    const window = row - (row % length);
    surprises.push({
      probability: Math.exp(logProb),
      logProb,
      entropy,
      before: Array.from(input_ids.data.subarray(window, row + 1), Number),
      token: Number(input_ids.data[row + 1]),
      after: Array.from(input_ids.data.subarray(row + 2, window + length), Number),
      expected: Array.from(top.indices, (token, i) => ({ token, probability: Math.exp(top.logProbs[i]) })),
    });
    surprises.sort((a, b) => a.logProb - b.logProb);
    surprises.length = Math.min(surprises.length, SURPRISES);
  }
}
