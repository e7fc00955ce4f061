import { crossEntropy } from 'losskit';
import { NgramModel } from './model.mjs';
import { shuffled } from './shuffle.mjs';
import { batches, LENGTH } from './windows.mjs';

const BATCH = 4;
const RATE = 2;
const REPORTS = 8;

/** log p of each token by its frequency alone, one added to each. */
function logUnigram(windows, vocabulary) {
  const counts = new Float64Array(vocabulary).fill(1);
  for (const window of windows) for (const id of window.subarray(1)) counts[id]++;
  const total = counts.reduce((a, b) => a + b);
  return counts.map((count) => Math.log(count / total));
}

/** What the held-out tokens are worth to a model that knows how frequent each is in the training text, and nothing else. */
export function unigramPerplexity({ train, heldOut }, vocabulary) {
  const logProbs = logUnigram(train, vocabulary);
  let [nll, tokens] = [0, 0];
  for (const window of heldOut) {
    for (const id of window.subarray(1)) nll -= logProbs[id];
    tokens += window.length - 1;
  }
  return Math.exp(nll / tokens);
}

/**
 * One pass over the windows in random order, with a rate that falls to zero.
 *
 * @param {Int32Array[]} windows
 */
export function train(windows, { vocabulary, start }, report) {
  const model = new NgramModel(logUnigram(windows, vocabulary), start);
  const logits = new Float32Array(BATCH * LENGTH * vocabulary);
  const gradient = new Float32Array(logits.length);
  let [seen, loss, tokens] = [0, 0, 0];

  for (const batch of batches(shuffled(windows, 1), BATCH, start)) {
    const { ids, mask, dims } = batch;
    const size = ids.length * vocabulary;
    const data = model.forward(batch, logits.subarray(0, size));
    const { value, grad } = crossEntropy.valueAndGrad({ data, dims: [...dims, vocabulary] }, ids, {
      shift: 1, // the logits at t are about the token at t + 1
      mask,
      reduction: 'sum',
      grad: gradient.subarray(0, size),
    });
    model.learn(batch, grad, RATE * (1 - seen / windows.length));

    const before = Math.floor((seen * REPORTS) / windows.length);
    seen += dims[0];
    loss += value;
    tokens += mask.reduce((a, b) => a + b) - dims[0];
    if (Math.floor((seen * REPORTS) / windows.length) > before) {
      report(seen / windows.length, Math.exp(loss / tokens));
      [loss, tokens] = [0, 0];
    }
  }
  return model;
}
