// What the two many-class tasks share: the losses that are compared, and the figures that are shown.
import { classWeights, crammerSingerLoss, crossEntropy, multiMarginLoss, softmaxFocalLoss } from 'losskit';
import type { Experiment } from '../lib/run.js';
import type { Column } from '../report/verdict.js';

export const classColumns: Column[] = [
  { key: 'accuracy', title: 'accuracy', digits: 1, better: 'higher' },
  { key: 'macroF1', title: 'macro-F1', digits: 1, better: 'higher' },
  { key: 'macroRecall', title: 'macro-recall', digits: 1 },
  { key: 'rareRecall', title: 'rare recall', digits: 1, better: 'higher' },
  { key: 'lowestRecall', title: 'lowest', digits: 1 },
];

export const classNote =
  'CE: crossEntropy; focal: softmaxFocalLoss; rare recall: mean of the rarest third; lowest: of the worst class';

export function classExperiments(targets: Int32Array, classes: number): Experiment<Int32Array>[] {
  const weights = (train: Int32Array): Float32Array => classWeights(train, { classes });
  /** Halfway between no weights and full ones: a row of a class 100 times rarer weighs 10 times more. */
  const softened = (train: Int32Array): Float32Array => weights(train).map(Math.sqrt);

  return [
    { label: 'CE', targets, criterion: () => crossEntropy },
    { label: 'CE, class weights', targets, criterion: (y) => crossEntropy.with({ weight: weights(y) }) },
    { label: 'CE, √ class weights', targets, criterion: (y) => crossEntropy.with({ weight: softened(y) }) },
    { label: 'CE, labelSmoothing 0.1', targets, criterion: () => crossEntropy.with({ labelSmoothing: 0.1 }) },
    { label: 'focal, gamma 2', targets, criterion: () => softmaxFocalLoss.with({ gamma: 2 }) },
    { label: 'multiMargin', targets, criterion: () => multiMarginLoss },
    { label: 'crammerSinger', targets, criterion: () => crammerSingerLoss },
  ];
}
