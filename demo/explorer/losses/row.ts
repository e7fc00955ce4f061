/** The losses of a row of numbers, one a class: their rows, targets, formulas and sources. */
import type { RowEntry } from '../entry.js';

const tex = String.raw;
const torch = (name: string) =>
  [
    `torch.nn.functional.${name}`,
    `https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.${name}.html`,
  ] as const;
const paper = (number: string) => [`arXiv:${number}`, `https://arxiv.org/abs/${number}`] as const;

const logits = {
  kind: 'row',
  group: 'classification',
  unit: 'logit',
  range: [-6, 6],
  start: [1.2, 0.4, -0.8, -0.2],
  targets: 'index',
  startTarget: 1,
  call: 'rows',
  probability: 'softmax',
  names: ['logits', 'targets'],
} as const;
const scores = {
  ...logits,
  unit: 'score',
  range: [-3, 3],
  probability: undefined,
  names: ['input', 'targets'],
} as const;
const masks = {
  ...logits,
  unit: 'probability',
  range: [0, 1],
  start: [0.8, 0.3, 0.6, 0.1],
  targets: 'mask',
  startTargets: [1, 1, 0, 0],
  probability: undefined,
  names: ['input', 'target'],
} as const;
const students = {
  ...logits,
  group: 'divergence',
  targets: 'teacher',
  startTargets: [2, -1, 0.5, -1],
  names: ['student', 'teacher'],
} as const;

