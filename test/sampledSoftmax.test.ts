/** sampledSoftmaxLoss against its definition, gradients against central differences; all classes sampled is crossEntropy. */
import { beforeEach, describe, expect, test } from 'vitest';
import { linearCrossEntropy, sampledSoftmaxLoss, type SampledSoftmaxLossOptions } from '../src/index.js';
import { expectSlopes } from './support/differences.js';
import { differs, judge } from './support/judge.js';
import { asArray, BACKENDS, force, platforms } from './support/library.js';
import { random } from './support/random.js';
import { realArray } from './support/sample.js';

interface Task {
  n: number;
  h: number;
  targets: Int32Array;
  sampled: Int32Array;
  logExpectedCount: Float64Array;
  targetLogExpectedCount: Float64Array;
}

interface Weights {
  hidden: ArrayLike<number>;
  head: ArrayLike<number>;
  bias?: ArrayLike<number> | null;
}

/** One loss a row, term by term. */
function losses({ n, h, ...task }: Task, { hidden, head, bias }: Weights, removes = true): number[] {
  return Array.from({ length: n }, (_, i) => {
    const score = (c: number) => {
      let sum = bias ? bias[c]! : 0;
      for (let k = 0; k < h; k++) sum += hidden[i * h + k]! * head[c * h + k]!;
      return sum;
    };
    const y = task.targets[i]!;
    const own = score(y) - task.targetLogExpectedCount[i]!;
    let sum = Math.exp(own);
    task.sampled.forEach((c, s) => {
      if (!removes || c !== y) sum += Math.exp(score(c) - task.logExpectedCount[s]!);
    });
    return Math.log(sum) - own;
  });
}

function make(n: number, h: number, v: number, samples: number, seed: number) {
  const r = random(seed);
  const real = (length: number) => Float64Array.from({ length }, () => Math.fround(r.normal()));
  const task: Task = {
    n,
    h,
    targets: Int32Array.from({ length: n }, () => r.integer(0, v - 1)),
    sampled: Int32Array.from({ length: samples }, () => r.integer(0, v - 1)),
    logExpectedCount: real(samples),
    targetLogExpectedCount: real(n),
  };
  return { task, hidden: real(n * h), head: real(v * h), bias: real(v) };
}

const optionsOf = ({ sampled, logExpectedCount, targetLogExpectedCount }: Task) => ({
  sampled,
  logExpectedCount,
  targetLogExpectedCount,
});

