const BEFORE = 36;
const AFTER = 12;

const percent = (p) => (p >= 0.001 ? `${(100 * p).toFixed(1)} %` : `${(100 * p).toPrecision(1)} %`);

/** A piece between quotes, white space and parts of characters visible. */
const shown = (text) => JSON.stringify(text);

export function printScore(score, bytes, unigram) {
  const { perplexity } = score;
  const line = (name, value, note = '') => console.log(`  ${name.padEnd(16)}${value.padStart(9)}  ${note}`);
  line('perplexity', perplexity.value.toFixed(2), `of ${unigram.toFixed(2)} by frequencies alone`);
  line(
    'bits per token',
    perplexity.bitsPerToken.toFixed(3),
    `the model expected ${score.expectedBitsPerToken.toFixed(3)} (its mean entropy)`,
  );
  line(
    'bits per byte',
    perplexity.bitsPerByte(bytes).toFixed(3),
    `${perplexity.tokens} tokens, ${bytes} bytes`,
  );
  line('accuracy', percent(score.accuracy), 'of the tokens were the likeliest one');
}

/** Each with the text around it, and what the model would have bet on. */
export function printSurprises(surprises, tokenizer) {
  for (const { before, token, after, probability, entropy, expected } of surprises) {
    const left = tokenizer.decode(before).slice(-BEFORE).padStart(BEFORE);
    const right = tokenizer.decode(after).slice(0, AFTER);
    const bets = expected.map((bet) => `${shown(tokenizer.decode([bet.token]))} ${percent(bet.probability)}`);
    console.log(`  ${left}[${tokenizer.decode([token])}]${right}`);
    console.log(
      `  ${''.padStart(BEFORE)}${percent(probability)}, entropy ${(entropy / Math.LN2).toFixed(1)} bits; expected ${bets.join(', ')}`,
    );
  }
}
