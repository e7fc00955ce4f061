/** The cases of three arrays and two gradients. The list with the targets is in cases.ts. */
import { gaussianNllLoss, marginRankingLoss } from 'losskit';
import * as loops from './baselinesTernary.js';
import { type Case, faster, wide } from './case.js';
import { Random } from './data.js';
import { sized } from './pointwiseCases.js';

/** Three arrays read, two written. */
const bytes = (n: number) => 20 * n;

export function gaussianNll(n: number, target: number): Case {
  return faster(`gaussianNllLoss ${sized(n)}`, target, n, bytes(n), () => {
    const random = new Random(n);
    const [x, t, v] = [random.normals(n, 2), random.normals(n, 2), random.uniforms(n, 0.1, 4)];
    const plain = [new Float32Array(n), new Float32Array(n)];
    const grad = { input: new Float32Array(n), variance: new Float32Array(n) };
    const options = { grad };
    return {
      outputs: [grad.input, grad.variance],
      subject: () => gaussianNllLoss.valueAndGrad(x, t, v, options).value,
      other: () => loops.gaussianNll(x, t, v, plain[0], plain[1]),
      reference: (copy, gx, gv) => copy.ternary.gaussianNll(wide(x), wide(t), wide(v), gx, gv),
    };
  });
}

export function marginRanking(n: number, target: number): Case {
  return faster(`marginRankingLoss ${sized(n)}`, target, n, bytes(n), () => {
    const random = new Random(n);
    const [a, b, t] = [random.normals(n), random.normals(n), random.labels(n, -1, 1)];
    const plain = [new Float32Array(n), new Float32Array(n)];
    const grad = { input1: new Float32Array(n), input2: new Float32Array(n) };
    const options = { grad, margin: 0.5 };
    return {
      outputs: [grad.input1, grad.input2],
      subject: () => marginRankingLoss.valueAndGrad(a, b, t, options).value,
      other: () => loops.marginRanking(a, b, t, plain[0], plain[1]),
      reference: (copy, ga, gb) => copy.ternary.marginRanking(wide(a), wide(b), wide(t), ga, gb),
    };
  });
}
