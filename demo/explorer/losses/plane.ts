/** The losses of embeddings, as points of a plane: where they start, formulas and sources. */
import type { PlaneEntry } from '../entry.js';

const tex = String.raw;
const torch = (name: string) =>
  [
    `torch.nn.functional.${name}`,
    `https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.${name}.html`,
  ] as const;
const plane = { kind: 'plane', group: 'embedding' } as const;

export const planeLosses: Readonly<Record<string, PlaneEntry>> = {
  cosineEmbeddingLoss: {
    ...plane,
    points: ['input1', 'input2'],
    start: [1.5, 0, 1.1, 1.1],
    moves: 1,
    over: 'angle',
    target: {
      name: 'target',
      label: 'target',
      start: 1,
      choices: [
        [-1, '−1, apart'],
        [1, '+1, alike'],
      ],
    },
    about: 'Turns embeddings of a pair towards each other, or apart up to a margin.',
    formula: tex`\ell = \cases{ 1 - \cos(x_1, x_2) & t = 1 \\ \max(0, \cos(x_1, x_2) - m) & t = -1 }`,
    tries: [['apart by a right angle', 'target=-1']],
    source: torch('cosine_embedding_loss'),
  },
  tripletMarginLoss: {
    ...plane,
    points: ['anchor', 'positive', 'negative'],
    start: [-0.6, -0.3, 0.5, 0.3, 0, -1],
    moves: 2,
    over: 'distance',
    about: 'The negative is to be farther from the anchor than the positive, by a margin.',
    formula: tex`\ell = \max(0, m + |a - p|_p - |a - n|_p)`,
    tries: [
      ['far enough: nothing moves', 'values=-0.6,-0.3,0.2,0.1,1.5,-1.2'],
      ['swap: the positive is nearer to the negative', 'values=-0.6,-0.3,0.7,-0.5,0.9,-1&swap=true'],
    ],
    source: torch('triplet_margin_loss'),
  },
  infoNceLoss: {
    ...plane,
    points: ['query', 'positive', 'negative 1', 'negative 2'],
    start: [1.5, 0, 1.3, 0.75, 1.1, -0.9, -0.6, 1.2],
    moves: 1,
    over: 'angle',
    negatives: 2,
    fixed: { mode: 'paired' },
    about: 'Cross-entropy of a query’s similarities: its positive among negatives.',
    formula: tex`\ell = -\log \frac{e^{s_+ / \tau}}{e^{s_+ / \tau} + \sum_j e^{s_j / \tau}}`,
    tries: [
      ['a high temperature sees all negatives', 'temperature=1'],
      ['a low one the nearest', 'temperature=0.02'],
    ],
    source: ['arXiv:1807.03748', 'https://arxiv.org/abs/1807.03748'],
    note: 'One query with negatives of its own, mode ‘paired’. The other modes are the same curve of other pairs.',
  },
};
