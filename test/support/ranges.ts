/** Options out of their ranges: what the error tables and the fuzz of bad calls give them. */
interface Range {
  losses: readonly string[];
  option: string;
  values: readonly number[];
  /** What the message says of the range. */
  bound: string | RegExp;
}

const of = (
  option: string,
  values: readonly number[],
  bound: Range['bound'],
  ...losses: string[]
): Range => ({
  losses,
  option,
  values,
  bound,
});

export const ranges: readonly Range[] = [
  of(
    'labelSmoothing',
    [-0.1, -1e-9, 1.1, 1 + 1e-9, NaN, Infinity],
    /0.*1/,
    'crossEntropy',
    'softTargetCrossEntropy',
    'binaryCrossEntropyWithLogits',
  ),
  of('temperature', [0, -2, NaN], '0', 'crossEntropy'),
  of('softcap', [0, -30, NaN], '0', 'crossEntropy'),
  of('beta', [-1, -1e-9, NaN], '0', 'smoothL1Loss', 'tverskyLoss'),
  of('delta', [0, -1, NaN], '0', 'huberLoss'),
  of('gamma', [-1, -1e-9, NaN], '0', 'sigmoidFocalLoss', 'softmaxFocalLoss'),
  of('alpha', [1.5, 1 + 1e-9], '1', 'sigmoidFocalLoss'),
  of('alpha', [-0.5, NaN], '0', 'tverskyLoss'),
  of('p', [0, 3, -1, 1.5, NaN, 7.5], /1.*2/, 'multiMarginLoss'),
  of('quantile', [0, 1, -0.5, 1.5, NaN], /0.*1/, 'quantileLoss'),
  of('eps', [-1e-9, -1, NaN], '0', 'poissonNllLoss', 'gaussianNllLoss', 'tripletMarginLoss'),
  of('margin', [0, -1, NaN], '0', 'tripletMarginLoss'),
  of('p', [0, 0.5, 0.999, -1, NaN, Infinity], '1', 'tripletMarginLoss'),
  of('smooth', [-1, -1e-9, NaN], '0', 'diceLoss', 'tverskyLoss'),
  of('blank', [-1, 5, 2 ** 31, 0.5, NaN], 'integer', 'ctcLoss'),
  of('dim', [0, -5, 2.5, NaN], 'integer', 'cosineEmbeddingLoss', 'tripletMarginLoss'),
  of('margin', [NaN], 'finite', 'hingeEmbeddingLoss', 'marginRankingLoss', 'cosineEmbeddingLoss'),
  of('epsilon', [NaN], 'finite', 'poly1Loss'),
];
