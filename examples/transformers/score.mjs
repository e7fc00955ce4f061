// node score.mjs [--model name] [--dtype q8] [--file texts.txt] [text …]: how well a language model foresees texts.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AutoModelForCausalLM, AutoTokenizer } from '@huggingface/transformers';
import { Perplexity } from 'losskit';
import { scoreTensors } from './scoreTensors.mjs';

const BATCH = 4;
const SHOWN = 8;
const EXAMPLES = [
  'The cat sat on the mat and looked out of the window at the rain.',
  'The cat sat on the mat and looked out of the theorem at the rain.',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'onnx-community/SmolLM2-135M-ONNX' },
    dtype: { type: 'string' },
    file: { type: 'string' },
  },
});
const paragraphs = values.file ? readFileSync(values.file, 'utf8').split(/\n\s*\n/) : [];
const given = [...positionals, ...paragraphs].filter((text) => text.trim() !== '');
const texts = given.length > 0 ? given : EXAMPLES;

const tokenizer = await AutoTokenizer.from_pretrained(values.model);
const model = await AutoModelForCausalLM.from_pretrained(values.model, { dtype: values.dtype });

const decode = (ids) =>
  tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
const shown = (ids) => decode(ids).replace(/\n/g, '⏎');
const bytesOf = (ids) => Buffer.byteLength(decode(ids));
const percent = (p) => `${(100 * p).toPrecision(2)} %`;

const total = new Perplexity();
const surprises = [];
let bytes = 0;
for (let first = 0; first < texts.length; first += BATCH) {
  const inputs = tokenizer(texts.slice(first, first + BATCH), { padding: true, truncation: true });
  const { logits } = await model(inputs);
  const scores = scoreTensors({ ...inputs, logits }, SHOWN);
  total.merge(scores.perplexity);

  const sequences = inputs.input_ids.tolist();
  const masks = inputs.attention_mask.tolist();
  sequences.forEach((ids, i) => {
    const tokens = ids.filter((_, t) => masks[i][t]);
    // The first token of a text is not foreseen, so its bytes do not count.
    bytes += bytesOf(tokens) - bytesOf(tokens.slice(0, 1));
  });
  for (const { sequence, position, ...surprise } of scores.surprises) {
    const ids = sequences[sequence];
    surprises.push({
      ...surprise,
      text: first + sequence + 1,
      before: shown(ids.slice(0, position)).slice(-36),
      after: shown(ids.slice(position + 1)).slice(0, 12),
    });
  }
}

console.log(`${values.model}: ${texts.length} texts, ${total.tokens} tokens, ${bytes} bytes`);
console.log(`perplexity ${total.value.toFixed(2)}, bits per token ${total.bitsPerToken.toFixed(3)}`);
if (bytes > 0) console.log(`bits per byte ${total.bitsPerByte(bytes).toFixed(3)}`);

console.log('\nThe most surprising tokens, in brackets:');
surprises.sort((a, b) => a.probability - b.probability);
for (const { text, before, token, after, probability, entropy, expected } of surprises.slice(0, SHOWN)) {
  const bets = expected.map((bet) => `${JSON.stringify(decode([bet.token]))} ${percent(bet.probability)}`);
  console.log(`  text ${text}: ${before}[${shown([token])}]${after}`);
  console.log(
    `    ${percent(probability)}, entropy ${(entropy / Math.LN2).toFixed(1)} bits; expected ${bets.join(', ')}`,
  );
}
