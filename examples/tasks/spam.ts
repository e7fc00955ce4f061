// (a) Spam or not: an unbalanced two-class problem, one logit a message.
import { binaryCrossEntropyWithLogits, hingeLoss, sigmoidFocalLoss, squaredHingeLoss } from 'losskit';
import { loadSpam } from '../data/spam.js';
import { stratifiedSplits } from '../data/split.js';
import { bagOfWords, SparseRowsBuilder } from '../lib/features.js';
import { binaryMetrics } from '../lib/metrics.js';
import type { Experiment, Task } from '../lib/run.js';
import type { Column } from '../report/verdict.js';

const WIDTH = 2 ** 13;

export const spamColumns: Column[] = [
  { key: 'accuracy', title: 'accuracy', digits: 1 },
  { key: 'hamRecall', title: 'ham recall', digits: 1, better: 'higher' },
  { key: 'spamRecall', title: 'spam recall', digits: 1, better: 'higher' },
  { key: 'precision', title: 'precision', digits: 1 },
  { key: 'f1', title: 'F1', digits: 1, better: 'higher' },
  { key: 'averagePrecision', title: 'avg prec', digits: 1, better: 'higher' },
];

export function spamTask(): { task: Task; experiments: Experiment<Float32Array>[] } {
  const { messages, total } = loadSpam();
  const builder = new SparseRowsBuilder(WIDTH);
  for (const { words } of messages) builder.add(bagOfWords(words, WIDTH));

  const zeroOne = Float32Array.from(messages, ({ spam }) => (spam ? 1 : 0));
  const signs = zeroOne.map((label) => 2 * label - 1);
  const spams = zeroOne.reduce((a, b) => a + b, 0);
  const splits = stratifiedSplits(
    5,
    zeroOne,
    Int32Array.from(messages, (_, i) => i),
  );
  const share = ((100 * spams) / messages.length).toFixed(1);

  const task: Task = {
    title: 'Spam',
    notes: [
      `${messages.length} different messages (of ${total}), ${share} % spam; ${splits[0].heldOut.length} held out; mean of ${splits.length} splits`,
      'bce: binaryCrossEntropyWithLogits; focal: sigmoidFocalLoss, gamma 2; posWeight: the hams to a spam, about 7',
    ],
    rows: builder.build(),
    splits,
    fit: { outputs: 1, epochs: 12, batchSize: 32, learningRate: 0.05 },
    evaluate: (logits, heldOut) =>
      binaryMetrics(
        logits,
        Array.from(heldOut, (row) => messages[row].spam),
      ),
  };

  const bce = binaryCrossEntropyWithLogits;
  const focal = sigmoidFocalLoss;
  /** How many hams there are to a spam: with this as posWeight both classes weigh the same. */
  const balance = (train: Float32Array): number =>
    train.filter((y) => y <= 0).length / train.filter((y) => y > 0).length;

  const experiments: Experiment<Float32Array>[] = [
    { label: 'bce', targets: zeroOne, criterion: () => bce },
    { label: 'bce, posWeight', targets: zeroOne, criterion: (y) => bce.with({ posWeight: balance(y) }) },
    {
      label: 'bce, labelSmoothing 0.1',
      targets: zeroOne,
      criterion: () => bce.with({ labelSmoothing: 0.1 }),
    },
    { label: 'focal, alpha 0.25', targets: zeroOne, criterion: () => focal },
    { label: 'focal, alpha null', targets: zeroOne, criterion: () => focal.with({ alpha: null }) },
    { label: 'focal, alpha 0.85', targets: zeroOne, criterion: () => focal.with({ alpha: 0.85 }) },
    { label: 'hinge', targets: signs, criterion: () => hingeLoss },
    {
      label: 'hinge, posWeight',
      targets: signs,
      criterion: (y) => hingeLoss.with({ posWeight: balance(y) }),
    },
    { label: 'hinge², margin 1', targets: signs, criterion: () => squaredHingeLoss },
    { label: 'hinge², margin 3', targets: signs, criterion: () => squaredHingeLoss.with({ margin: 3 }) },
    {
      label: 'hinge², posWeight',
      targets: signs,
      criterion: (y) => squaredHingeLoss.with({ posWeight: balance(y) }),
    },
  ];
  return { task, experiments };
}
