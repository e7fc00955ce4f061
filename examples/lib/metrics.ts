/** Held-out figures of one run, by name; shares are in per cent. */
export type Metrics = Record<string, number>;

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

/** A message is called spam where its logit is above 0. Average precision looks at the order alone, not at that line. */
export function binaryMetrics(logits: Float32Array, positive: ArrayLike<boolean>): Metrics {
  const counts = { hit: 0, miss: 0, falseAlarm: 0, rejection: 0 };
  for (let i = 0; i < logits.length; i++) {
    if (positive[i]) counts[logits[i] > 0 ? 'hit' : 'miss']++;
    else counts[logits[i] > 0 ? 'falseAlarm' : 'rejection']++;
  }
  const { hit, miss, falseAlarm, rejection } = counts;
  const order = Array.from(logits, (_, i) => i).sort((a, b) => logits[b] - logits[a] || a - b);
  let [found, precisions] = [0, 0];
  order.forEach((row, rank) => {
    if (positive[row]) precisions += ++found / (rank + 1);
  });
  return {
    accuracy: percent(hit + rejection, logits.length),
    hamRecall: percent(rejection, rejection + falseAlarm),
    spamRecall: percent(hit, hit + miss),
    precision: percent(hit, hit + falseAlarm),
    f1: percent(2 * hit, 2 * hit + miss + falseAlarm),
    averagePrecision: percent(precisions, hit + miss),
  };
}

/** `table[truth * classes + answer]`: how often `answer` was given where `truth` was right. */
export function confusion(logits: Float32Array, truth: Int32Array, classes: number): Float64Array {
  const table = new Float64Array(classes * classes);
  for (let i = 0; i < truth.length; i++) {
    let best = i * classes;
    for (let k = best + 1; k < (i + 1) * classes; k++) if (logits[k] > logits[best]) best = k;
    table[truth[i] * classes + best - i * classes]++;
  }
  return table;
}

/**
 * Accuracy counts rows; the others count every class alike, however rare it is. `rareRecall` is the mean of the rarest
 * third of the classes. A class that no row belongs to has no recall and is left out.
 */
export function classMetrics(table: Float64Array, classes: number): Metrics {
  const truths = new Float64Array(classes);
  const answers = new Float64Array(classes);
  for (let i = 0; i < table.length; i++) {
    truths[Math.floor(i / classes)] += table[i];
    answers[i % classes] += table[i];
  }
  const hits = truths.map((_, c) => table[c * (classes + 1)]);
  const present = Array.from(truths, (_, c) => c)
    .filter((c) => truths[c] > 0)
    .sort((a, b) => truths[a] - truths[b]);
  const recall = present.map((c) => percent(hits[c], truths[c]));
  const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
  const average = (values: number[]): number => sum(values) / values.length;
  return {
    accuracy: percent(sum(hits), sum(truths)),
    macroF1: average(present.map((c) => percent(2 * hits[c], truths[c] + answers[c]))),
    macroRecall: average(recall),
    rareRecall: average(recall.slice(0, Math.round(recall.length / 3))),
    lowestRecall: Math.min(...recall),
  };
}

export function regressionMetrics(predicted: ArrayLike<number>, truth: ArrayLike<number>): Metrics {
  const errors = Float64Array.from(predicted, (value, i) => Math.abs(value - truth[i])).sort();
  const n = errors.length;
  return {
    mae: errors.reduce((a, b) => a + b, 0) / n,
    rmse: Math.sqrt(errors.reduce((a, b) => a + b * b, 0) / n),
    median: (errors[(n - 1) >> 1] + errors[n >> 1]) / 2,
  };
}