export const rowLosses: Readonly<Record<string, RowEntry>> = {
  crossEntropy: {
    ...logits,
    about: 'Negative log of the target’s probability: the gradient is softmax minus one-hot.',
    formula: tex`\ell = -\log \frac{e^{x_y}}{\sum_j e^{x_j}} = \log \sum_j e^{x_j} - x_y`,
    tries: [
      ['label smoothing', 'labelSmoothing=0.2&values=1.2,5,-0.8,-0.2'],
      ['hot and flat', 'temperature=5'],
      ['capped logits', 'softcap=5'],
      ['a z-loss', 'zLoss=0.01&values=1.2,6,5,-0.2'],
    ],
    source: torch('cross_entropy'),
  },
  softTargetCrossEntropy: {
    ...logits,
    targets: 'distribution',
    startTargets: [0.1, 0.7, 0.2, 0],
    about: 'Cross-entropy against a distribution instead of one class.',
    formula: tex`\ell = -\sum_j q_j \log p_j,\quad p = \text{softmax}(x)`,
    source: torch('cross_entropy'),
  },
  nllLoss: {
    ...logits,
    unit: 'log-prob.',
    range: [-6, 0],
    start: [-0.7, -1.4, -2.8, -2.1],
    probability: undefined,
    names: ['logProbs', 'targets'],
    about: 'Takes log-probabilities as they are: only the target’s counts.',
    formula: tex`\ell = -x_y`,
    source: torch('nll_loss'),
  },
  softmaxFocalLoss: {
    ...logits,
    about: 'Cross-entropy that counts well classified rows less.',
    formula: tex`\ell = -(1 - p_y)^\gamma \log p_y,\quad p = \text{softmax}(x)`,
    tries: [['gamma 0 is cross-entropy', 'gamma=0']],
    source: paper('1708.02002'),
  },
  poly1Loss: {
    ...logits,
    about: 'Cross-entropy with its first polynomial term changed.',
    formula: tex`\ell = -\log p_y + \epsilon (1 - p_y)`,
    tries: [['epsilon −1: less pull far off', 'epsilon=-1']],
    source: paper('2204.12511'),
  },
  multiMarginLoss: {
    ...scores,
    about: 'Every class that comes within the margin of the target costs.',
    formula: tex`\ell = \frac{1}{C} \sum_{j \ne y} \max(0, m - x_y + x_j)^p`,
    tries: [['squared', 'p=2']],
    source: torch('multi_margin_loss'),
  },
  crammerSingerLoss: {
    ...scores,
    about: 'Only the strongest rival within the margin costs.',
    formula: tex`\ell = \max(0, m + \max_{j \ne y} x_j - x_y)`,
    source: [
      'On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines',
      'https://www.jmlr.org/papers/v2/crammer01a.html',
    ],
  },
  multilabelMarginLoss: {
    ...scores,
    targets: 'labels',
    startTargets: [0, 1, 0, 1],
    about: 'Each label of the row ahead of each class that is none, by 1.',
    formula: tex`\ell = \frac{1}{C} \sum_{y \in Y} \sum_{j \notin Y} \max(0, 1 - x_y + x_j)`,
    source: torch('multilabel_margin_loss'),
  },
  multilabelSoftMarginLoss: {
    ...logits,
    targets: 'mask',
    startTargets: [0, 1, 0, 1],
    probability: 'sigmoid',
    names: ['input', 'target'],
    about: 'A binary cross-entropy a class, and their mean.',
    formula: tex`\ell = -\frac{1}{C} \sum_j ( t_j \log \sigma(x_j) + (1-t_j) \log \sigma(-x_j) )`,
    source: torch('multilabel_soft_margin_loss'),
  },
  diceLoss: {
    ...masks,
    about: 'One minus the overlap of probabilities and mask, over the whole row.',
    formula: tex`\ell = 1 - \frac{TP + s}{TP + \frac{1}{2} FP + \frac{1}{2} FN + s}`,
    source: paper('1606.04797'),
  },
  tverskyLoss: {
    ...masks,
    about: 'Dice with separate prices for false positives and false negatives.',
    formula: tex`\ell = 1 - \frac{TP + s}{TP + \alpha FP + \beta FN + s}`,
    tries: [['misses cost more than false alarms', 'alpha=0.1&beta=0.9&select=1']],
    source: paper('1706.05721'),
  },
  linearCrossEntropy: {
    ...logits,
    call: 'linear',
    without: ['accumulate'],
    names: ['hidden', 'head', 'targets'],
    about: 'Cross-entropy of hidden · headᵀ, without ever holding all the logits.',
    formula: tex`\ell = \log \sum_j e^{h \cdot w_j} - h \cdot w_y`,
    source: paper('2411.09009'),
    like: 'crossEntropy',
    note: 'Here the head is the identity, so that the hidden state is the logits:',
  },
  sampledSoftmaxLoss: {
    ...logits,
    call: 'sampled',
    rest: [
      { name: 'expected', label: 'log of the expected count of a sampled class', start: -1, range: [-4, 1] },
    ],
    names: ['hidden', 'head', 'targets'],
    about: 'Cross-entropy among a few sampled classes, corrected for how often they are drawn.',
    formula: tex`\ell = \log( e^{x_y} + \sum_{j \in S, j \ne y} e^{x_j - \log c_j} ) - x_y`,
    source: paper('1412.2007'),
    like: 'crossEntropy',
    note: 'Here every class is sampled, the head is the identity and the target’s own log-count is 0. With log-count 0 it is the same curve:',
  },
  distillationLoss: {
    ...students,
    about: 'Brings a student’s softened distribution to a teacher’s.',
    formula: tex`\ell = T^2 KL(\text{softmax}(z/T), \text{softmax}(x/T))`,
    formulaBy: ({ direction }) =>
      direction === 'reverse' ? tex`\ell = T^2 KL(\text{softmax}(x/T), \text{softmax}(z/T))` : undefined,
    tries: [
      ['a temperature of 4', 'temperature=4'],
      ['the reverse', 'direction=reverse'],
    ],
    source: paper('1503.02531'),
  },
  jsDivergence: {
    ...students,
    about: 'Both compared with their mixture: bounded, and between the two KL.',
    formula: tex`\ell = \beta KL(q, m) + (1-\beta) KL(p, m),\quad m = \beta q + (1-\beta) p`,
    tries: [
      ['beta 0 is KL(teacher, student)', 'beta=0'],
      ['beta 1 the reverse', 'beta=1'],
    ],
    source: paper('2306.13649'),
  },
  ctcLoss: {
    ...logits,
    group: 'preference',
    call: 'frames',
    targets: 'sequence',
    startTarget: 1,
    start: [-0.5, 1.5, 0, 1, 0.5, -0.5, 0.5, -1, 1, 0.5, 0, 0.8],
    names: ['logits', 'targets', 'inputLengths', 'targetLengths'],
    // Its mean divides by the number of labels, too.
    fixed: { fromLogits: true, reduction: 'sum' },
    about: 'All the ways in which frames can spell the labels, summed.',
    formula: tex`\ell = -\log \sum_{a \to y} \prod_t p_t(a_t)`,
    tries: [['labels that need more frames', 'class=3']],
    source: torch('ctc_loss'),
    note: 'Four frames of blank, a and b. The curve moves one of the twelve logits.',
  },
};

/** The labels that ctcLoss is asked to find, as class numbers; 0 is the blank. */
export const sequences: readonly (readonly [name: string, labels: readonly number[]])[] = [
  ['a', [1]],
  ['ab', [1, 2]],
  ['aa', [1, 1]],
  ['aba', [1, 2, 1]],
];
