/**
 * What losskit is measured against: each loss as a careful JavaScript programmer writes it by hand for exactly that case, a plain loop over
 * typed arrays with Math.exp, `mean` reduction, the gradient written to a given array. A timing process runs these on Float32Arrays alone;
 * the float64 reference is a second copy of this module run on Float64Arrays, so that the engine specialises the timed one for float32.
 */
export type Floats = Float32Array | Float64Array;

/** Mean cross-entropy of rows of `classes` logits. */
export function crossEntropyValue(x: Floats, y: Int32Array, classes: number): number {
  const rows = y.length;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(x[at + c] - max);
    total += Math.log(sum) + max - x[at + y[r]];
  }
  return total / rows;
}

/** Mean cross-entropy and its gradient; the exponentials wait in the gradient. */
export function crossEntropy(x: Floats, y: Int32Array, classes: number, g: Floats): number {
  const rows = y.length;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(x[at + c] - max);
      g[at + c] = e;
      sum += e;
    }
    total += Math.log(sum) + max - x[at + y[r]];
    const k = 1 / (sum * rows);
    for (let c = 0; c < classes; c++) g[at + c] *= k;
    g[at + y[r]] -= 1 / rows;
  }
  return total / rows;
}

export interface CrossEntropyOptions {
  weight: Floats;
  smoothing: number;
  temperature: number;
  /** 0: none. */
  softcap: number;
}

/** Mean cross-entropy with class weights, label smoothing, temperature and a soft cap. */
export function crossEntropyWith(
  x: Floats,
  y: Int32Array,
  classes: number,
  g: Floats,
  { weight, smoothing, temperature, softcap }: CrossEntropyOptions,
): number {
  const rows = y.length;
  let divisor = 0;
  for (let r = 0; r < rows; r++) divisor += weight[y[r]];
  let weights = 0;
  for (let c = 0; c < classes; c++) weights += weight[c];
  const soft = smoothing / classes;
  const logits = new Float64Array(classes);
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) {
      const v = (softcap > 0 ? softcap * Math.tanh(x[at + c] / softcap) : x[at + c]) / temperature;
      logits[c] = v;
      if (v > max) max = v;
    }
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[c] - max);
    const lse = Math.log(sum) + max;
    const hard = (1 - smoothing) * weight[y[r]];
    let loss = hard * (lse - logits[y[r]]);
    for (let c = 0; c < classes; c++) {
      loss += soft * weight[c] * (lse - logits[c]);
      const p = Math.exp(logits[c] - lse);
      const d = p * (hard + soft * weights) - soft * weight[c] - (c === y[r] ? hard : 0);
      const t = (logits[c] * temperature) / softcap;
      g[at + c] = ((softcap > 0 ? d * (1 - t * t) : d) / temperature) * (1 / divisor);
    }
    total += loss;
  }
  return total / divisor;
}

/** Mean cross-entropy of logits [batch, classes, pixels] and its gradient. */
export function crossEntropyAxis1(
  x: Floats,
  y: Int32Array,
  classes: number,
  pixels: number,
  g: Floats,
): number {
  const rows = y.length;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const pixel = r % pixels;
    const from = (r - pixel) * classes + pixel;
    const to = from + classes * pixels;
    let max = -Infinity;
    for (let i = from; i < to; i += pixels) if (x[i] > max) max = x[i];
    let sum = 0;
    for (let i = from; i < to; i += pixels) {
      const e = Math.exp(x[i] - max);
      g[i] = e;
      sum += e;
    }
    const target = from + y[r] * pixels;
    total += Math.log(sum) + max - x[target];
    const k = 1 / (sum * rows);
    for (let i = from; i < to; i += pixels) g[i] *= k;
    g[target] -= 1 / rows;
  }
  return total / rows;
}

/** Mean cross-entropy against rows of probabilities. */
export function softTargetCrossEntropy(x: Floats, q: Floats, classes: number, g: Floats): number {
  const rows = x.length / classes;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
    let sum = 0;
    let share = 0;
    let dot = 0;
    for (let c = 0; c < classes; c++) {
      const v = x[at + c] - max;
      const e = Math.exp(v);
      g[at + c] = e;
      sum += e;
      share += q[at + c];
      dot += q[at + c] * v;
    }
    total += share * Math.log(sum) - dot;
    const k = share / sum;
    for (let c = 0; c < classes; c++) g[at + c] = (g[at + c] * k - q[at + c]) / rows;
  }
  return total / rows;
}

/** Mean softmax focal loss −(1 − p)^γ log p with γ = 2. */
export function softmaxFocal(x: Floats, y: Int32Array, classes: number, g: Floats): number {
  const rows = y.length;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) if (x[at + c] > max) max = x[at + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(x[at + c] - max);
      g[at + c] = e;
      sum += e;
    }
    const nll = Math.log(sum) + max - x[at + y[r]];
    const p = g[at + y[r]] / sum;
    const q = 1 - p;
    total += q * q * nll;
    const k = (q * q + 2 * q * p * nll) / rows;
    for (let c = 0; c < classes; c++) g[at + c] *= k / sum;
    g[at + y[r]] -= k;
  }
  return total / rows;
}

/** Mean negative log-likelihood of rows of log-probabilities. */
export function nll(x: Floats, y: Int32Array, classes: number, g: Floats): number {
  const rows = y.length;
  let total = 0;
  g.fill(0);
  for (let r = 0; r < rows; r++) {
    total -= x[r * classes + y[r]];
    g[r * classes + y[r]] = -1 / rows;
  }
  return total / rows;
}

/** Mean multi-class margin loss with p = 1 and margin 1. */
export function multiMargin(x: Floats, y: Int32Array, classes: number, g: Floats): number {
  const rows = y.length;
  const k = 1 / (rows * classes);
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    const lead = 1 - x[at + y[r]];
    let above = 0;
    for (let c = 0; c < classes; c++) {
      const z = lead + x[at + c];
      if (z > 0 && c !== y[r]) {
        total += z;
        above++;
        g[at + c] = k;
      } else {
        g[at + c] = 0;
      }
    }
    g[at + y[r]] = -above * k;
  }
  return total * k;
}

/** Mean Crammer–Singer loss with margin 1. */
export function crammerSinger(x: Floats, y: Int32Array, classes: number, g: Floats): number {
  const rows = y.length;
  let total = 0;
  g.fill(0);
  for (let r = 0; r < rows; r++) {
    const at = r * classes;
    let rival = -1;
    let max = -Infinity;
    for (let c = 0; c < classes; c++) {
      if (x[at + c] > max && c !== y[r]) {
        max = x[at + c];
        rival = c;
      }
    }
    const z = 1 + max - x[at + y[r]];
    if (z > 0) {
      total += z;
      g[at + rival] = 1 / rows;
      g[at + y[r]] = -1 / rows;
    }
  }
  return total / rows;
}
