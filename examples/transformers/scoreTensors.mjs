// The tensors of a Transformers.js tokenizer and model -> how well the model foresaw the text. It knows no model and no text.
import { Perplexity, tokenLogProbs, topLogProbs } from 'losskit';

/**
 * 1 for each token that the model foresaw from text: not the first of a sequence, nor padding. The mask of the tokenizer alone
 * would do where padding is on the right; where it is on the left, the row before the first token of a text is about nothing.
 */
function foreseen({ data, dims: [, length] }) {
  return Int32Array.from(data, (kept, i) => (i % length > 0 && kept && data[i - 1] ? 1 : 0));
}

/** The k likeliest tokens at one row; the row keeps the type of the logits, which float16 cannot be read without. */
function likeliest({ data, type, dims }, row, k) {
  const classes = dims.at(-1);
  const one = { data: data.subarray(row * classes, (row + 1) * classes), type, dims: [1, classes] };
  const { indices, logProbs } = topLogProbs(one, { k });
  return Array.from(indices, (token, i) => ({ token, probability: Math.exp(logProbs[i]) }));
}

/**
 * @param {object} tensors as they are: logits `[batch, sequence, V]`, float32 or float16; ids and mask `[batch, sequence]`, int64
 * @param {number} count how many of the most surprising tokens to give
 */
export function scoreTensors({ logits, input_ids, attention_mask }, count = 5) {
  const options = { shift: 1, mask: foreseen(attention_mask) };
  const perplexity = new Perplexity(options).add(logits, input_ids);
  const { logProbs, entropy, argmax, accuracy } = tokenLogProbs(logits, input_ids, {
    ...options,
    stats: true,
  });
  const length = input_ids.dims[1];
  const ids = input_ids.data;
  const surprises = Array.from(argmax.keys())
    .filter((row) => argmax[row] >= 0)
    .sort((a, b) => logProbs[a] - logProbs[b])
    .slice(0, count)
    .map((row) => ({
      sequence: Math.floor(row / length),
      position: (row % length) + 1,
      token: Number(ids[row + 1]),
      probability: Math.exp(logProbs[row]),
      entropy: entropy[row],
      expected: likeliest(logits, row, 3),
    }));
  return { perplexity, accuracy, surprises };
}
