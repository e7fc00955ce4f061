// What the example claims, checked: the exit code tells, too.
import { Perplexity } from 'losskit';

/** Sums what `run` gives for each batch. */
async function sum(batches, run) {
  const perplexity = new Perplexity({ shift: 1 });
  for (const batch of batches) {
    const { logits, input_ids, attention_mask } = await run(batch);
    perplexity.add(logits, input_ids, { mask: attention_mask });
  }
  return perplexity;
}

const short = (x) => (x === 0 ? '0' : x.toExponential(1).replace('.0', ''));

function report(claim, holds) {
  console.log(`  ${claim}: ${holds ? 'yes' : 'NO'}`);
  return holds;
}

function reportEqual(claim, value, other, bound) {
  const difference = Math.abs(value - other) / Math.abs(other);
  const holds = report(claim, difference <= bound);
  console.log(
    `    ${value} and ${other}, relative difference ${short(difference)} (at most ${short(bound)})`,
  );
  return holds;
}

export function checkLearned(whole, unigram) {
  return report('the model is less than half as perplexed as frequencies alone', whole.value < unigram / 2);
}

/** The graph that ONNX Runtime runs is the model that was trained. */
export async function checkModel(whole, model, batches) {
  const own = await sum(batches, (batch) => {
    const { ids, mask, dims } = batch;
    const data = model.forward(batch, new Float32Array(ids.length * model.vocabulary));
    return { logits: { data, dims: [...dims, model.vocabulary] }, input_ids: ids, attention_mask: mask };
  });
  return reportEqual("session's perplexity equals the training code's", whole.value, own.value, 1e-5);
}

/** Two workers score a half each, and send what they have summed as JSON. */
export async function checkHalves(whole, run, batches) {
  const middle = batches.length >> 1;
  const messages = [];
  for (const half of [batches.slice(0, middle), batches.slice(middle)])
    messages.push(JSON.stringify(await sum(half, run)));
  console.log(`  two halves, as JSON: ${messages.join(' and ')}`);
  const [first, second] = messages.map((message) => Perplexity.fromJSON(JSON.parse(message)));
  return reportEqual('merged halves equal the whole', first.merge(second).value, whole.value, 1e-12);
}