describe.each(platforms)('$backend $precision', ({ backend, precision }) => {
  beforeEach(() => force(backend));
  const Kind = realArray(precision);

  test('losses, with and without a bias and accidental hits', () => {
    for (const [n, h, v, samples] of [
      [1, 1, 2, 1],
      [7, 5, 12, 9],
      [300, 6, 50, 70],
    ] as const) {
      const { task, hidden, head, bias } = make(n, h, v, samples, n);
      for (const withBias of [true, false]) {
        for (const removeAccidentalHits of [true, false]) {
          const options = {
            ...optionsOf(task),
            bias: withBias ? Kind.from(bias) : null,
            removeAccidentalHits,
            reduction: 'none',
          } as const;
          const want = losses(task, { hidden, head, bias: withBias ? bias : null }, removeAccidentalHits);
          const got = sampledSoftmaxLoss(Kind.from(hidden), Kind.from(head), task.targets, options);
          expect(got).toBeInstanceOf(Kind);
          const ofLargest = precision === 'float32' ? 1e-5 : 1e-12;
          const { worst, at } = judge(got, want, { precision, ofLargest });
          expect(worst, at).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  test('all classes sampled, each expected once: linearCrossEntropy', () => {
    const { task, hidden, head, bias } = make(9, 5, 11, 0, 3);
    const every = Int32Array.from({ length: 11 }, (_, c) => c);
    const options = {
      sampled: every,
      logExpectedCount: new Float64Array(11),
      targetLogExpectedCount: new Float64Array(9),
      bias: Kind.from(bias),
    };
    const got = sampledSoftmaxLoss.valueAndGrad(Kind.from(hidden), Kind.from(head), task.targets, options);
    const want = linearCrossEntropy.valueAndGrad(Kind.from(hidden), Kind.from(head), task.targets, {
      bias: Kind.from(bias),
    });
    const near = (a: ArrayLike<number>, b: ArrayLike<number>) => {
      const { worst, at } = judge(a, b, { precision, ofLargest: precision === 'float32' ? 2e-6 : 1e-13 });
      expect(worst, at).toBeLessThanOrEqual(1);
    };
    near(asArray(got.value), asArray(want.value));
    for (const key of ['hidden', 'head', 'bias'] as const) near(got.grad[key], want.grad[key]);
    // In place of hidden, and without the head's.
    const place = Kind.from(hidden);
    const frozen = sampledSoftmaxLoss.valueAndGrad(place, Kind.from(head), task.targets, {
      ...options,
      grad: { hidden: place, head: null },
    });
    expect(frozen.grad.head).toBeNull();
    expect(differs(place, got.grad.hidden)).toBe(-1);
  });

  test('no sample at all, no rows', () => {
    const { task, hidden, head } = make(3, 2, 4, 0, 1);
    const { value, grad } = sampledSoftmaxLoss.valueAndGrad(
      Kind.from(hidden),
      Kind.from(head),
      task.targets,
      optionsOf(task),
    );
    expect(value).toBe(0);
    expect(grad.head.every((g) => g === 0)).toBe(true);
    const none = { sampled: [0], logExpectedCount: [0], targetLogExpectedCount: [], shape: [0, 2] };
    expect(sampledSoftmaxLoss(new Kind(0), Kind.from(head), [], none)).toBeNaN();
  });
});

test.each(BACKENDS)('%s: central differences, 200 configurations', (backend) => {
  force(backend);
  for (let k = 0; k < 200; k++) {
    const r = random(k);
    const [n, h, v, samples] = [r.integer(1, 3), r.integer(1, 3), r.integer(2, 5), r.integer(0, 4)];
    const { task, ...inputs } = make(n, h, v, samples, k);
    const removeAccidentalHits = k % 3 > 0;
    const up = Float64Array.from({ length: n }, () => r.normal());
    const value = (at: typeof inputs) =>
      losses(task, at, removeAccidentalHits).reduce((sum, l, i) => sum + l * up[i]!, 0);
    const { grad } = sampledSoftmaxLoss.valueAndGrad(inputs.hidden, inputs.head, task.targets, {
      ...optionsOf(task),
      bias: inputs.bias,
      removeAccidentalHits,
      reduction: 'none',
      gradOutput: up,
    });
    expectSlopes(inputs, value, grad);
  }
});

test('refuses what does not fit, by name', () => {
  const { task, hidden, head } = make(3, 2, 4, 2, 1);
  const cases: [object, typeof RangeError, RegExp][] = [
    [{ sampled: undefined }, TypeError, /sampled is undefined/],
    [{ logExpectedCount: undefined }, TypeError, /logExpectedCount is undefined/],
    [{ targetLogExpectedCount: undefined }, TypeError, /targetLogExpectedCount is undefined/],
    [{ sampled: [0, 4] }, RangeError, /sampled\[1\] is 4.*\[0, 4\)/],
    [{ sampled: [0, 1, 2] }, RangeError, /logExpectedCount has 2.*3/],
    [{ targetLogExpectedCount: [0] }, RangeError, /targetLogExpectedCount has 1.*3/],
    [{ bias: new Float64Array(3) }, RangeError, /bias has 3.*4/],
    [{ bias: new Float32Array(4) }, TypeError, /bias is float32/],
    [{ removeAccidentalHits: 1 }, TypeError, /removeAccidentalHits/],
    [{ ignoreIndex: 1 }, TypeError, /unknown option 'ignoreIndex'/],
  ];
  for (const [options, error, says] of cases) {
    const bad = () =>
      sampledSoftmaxLoss(hidden, head, task.targets, {
        ...optionsOf(task),
        ...options,
      } as SampledSoftmaxLossOptions);
    expect(bad, String(says)).toThrow(error);
    expect(bad).toThrow(says);
    expect(bad).toThrow('sampledSoftmaxLoss: ');
  }
  const far = Int32Array.of(0, 1, 4);
  expect(() => sampledSoftmaxLoss(hidden, head, far, optionsOf(task))).toThrow(/targets\[2\] is 4/);
});
