/** The error table of the numerics contract as calls: the rows of some losses' own options and domains. */
import { cases, type Kind } from '../cases.js';
import type { BadCall } from './bad.js';
import { bad, goodCall, probabilities } from './good.js';
import { takes } from './configurations.js';
import { ranges } from './ranges.js';

const T = TypeError;
const R = RangeError;

export const badOptions: BadCall[] = [];
const add = (...call: Parameters<typeof bad>) => badOptions.push(bad(...call));

// Row 4 again: weights. Pointwise weights of any length that divides the number of elements stand for the last axis.
for (const each of cases) {
  const { name } = each;
  const weight = (what: string, error: BadCall['error'], says: (string | RegExp)[], weight: unknown) =>
    add(name, what, error, ['weight', ...says], { options: { weight } });
  if (!takes(each, 'weight')) {
    weight('weight, which it lacks', T, ['reduction'], new Float32Array(15));
    continue;
  }
  for (const size of [4, 6, 7])
    weight(`weight of ${size}`, R, [String(size), /5|15/], new Float32Array(size).fill(1));
  weight('weight 2-D', R, [], { data: new Float32Array(6).fill(1), dims: [6, 1] });
  weight('weight a string', T, ['string'], 'balanced');
  if (!takes(each, 'posWeight')) continue;
  const options = { posWeight: new Float32Array(4) };
  add(name, 'posWeight of 4', R, ['posWeight', '4', /5|15/], { options });
}

/** Real targets have the input's dtype. */
const real: Kind[] = ['real', 'distribution', 'count'];
for (const { name, inputs } of cases)
  for (const { name: target, kind, grad } of inputs)
    if (real.includes(kind) && !grad)
      add(name, 'mixed dtypes', T, [/float32/i, /float64/i], { inputs: { [target]: new Float64Array(15) } });

// Row 5: options out of range.
for (const { losses, option, values, bound } of ranges)
  for (const name of losses)
    for (const value of values)
      add(name, `${option} ${value}`, R, [option, String(value), bound], { options: { [option]: value } });
for (const [name, option] of [
  ['klDiv', 'logTarget'],
  ['poissonNllLoss', 'logInput'],
  ['poissonNllLoss', 'full'],
  ['gaussianNllLoss', 'full'],
  ['tripletMarginLoss', 'swap'],
  ['ctcLoss', 'fromLogits'],
  ['ctcLoss', 'zeroInfinity'],
] as const)
  add(name, `${option} 1`, T, [option, 'number', 'boolean'], { options: { [option]: 1 } });

// Row 7: probability targets know no ignoreIndex.
add('softTargetCrossEntropy', 'ignoreIndex', T, ['ignoreIndex'], { options: { ignoreIndex: 1 } });
add('crossEntropy', 'probability targets', T, ['targets', 'softTargetCrossEntropy'], {
  inputs: { targets: probabilities() },
});

// Row 9: domains.
const outside: Partial<Record<Kind, [values: number[], says: (string | RegExp)[]]>> = {
  probability: [[1.5, -0.25, Infinity, -Infinity], [/logits/]],
  variance: [[-1, -1e-30, -Infinity], []],
  sign: [[0, 2, -0.5, Infinity], [/-1|−1|±1/]],
};
for (const { name, inputs } of cases)
  inputs.forEach(({ name: input, kind, perRow }, i) => {
    const [values, says] = outside[kind] ?? [[], []];
    for (const value of values) {
      const at = perRow ? 2 : 7;
      const spoilt = goodCall(name).inputs[i] as Float32Array;
      spoilt[at] = value;
      const message = [`${input}[${at}]`, String(spoilt[at]), ...says];
      add(name, `${kind} ${value}`, R, message, { inputs: { [input]: spoilt } });
    }
  });

// Labels of several a row, ended by -1.
for (const value of [5, -2, 2 ** 31 - 1, -(2 ** 31)])
  add('multilabelMarginLoss', `label ${value}`, R, ['targets[6]', String(value), '[0, 5)'], {
    inputs: { targets: Int32Array.of(2, -1, -1, -1, -1, 2, value, -1, -1, -1, 2, -1, -1, -1, -1) },
  });

// Sequences: labels that are none, lengths that do not fit, each with its position.
const sequence = (what: string, says: (string | RegExp)[], inputs: Record<string, unknown>, options = {}) =>
  add('ctcLoss', what, R, says, { inputs, options });
for (const value of [5, 2 ** 31 - 1, -1, -(2 ** 31), 0])
  sequence(`label ${value}`, ['targets[1]', String(value), '[0, 5)', 'blank (0)'], {
    targets: Int32Array.of(1, value, 4),
  });
sequence('the blank as label', ['targets[2]', '4', 'blank (4)'], {}, { blank: 4 });
for (const value of [1.5, NaN, Infinity])
  sequence(`label ${value}`, ['targets[2]', String(value), 'integer'], { targets: [1, 2, value] });
for (const value of [2n ** 53n + 1n, -(2n ** 62n)])
  sequence(`label ${value}n`, ['targets[0]', String(value)], {
    targets: BigInt64Array.of(value, 1n, 1n),
  });
for (const [name, most] of [
  ['inputLengths', '[0, 1]'],
  ['targetLengths', '[0, 3]'],
] as const)
  for (const value of [4, -1, 0.5, NaN, 2 ** 31 - 1, 2 ** 53])
    sequence(`${name} ${value}`, [`${name}[1]`, String(value), most], { [name]: [1, value, 1] });
sequence('targetLengths beyond a row', ['targetLengths[0]', '2', '[0, 1]'], {
  targets: { data: Int32Array.of(1, 2, 4), dims: [3, 1] },
  targetLengths: Int32Array.of(2, 1, 0),
});
sequence('targets of neither form', ['targets', '3', '2'], {
  targetLengths: Int32Array.of(1, 1, 0),
  targets: [1, 2, 3, 4],
});
sequence('targets of other rows', ['targets', /2, 2/], {
  targets: { data: Int32Array.of(1, 2, 4, 1), dims: [2, 2] },
});
