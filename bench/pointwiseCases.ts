/** The pointwise cases: data, calls and comparisons. The list with the targets is in cases.ts. */
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  createArena,
  hingeEmbeddingLoss,
  hingeLoss,
  huberLoss,
  klDiv,
  l1Loss,
  logCoshLoss,
  mseLoss,
  poissonNllLoss,
  quantileLoss,
  sigmoidFocalLoss,
  smoothL1Loss,
  softMarginLoss,
  squaredHingeLoss,
} from 'losskit';
import * as pointwiseLoops from './baselinesPointwise.js';
import { type Case, type Kind, wide } from './case.js';
import { Random, saturated } from './data.js';

type PointwiseCall = (x: Float32Array, t: Float32Array, options: { grad: Float32Array }) => number;
type PointwiseData = (random: Random, n: number) => [Float32Array, Float32Array];

/** A pointwise loss and everything that is needed to run it and its plain loop. */
export interface Pointwise {
  readonly name: string;
  readonly loop: keyof typeof pointwiseLoops;
  readonly data: PointwiseData;
  readonly call: PointwiseCall;
}

const real: PointwiseData = (random, n) => [random.normals(n, 2), random.normals(n, 2)];
const bits: PointwiseData = (random, n) => [random.normals(n, 3), random.labels(n, 0, 1)];
const signs: PointwiseData = (random, n) => [random.normals(n, 2), random.labels(n, -1, 1)];
const chances: PointwiseData = (random, n) => [random.uniforms(n, 0.01, 0.99), random.labels(n, 0, 1)];
const logs = (random: Random, n: number) => random.uniforms(n, 0.01, 1).map(Math.log);
const divergence: PointwiseData = (random, n) => [logs(random, n), random.uniforms(n, 0, 0.02)];
const logDivergence: PointwiseData = (random, n) => [logs(random, n), logs(random, n)];
const counts: PointwiseData = (random, n) => [random.normals(n), Float32Array.from(random.classes(n, 6))];
const tails: PointwiseData = (random, n) => [saturated(random, n), random.labels(n, 0, 1)];

export const mse: Pointwise = {
  name: 'mseLoss',
  loop: 'mse',
  data: real,
  call: (x, t, o) => mseLoss.valueAndGrad(x, t, o).value,
};
export const bce: Pointwise = {
  name: 'binaryCrossEntropyWithLogits',
  loop: 'binaryCrossEntropyWithLogits',
  data: bits,
  call: (x, t, o) => binaryCrossEntropyWithLogits.valueAndGrad(x, t, o).value,
};
export const focal: Pointwise = {
  name: 'sigmoidFocalLoss',
  loop: 'sigmoidFocal',
  data: bits,
  call: (x, t, o) => sigmoidFocalLoss.valueAndGrad(x, t, o).value,
};
export const hinge: Pointwise = {
  name: 'hingeLoss',
  loop: 'hinge',
  data: signs,
  call: (x, t, o) => hingeLoss.valueAndGrad(x, t, o).value,
};
export const otherPointwise: Pointwise[] = [
  { name: 'l1Loss', loop: 'l1', data: real, call: (x, t, o) => l1Loss.valueAndGrad(x, t, o).value },
  {
    name: 'smoothL1Loss',
    loop: 'smoothL1',
    data: real,
    call: (x, t, o) => smoothL1Loss.valueAndGrad(x, t, o).value,
  },
  {
    name: 'huberLoss',
    loop: 'huber',
    data: real,
    call: (x, t, o) => huberLoss.valueAndGrad(x, t, { delta: 1.5, ...o }).value,
  },
  {
    name: 'binaryCrossEntropy',
    loop: 'binaryCrossEntropy',
    data: chances,
    call: (x, t, o) => binaryCrossEntropy.valueAndGrad(x, t, o).value,
  },
  {
    name: 'squaredHingeLoss',
    loop: 'squaredHinge',
    data: signs,
    call: (x, t, o) => squaredHingeLoss.valueAndGrad(x, t, o).value,
  },
];

/** With an exponential or a logarithm. */
export const transcendental: Pointwise[] = [
  {
    name: 'logCoshLoss',
    loop: 'logCosh',
    data: real,
    call: (x, t, o) => logCoshLoss.valueAndGrad(x, t, o).value,
  },
  { name: 'klDiv', loop: 'klDiv', data: divergence, call: (x, t, o) => klDiv.valueAndGrad(x, t, o).value },
  {
    name: 'klDiv logTarget',
    loop: 'klDivLogTarget',
    data: logDivergence,
    call: (x, t, o) => klDiv.valueAndGrad(x, t, { logTarget: true, ...o }).value,
  },
  {
    name: 'poissonNllLoss',
    loop: 'poissonNll',
    data: counts,
    call: (x, t, o) => poissonNllLoss.valueAndGrad(x, t, o).value,
  },
  {
    name: 'softMarginLoss',
    loop: 'softMargin',
    data: signs,
    call: (x, t, o) => softMarginLoss.valueAndGrad(x, t, o).value,
  },
];
/** Without. */
export const arithmetic: Pointwise[] = [
  {
    name: 'quantileLoss',
    loop: 'quantile',
    data: real,
    call: (x, t, o) => quantileLoss.valueAndGrad(x, t, { quantile: 0.7, ...o }).value,
  },
  {
    name: 'hingeEmbeddingLoss',
    loop: 'hingeEmbedding',
    data: (random, n) => [random.uniforms(n, 0, 2), random.labels(n, -1, 1)],
    call: (x, t, o) => hingeEmbeddingLoss.valueAndGrad(x, t, o).value,
  },
];

export const sized = (n: number): string => (n >= 1e4 ? n.toExponential().replace('e+', 'e') : String(n));

export function pointwise(
  loss: Pointwise,
  n: number,
  target: number,
  kind: Kind = 'faster',
  arena = false,
): Case {
  const name = `${kind === 'tiny' ? 'tiny ' : arena ? 'arena ' : ''}${loss.name} ${sized(n)}`;
  return {
    name,
    kind,
    target,
    elements: n,
    bytes: 12 * n,
    process: kind === 'tiny' ? `tiny ${loss.name}` : name,
    prepare() {
      const loops = pointwiseLoops;
      const [x, t] = loss.data(new Random(n), n);
      const plain = new Float32Array(n);
      const place = arena ? createArena({ bytes: 12 * n + 4096 }) : undefined;
      const ours = [x, t, new Float32Array(n)].map((values) => {
        const there = place?.float32(n);
        there?.set(values);
        return there ?? values;
      });
      const options = { grad: ours[2] };
      return {
        outputs: [options.grad],
        subject: () => loss.call(ours[0], ours[1], options),
        other: () => loops[loss.loop](x, t, plain),
        reference: (copy, grad) => copy.pointwise[loss.loop](wide(x), wide(t), grad),
      };
    },
  };
}

/** Saturated logits against ordinary ones. */
export function saturation(loss: Pointwise, n: number): Case {
  const name = `saturated ${loss.name} ${sized(n)}`;
  return {
    name,
    kind: 'cost',
    target: 1.25,
    elements: n,
    bytes: 12 * n,
    process: name,
    prepare() {
      const [x, t] = tails(new Random(n), n);
      const [plainX, plainT] = loss.data(new Random(n), n);
      const options = { grad: new Float32Array(n) };
      return {
        outputs: [options.grad],
        subject: () => loss.call(x, t, options),
        other: () => loss.call(plainX, plainT, options),
        reference: (copy, grad) => copy.pointwise[loss.loop](wide(x), wide(t), grad),
      };
    },
  };
}
