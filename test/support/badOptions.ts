/** The error table of the numerics contract as calls: the rows of some losses' own options and domains. */
import { cases } from '../cases.js';
import type { BadCall } from './bad.js';
import { bad, labels, probabilities } from './good.js';

const T = TypeError;
const R = RangeError;
const all = cases.map((each) => each.name);

export const badOptions: BadCall[] = [];

// Row 4 again: weights. Pointwise weights of any length that divides the number of elements stand for the last axis.
const weightless = ['smoothL1Loss'];
for (const name of all.filter((each) => !weightless.includes(each))) {
  for (const size of [4, 6, 7])
    badOptions.push(
      bad(name, `weight of ${size}`, R, ['weight', String(size), /5|15/], {
        options: { weight: new Float32Array(size).fill(1) },
      }),
    );
  badOptions.push(
    bad(name, 'weight 2-D', R, ['weight'], {
      options: { weight: { data: new Float32Array(6).fill(1), dims: [6, 1] } },
    }),
  );
  badOptions.push(bad(name, 'weight a string', T, ['weight', 'string'], { options: { weight: 'balanced' } }));
}
badOptions.push(
  bad('smoothL1Loss', 'weight, which it lacks', T, ['weight', 'beta'], {
    options: { weight: new Float32Array(15) },
  }),
);
for (const name of ['binaryCrossEntropyWithLogits', 'sigmoidFocalLoss', 'hingeLoss', 'squaredHingeLoss']) {
  badOptions.push(
    bad(name, 'posWeight of 4', R, ['posWeight', '4', /5|15/], {
      options: { posWeight: new Float32Array(4) },
    }),
  );
}
for (const name of ['softTargetCrossEntropy', 'mseLoss', 'l1Loss', 'smoothL1Loss', 'huberLoss']) {
  badOptions.push(bad(name, 'mixed dtypes', T, [/float32/i, /float64/i], { target: new Float64Array(15) }));
}

// Row 5: options out of range.
const ranges: [string[], string, unknown[], string | RegExp][] = [
  [
    ['crossEntropy', 'softTargetCrossEntropy', 'binaryCrossEntropyWithLogits'],
    'labelSmoothing',
    [-0.1, 1.1, NaN],
    /0.*1/,
  ],
  [['smoothL1Loss'], 'beta', [-1, NaN], '0'],
  [['huberLoss'], 'delta', [0, -1, NaN], '0'],
  [['crossEntropy'], 'temperature', [0, -2, NaN], '0'],
  [['crossEntropy'], 'softcap', [0, -30, NaN], '0'],
  [['sigmoidFocalLoss', 'softmaxFocalLoss'], 'gamma', [-1, NaN], '0'],
  [['sigmoidFocalLoss'], 'alpha', [1.5], '1'],
  [['multiMarginLoss'], 'p', [0, 3, 1.5, NaN], /1.*2/],
];
for (const [names, option, values, bound] of ranges) {
  for (const name of names) {
    for (const value of values) {
      badOptions.push(
        bad(name, `${option} ${value}`, R, [option, String(value), bound], { options: { [option]: value } }),
      );
    }
  }
}

// Row 7: probability targets know no ignoreIndex.
badOptions.push(
  bad('softTargetCrossEntropy', 'ignoreIndex', T, ['ignoreIndex'], { options: { ignoreIndex: 1 } }),
);
badOptions.push(
  bad('crossEntropy', 'probability targets', T, ['targets', 'softTargetCrossEntropy'], {
    target: probabilities(),
  }),
);

// Row 9: domains.
for (const value of [1.5, -0.25, Infinity, -Infinity]) {
  const input = probabilities();
  input[7] = value;
  badOptions.push(
    bad(
      'binaryCrossEntropy',
      `probability ${value}`,
      R,
      ['input[7]', String(value), 'binaryCrossEntropyWithLogits'],
      { input },
    ),
  );
}
for (const name of ['hingeLoss', 'squaredHingeLoss']) {
  for (const value of [0, 2, -0.5, Infinity]) {
    const target = labels();
    target[7] = value;
    badOptions.push(bad(name, `label ${value}`, R, ['target[7]', String(value), /-1|−1|±1/], { target }));
  }
}
