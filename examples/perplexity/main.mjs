// npm start: trains a language model on real text, runs it in ONNX Runtime Web and scores held-out text with losskit.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { backend } from 'losskit';
import { checkHalves, checkLearned, checkModel } from './checks.mjs';
import { toOnnx } from './onnx.mjs';
import { printScore, printSurprises } from './report.mjs';
import { Score } from './score.mjs';
import { openSession } from './session.mjs';
import { loadTexts } from './text.mjs';
import { Tokenizer } from './tokenizer.mjs';
import { train, unigramPerplexity } from './train.mjs';
import { batches, cut } from './windows.mjs';

const VOCABULARY = 1024;
const BATCH = 4;

/** `--quick` reads a twelfth of the texts: enough to see that everything works, and a poorer model. */
const texts = loadTexts(process.argv.includes('--quick') ? 12 : 1);
const file = fileURLToPath(new URL('out/model.onnx', import.meta.url));

const begin = performance.now();
const seconds = () => `${((performance.now() - begin) / 1000).toFixed(1).padStart(5)} s`;
const count = (n) => n.toLocaleString('en');
const bytesOf = (documents) => documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);

console.log(`losskit on Node ${process.version}, backend ${backend()}`);
console.log('\n1. Text into tokens');
const tokenizer = Tokenizer.train(
  texts.train.map(({ text }) => text),
  VOCABULARY,
);
const { start } = tokenizer;
const windowsOf = (documents) => documents.flatMap(({ text }) => cut(tokenizer.encode(text), start));
const windows = { train: windowsOf(texts.train), heldOut: windowsOf(texts.heldOut) };
const tokens = windows.train.reduce((sum, window) => sum + window.length - 1, 0);
console.log(
  `  ${texts.train.length} documents of the Brown corpus to learn from, ${texts.heldOut.length} held out`,
);
console.log(
  `  ${tokenizer.size} tokens of byte-pair encoding; ${(bytesOf(texts.train) / tokens).toFixed(2)} bytes a token`,
);

console.log('\n2. Training with crossEntropy.valueAndGrad');
const unigram = unigramPerplexity(windows, tokenizer.size);
const model = train(windows.train, { vocabulary: tokenizer.size, start }, (part, perplexity) => {
  console.log(
    `  ${seconds()}  ${count(Math.round(part * tokens)).padStart(9)} tokens  training perplexity ${perplexity.toFixed(1)}`,
  );
});

console.log('\n3. ONNX');
const onnx = toOnnx(model);
mkdirSync(new URL('out/', import.meta.url), { recursive: true });
writeFileSync(file, onnx);
const run = await openSession(file);
console.log(`  out/model.onnx, ${(onnx.length / 2 ** 20).toFixed(1)} MiB, loaded in onnxruntime-web`);

console.log('\n4. Held-out text, scored with the tensors of the session');
const heldOut = [...batches(windows.heldOut, BATCH, start)];
const score = new Score();
for (const batch of heldOut) score.add(await run(batch));
printScore(score, bytesOf(texts.heldOut), unigram);
console.log('\n  The most surprising tokens, in brackets:');
printSurprises(score.surprises, tokenizer);

console.log('\n5. Checks');
const passed = [
  checkLearned(score.perplexity, unigram),
  await checkModel(score.perplexity, model, heldOut),
  await checkHalves(score.perplexity, run, heldOut),
];
console.log(`\nDone in ${seconds().trim()}.`);
if (passed.includes(false)) process.exitCode = 1;
