/** Losses of vectors. The list with the targets is in cases.ts. */
import { cosineEmbeddingLoss, tripletMarginLoss } from 'losskit';
import * as loops from './baselinesEmbedding.js';
import { type Case, faster, wide } from './case.js';
import { Random } from './data.js';

export function cosineEmbedding(rows: number, dim: number, target: number): Case {
  const n = rows * dim;
  return faster(`cosineEmbeddingLoss [${rows},${dim}]`, target, n, 16 * n, () => {
    const random = new Random(n);
    const [a, b, t] = [random.normals(n), random.normals(n), random.labels(rows, -1, 1)];
    // Cosines of about 0.2, which is the margin: every second pair of different ones costs something.
    for (let i = 0; i < n; i++) b[i] += 0.2 * a[i];
    const plain = [new Float32Array(n), new Float32Array(n)];
    const grad = { input1: new Float32Array(n), input2: new Float32Array(n) };
    const options = { margin: 0.2, grad };
    return {
      outputs: [grad.input1, grad.input2],
      subject: () => cosineEmbeddingLoss.valueAndGrad(a, b, t, options).value,
      other: () => loops.cosineEmbedding(a, b, t, dim, plain[0], plain[1]),
      reference: (copy, ga, gb) => copy.embedding.cosineEmbedding(wide(a), wide(b), wide(t), dim, ga, gb),
    };
  });
}

export function tripletMargin(rows: number, dim: number, target: number): Case {
  const n = rows * dim;
  return faster(`tripletMarginLoss [${rows},${dim}]`, target, n, 24 * n, () => {
    const random = new Random(n);
    const [a, p, m] = [random.normals(n), random.normals(n), random.normals(n)];
    const plain = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
    const grad = {
      anchor: new Float32Array(n),
      positive: new Float32Array(n),
      negative: new Float32Array(n),
    };
    const options = { dim, grad };
    return {
      outputs: [grad.anchor, grad.positive, grad.negative],
      subject: () => tripletMarginLoss.valueAndGrad(a, p, m, options).value,
      other: () => loops.tripletMargin(a, p, m, dim, plain[0], plain[1], plain[2]),
      reference: (copy, ga, gp, gn) =>
        copy.embedding.tripletMargin(wide(a), wide(p), wide(m), dim, ga, gp, gn),
    };
  });
}
