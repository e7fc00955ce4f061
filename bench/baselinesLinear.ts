/** Linear cross-entropy as plain loops: see baselines.ts for what the baselines are. One row of logits at a time. */

/** Mean cross-entropy of x · headᵀ; its gradients to dx and dHead. */
export function linearLoops(
  x: Float32Array,
  head: Float32Array,
  y: Int32Array,
  dx: Float32Array,
  dHead: Float32Array,
): number {
  const rows = y.length;
  const width = x.length / rows;
  const classes = head.length / width;
  const logits = new Float32Array(classes);
  dx.fill(0);
  dHead.fill(0);
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * width;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) {
      let sum = 0;
      for (let i = 0, w = c * width; i < width; i++) sum += x[at + i] * head[w + i];
      logits[c] = sum;
      if (sum > max) max = sum;
    }
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[c] - max);
    total += Math.log(sum) + max - logits[y[r]];
    for (let c = 0; c < classes; c++) {
      const slope = (Math.exp(logits[c] - max) / sum - (c === y[r] ? 1 : 0)) / rows;
      for (let i = 0, w = c * width; i < width; i++) {
        dx[at + i] += slope * head[w + i];
        dHead[w + i] += slope * x[at + i];
      }
    }
  }
  return total / rows;
}
