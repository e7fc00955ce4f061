// The example of the README's "Score a language model": node examples/score.mjs
import { Perplexity, perplexity, tokenLogProbs, topLogProbs } from 'losskit';

// As ONNX Runtime and Transformers.js give them: logits [batch, tokens, vocabulary], and the ids and mask that went in.
const logits = { data: Float32Array.from({ length: 40 }, (_, i) => 3 * Math.sin(i * i)), dims: [2, 4, 5] };
const tokens = BigInt64Array.of(1n, 3n, 0n, 4n, 2n, 1n, 4n, 0n);
const mask = BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n, 1n, 0n);

console.log(perplexity(logits, tokens, { shift: 1, mask })); // row t is the prediction of token t + 1
console.log(tokenLogProbs(logits, tokens, { shift: 1, mask })); // one a row, 0 where no token counts
console.log(topLogProbs(logits, { k: 2 }).indices.subarray(0, 4)); // what the model expected
const corpus = new Perplexity({ shift: 1 }).add(logits, tokens, { mask }); // and so on, batch by batch
console.log(corpus.tokens, corpus.bitsPerToken, corpus.bitsPerByte(23));
