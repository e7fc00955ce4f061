// npm run example:tiny-lm: trains a language model over 8,192 words with linearCrossEntropy, which makes the logits itself.
import { backend } from 'losskit';
import { mulberry32 } from '../lib/random.js';
import { Model } from './model.js';
import { neighbours } from './neighbours.js';
import { continuation } from './sample.js';
import { loadCorpus, type Text, VOCABULARY } from './text.js';
import { train } from './train.js';
import { unigram, unigramPerplexity } from './unigram.js';

const quick = process.argv.includes('--quick');
const plan = { steps: quick ? 60 : 1200, batch: 256 };
const begin = performance.now();
const megabytes = (numbers: number) => `${Math.round((numbers * 4) / 1e6)} MB`;

/** `count` positions of the whole text, evenly spaced. */
function sampled({ tokens, positions }: Text, count: number): Text {
  const every = positions.length / count;
  return {
    tokens,
    positions: Int32Array.from({ length: count }, (_, i) => positions[Math.floor(i * every)]),
  };
}

console.log(`losskit on Node ${process.version}, backend ${backend()}`);
const { words, training, heldOut } = loadCorpus();
const test = sampled(heldOut, quick ? 8_000 : 40_000);
console.log(
  `Brown corpus: ${training.positions.length} words to train on, ${heldOut.positions.length} held out, ` +
    `${words.length} different ones; the rest is <unk>.\n`,
);

const frequencies = unigram(training, VOCABULARY);
const model = new Model(frequencies);
train(model, training, sampled(heldOut, quick ? 1_000 : 5_000), plan);

const baseline = unigramPerplexity(frequencies, test);
const own = model.perplexity(test);
console.log(`\nPerplexity of ${test.positions.length} held-out words (lower is better)`);
console.log(`  unigram, add-one  ${baseline.toFixed(1)}`);
console.log(`  this model        ${own.toFixed(1)}`);

console.log('\nNearest words by embedding');
for (const word of ['would', 'he', 'three', 'said', 'city'])
  console.log(`  ${word.padEnd(8)}${neighbours(model.embedding.vectors.value, words, word, 5).join(', ')}`);

console.log('\nHow the model goes on');
const random = mulberry32(4);
for (const prompt of ['the president of the', 'she looked at', 'it is not'])
  console.log(`  [${prompt}]${continuation(model, words, prompt, random).slice(prompt.length)}`);

console.log(`\nMemory of the logits of ${test.positions.length} held-out words, scored in one call`);
console.log(`  if they were held       ${megabytes(test.positions.length * VOCABULARY)}`);
console.log(`  most this process took  ${Math.round(process.resourceUsage().maxRSS / 1000)} MB`);
console.log(`\nDone in ${((performance.now() - begin) / 1000).toFixed(1)} s.`);

/** A model that has learned nothing but the frequencies, where its bias starts, would be within a few percent. */
if (!(own < (quick ? 0.95 : 0.7) * baseline)) {
  console.error('The model is not clearly better than the unigram model.');
  process.exitCode = 1;
}
